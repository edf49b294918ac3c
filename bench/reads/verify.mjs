// Before anything is measured: everybody answers the same, and that is what the data say.
import { isDeepStrictEqual } from 'node:util';
import { postText } from './graphql.mjs';
import { EXPECTED } from './queries.mjs';

/** So many of a case's variables are tried, spread over all. */
const TRIED = 50;

export async function verify(company, cases, contenders) {
  for (const one of cases) {
    const step = Math.max(1, Math.floor(one.variables.length / TRIED));
    const tried = one.variables.filter((_, index) => index % step === 0);
    for (const contender of contenders) {
      // Prepared bytes are one answer.
      for (const variables of contender.key === 'static' ? one.variables.slice(0, 1) : tried) {
        const answer = await postText(contender.url(one), contender.body(one, variables), contender.headers);
        // Objects are compared by their keys, whatever their order.
        const expected = { data: EXPECTED[one.query](company, variables) };
        if (!isDeepStrictEqual(JSON.parse(answer), JSON.parse(JSON.stringify(expected)))) {
          throw new Error(
            `${contender.title} answers ${one.name} ${JSON.stringify(variables)} otherwise than the data say:\n` +
              `${answer.slice(0, 1_500)}\nand not\n${JSON.stringify(expected).slice(0, 1_500)}`,
          );
        }
      }
    }
  }
}
