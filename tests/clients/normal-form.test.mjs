// Random documents, answered by the server and by graphql-js over what the server had recorded: the same data with its keys in
// the same order, errors at the same paths, refused by both or by neither, and every mutation run as often.
//
//   NORMAL_FORM_DOCUMENTS=500000 NORMAL_FORM_SEED=7 npm test -- normal-form
import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import { before, describe, test } from 'node:test';
import { bearer, graphqlUrl, query } from './support/env.mjs';
import { dice } from './support/dice.mjs';
import { makeDocument } from './support/documents.mjs';
import { makeOracle, readStrictSchema, record } from './support/recording.mjs';

const DOCUMENTS = Number(process.env.NORMAL_FORM_DOCUMENTS ?? 20_000);
const SEED = Number(process.env.NORMAL_FORM_SEED ?? Math.floor(Math.random() * 2 ** 31));
/** Messages are counted after so many documents. */
const BATCH = 500;
const LANES = 8;

const agent = new Agent({ keepAlive: true, maxSockets: LANES });

/** Posts with connections that are kept; `fetch` takes as long as the server does. */
function ask(body) {
  return new Promise((resolve, reject) => {
    const headers = { ...bearer(), 'content-type': 'application/json', accept: 'application/json' };
    const sent = request(graphqlUrl, { method: 'POST', agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => (text += part));
      response.on('end', () => resolve(JSON.parse(text)));
    });
    sent.on('error', reject).end(JSON.stringify(body));
  });
}

const sentSoFar = async () => (await query('{ messages(first: 1) { totalCount } }')).messages.totalCount;

/** Refusals in which the server may differ: its limits, and where it refuses before anything runs. */
const OWN = [
  (error) => error.extensions?.code === 'LIMIT_EXCEEDED',
  // graphql-js fails where it meets the condition, if it does.
  (error) => error.message.includes('`if` is null'),
  // graphql-js 16 forgets this rule of the specification where the input object itself is non-null.
  (error) => error.message.includes('must not be nullable to be the one field'),
];

/** What differs between an answer and the oracle's, or nothing. */
function difference(answer, oracle) {
  const refused = !('data' in answer);
  if (refused !== (oracle.refused !== undefined)) {
    if (refused && answer.errors.every((error) => OWN.some((own) => own(error)))) return undefined;
    return refused ? 'refused by the server only' : 'refused by graphql-js only';
  }
  if (refused) return undefined;
  if (JSON.stringify(answer.data) !== JSON.stringify(oracle.data)) return 'other data';
  const paths = (errors = []) => errors.map(({ path }) => JSON.stringify(path)).sort().join();
  return paths(answer.errors) === paths(oracle.errors) ? undefined : 'errors at other paths';
}

describe(`${DOCUMENTS} random documents, seed ${SEED}`, { concurrency: 1 }, () => {
  const schema = readStrictSchema();
  let recording;
  let oracle;

  before(async () => {
    recording = await record(schema);
    oracle = makeOracle(schema, recording);
  });

  test('are answered as graphql-js answers them', async () => {
    const die = dice(SEED);
    const tally = { same: 0, refused: 0, failed: 0, mutations: 0, unrecorded: 0 };
    const differing = [];
    for (let done = 0; done < DOCUMENTS && differing.length < 3; done += BATCH) {
      const cases = Array.from({ length: Math.min(BATCH, DOCUMENTS - done) }, () => makeDocument(schema, recording.roots, die));
      const before = await sentSoFar();
      let expected = 0;
      let at = 0;
      const lane = async () => {
        while (at < cases.length) {
          const { text, variables, operationName } = cases[at++];
          const wanted = oracle(text, variables, operationName);
          if (wanted.unrecorded) {
            tally.unrecorded += 1;
            continue;
          }
          const answer = await ask({ query: text, variables, operationName });
          expected += 'data' in answer ? (wanted.sent ?? 0) : 0;
          const what = difference(answer, wanted);
          if (what) differing.push(`${what}\n${text}\n${JSON.stringify(variables)}\nserver: ${JSON.stringify(answer)}\ngraphql-js: ${JSON.stringify(wanted)}`);
          tally.same += what ? 0 : 1;
          tally.refused += wanted.refused === undefined ? 0 : 1;
          tally.failed += wanted.errors ? 1 : 0;
          tally.mutations += wanted.sent ?? 0;
        }
      };
      await Promise.all(Array.from({ length: LANES }, lane));
      assert.deepEqual(differing, []);
      assert.equal((await sentSoFar()) - before, expected, 'messages that were sent');
    }
    assert.equal(differing.length, 0, differing.join('\n\n'));
    console.log(`seed ${SEED}: ${JSON.stringify(tally)}`);
    // A test that says little of most documents would say nothing at all.
    assert.ok(tally.same > DOCUMENTS * 0.8, JSON.stringify(tally));
    assert.ok(tally.refused > DOCUMENTS * 0.03 && tally.refused < DOCUMENTS * 0.5, JSON.stringify(tally));
  });
});

