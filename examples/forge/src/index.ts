// The resolver: runs at Atlassian, and calls dingmirror as a Forge remote. Forge adds the invocation token, which no page
// gets to see; so people can ask what is written here and nothing else.
import { invokeRemote } from '@forge/api';
import { makeResolver } from '@forge/resolver';
import type { Calls, Refused } from './calls';
import { signedIn } from './confluence';
import { Dingmirror } from './dingmirror';

const dingmirror = new Dingmirror((body) =>
  invokeRemote('dingmirror', {
    path: '/graphql',
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
    body,
  }),
);

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A page shows why something was refused; the log of the app (`forge logs`) has the rest. */
async function told<Answer>(work: () => Promise<Answer>): Promise<Answer | Refused> {
  try {
    return await work();
  } catch (error) {
    console.error(error);
    return { refused: error instanceof Error ? error.message : String(error) };
  }
}

export const handler = makeResolver<Calls>({
  me: ({ context }) =>
    told(async () => {
      const person = await signedIn(context['accountId']);
      const { status, reason, user } = await dingmirror.find(person);
      return { name: person.displayName ?? person.accountId, status, reason, dingtalk: user };
    }),

  sendTest: ({ context, payload }) =>
    told(async () => {
      const person = await signedIn(context['accountId']);
      const attempt: unknown = payload.attempt;
      if (typeof attempt !== 'string' || !UUID.test(attempt)) throw new Error('The attempt has no number of its own.');

      // DingTalk drops the same text to the same person on the same day, so each attempt says which one it is.
      const text = `A test from Confluence, number ${attempt.slice(0, 8)}.`;
      // The account is part of the key: nobody finds another's message by their number.
      const { state, reason, notices } = await dingmirror.send(person, text, `forge-test:${person.accountId}:${attempt}`);
      return { state, reason, notices };
    }),
});
