// The page: who you are in DingTalk, and a button that sends you a test. It talks to the resolver alone.
import { makeInvoke } from '@forge/bridge';
import type { Calls, Me, Refused, Test } from '../src/calls';

const invoke = makeInvoke<Calls>();

function element<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${kind.name} ${id}`);
  return found;
}

const who = element('who', HTMLParagraphElement);
const why = element('why', HTMLParagraphElement);
const outcome = element('outcome', HTMLParagraphElement);
const send = element('send', HTMLButtonElement);
const look = element('look', HTMLButtonElement);

/** The attempt that was made last, to look again what became of it. */
let attempt = '';

/** Runs one call with both buttons off. A call that fails is told where its answer would stand. */
async function asking(place: HTMLElement, work: () => Promise<void>): Promise<void> {
  const before = { send: send.disabled, look: look.disabled };
  send.disabled = look.disabled = true;
  try {
    await work();
  } catch (error) {
    place.textContent = `That failed: ${error instanceof Error ? error.message : String(error)}`;
    [send.disabled, look.disabled] = [before.send, before.look];
  }
}

const isRefused = <Answer extends object>(answer: Answer | Refused): answer is Refused => 'refused' in answer;

function describe(me: Me): string {
  if (!me.dingtalk) return `${me.name}, you are nobody in DingTalk yet.`;
  const known = `${me.dingtalk.name} (${me.dingtalk.userId})`;
  return me.status === 'MATCHED' ? `${me.name}, you are ${known} in DingTalk.` : `${me.name}, you may be ${known} in DingTalk.`;
}

/** What a state means to the one who waits for the message. Whether more is to come: the second. */
function progress(state: string): [string, boolean] {
  switch (state) {
    case 'QUEUED':
    case 'SENDING':
      return ['The test is on its way.', true];
    case 'ACCEPTED':
      return ['DingTalk has taken the test, and has not said yet whether it arrived.', true];
    case 'DELIVERED_UNREAD':
      return ['The test is in DingTalk, and not read yet.', true];
    case 'READ':
      return ['You have read the test.', false];
    default:
      return [`The test did not reach you: ${state}.`, false];
  }
}

function show(test: Test): void {
  const [text, isOpen] = progress(test.state);
  outcome.textContent = [text, test.reason, ...test.notices].filter(Boolean).join(' ');
  look.disabled = !isOpen;
  send.disabled = false;
}

async function tryOut(): Promise<void> {
  const answer = await invoke('sendTest', { attempt });
  if (isRefused(answer)) throw new Error(answer.refused);
  show(answer);
}

send.addEventListener('click', () => {
  attempt = crypto.randomUUID();
  void asking(outcome, tryOut);
});
look.addEventListener('click', () => void asking(outcome, tryOut));

void asking(who, async () => {
  const me = await invoke('me');
  if (isRefused(me)) throw new Error(me.refused);
  who.textContent = describe(me);
  why.textContent = me.reason;
  // To somebody whose removal waits for review, messages still go.
  send.disabled = !['MATCHED', 'HELD'].includes(me.status);
});