describe('the inputs of which it began', { concurrency: 1 }, () => {
  const input = { recipients: { userIds: ['nobody-of-the-mirror'] }, content: { text: { content: 'once' } } };
  const ran = async (document, variables) => {
    const before = await sentSoFar();
    const answer = await ask({ query: document, variables });
    return [(await sentSoFar()) - before, answer];
  };

  test('a mutation that the default of a variable skips is not run, one that it includes is', async () => {
    const skip = 'mutation($i:SendMessageInput!,$dry:Boolean=true){sendMessage(input:$i)@skip(if:$dry){message{id}}}';
    assert.deepEqual(await ran(skip, { i: input }), [0, { data: {} }]);
    assert.equal((await ran(skip, { i: input, dry: false }))[0], 1);
    const go = 'mutation($i:SendMessageInput!,$go:Boolean=true){...@include(if:$go){sendMessage(input:$i){message{id}}}}';
    assert.equal((await ran(go, { i: input }))[0], 1);
    assert.deepEqual(await ran(go, { i: input, go: false }), [0, { data: {} }]);
  });

  test('a mutation that is selected twice runs once', async () => {
    const fields = 'sendMessage(input: $i) { message { id } userErrors { code } }';
    const twice = `mutation($i: SendMessageInput!) { ${fields} ${fields} }`;
    const fragments = `mutation($i: SendMessageInput!) { ...A ...B }
      fragment A on Mutation { sendMessage(input: $i) { message { id } } }
      fragment B on Mutation { sendMessage(input: $i) { message { state } } }`;
    for (const document of [twice, fragments]) {
      const [count, answer] = await ran(document, { i: input });
      assert.equal(count, 1, JSON.stringify(answer));
      assert.ok(answer.data.sendMessage.message.id);
    }
  });

  test('escapes of characters beyond the basic plane are read', async () => {
    const document = String.raw`mutation { sendMessage(input: {recipients: {userIds: ["nobody"]}, content: {text: {content: "a\ud83d\ude00b \u{1F600}"}}}) { message { content } } }`;
    const [count, answer] = await ran(document, {});
    assert.equal(count, 1, JSON.stringify(answer));
    assert.match(JSON.stringify(answer.data), /a😀b 😀/);
  });

  test('a wrong value of a scalar or an enum is an error of the request and names the variable', async () => {
    const document = 'query($d: BigInt, $s: RecipientState! = FAILED) { version department(deptId: $d) { name } recipients(filter: {states: [$s]}, first: 1) { totalCount } }';
    for (const [variables, name] of [
      [{ d: 'abc' }, '$d'],
      [{ d: 1.5 }, '$d'],
      [{ d: {} }, '$d'],
      [{ d: '9223372036854775808' }, '$d'],
      [{ s: 'NOWHERE' }, '$s'],
    ]) {
      const answer = await ask({ query: document, variables });
      assert.ok(!('data' in answer), JSON.stringify(answer));
      assert.ok(answer.errors[0].message.includes(name), JSON.stringify(answer));
      assert.equal(answer.errors[0].extensions.code, 'BAD_USER_INPUT');
    }
    const literal = await ask({ query: '{ version department(deptId: "abc") { name } }' });
    assert.ok(!('data' in literal) && literal.errors[0].message.includes('deptId'), JSON.stringify(literal));
  });
});
