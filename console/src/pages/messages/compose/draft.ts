import type { ConfluenceIdentityInput, LinkTarget, MessageContentInput, OnDuplicate, OnUnknown, SendMessageInput } from '../../../generated/graphql';

/** The types in the composer's order, named as `MessageContentInput` names them. */
export const KINDS = ['text', 'markdown', 'actionCard', 'link', 'oa', 'image', 'file', 'voice'] as const;

/** A message's type. */
export type Kind = (typeof KINDS)[number];

/** What is typed. Types share what they have in common, so that another type loses nothing. */
export interface ContentDraft {
  kind: Kind;
  title: string;
  text: string;
  /** Where the one link leads: of a link, a form, a card with one button. */
  url: string;
  mediaId: string;
  seconds: string;
  /** Of a card: one button or several. */
  buttons: { title: string; url: string }[];
  several: boolean;
  beside: boolean;
  head: string;
  colour: string;
  desktopUrl: string;
  status: string;
  statusColour: string;
  rows: { key: string; value: string }[];
  number: string;
  unit: string;
  files: string;
  author: string;
}

/** An empty message. */
export const EMPTY_CONTENT: ContentDraft = {
  kind: 'markdown',
  title: '',
  text: '',
  url: '',
  mediaId: '',
  seconds: '',
  buttons: [{ title: '', url: '' }],
  several: false,
  beside: false,
  head: '',
  colour: 'FFBBBBBB',
  desktopUrl: '',
  status: '',
  statusColour: '',
  rows: [],
  number: '',
  unit: '',
  files: '',
  author: '',
};

/** Who is sent to, as they were chosen. Names are for reading, ids for sending. */
export type Receiver =
  | { kind: 'user'; id: string; name: string }
  | { kind: 'department'; id: string; name: string; people: number | null; below: boolean }
  | { kind: 'email' | 'username'; id: string };

/** A whole message that is not sent yet. */
export interface Draft {
  to: Receiver[];
  except: Receiver[];
  content: ContentDraft;
  /** A stored template takes the place of `content`. */
  template: { name: string; variables: Record<string, string> } | null;
  openLinksIn: LinkTarget;
  keepLineBreaks: boolean;
  onDuplicate: OnDuplicate;
  onUnknown: OnUnknown;
  /** Hours. */
  expires: string;
  requireAllMatched: boolean;
}

/** A draft to nobody. */
export const EMPTY_DRAFT: Draft = {
  to: [],
  except: [],
  content: EMPTY_CONTENT,
  template: null,
  openLinksIn: 'AS_GIVEN',
  keepLineBreaks: false,
  onDuplicate: 'SEND',
  onUnknown: 'HOLD',
  expires: '24',
  requireAllMatched: false,
};

const given = (text: string) => (text === '' ? null : text);

/** The content as the API takes it. */
export function contentInput(draft: ContentDraft): MessageContentInput {
  const { kind, title, text, url, mediaId } = draft;
  switch (kind) {
    case 'text':
      return { text: { content: text } };
    case 'markdown':
      return { markdown: { title, text } };
    case 'link':
      return { link: { title, text, messageUrl: url, picUrl: mediaId } };
    case 'actionCard': {
      const [first = { title: '', url: '' }] = draft.buttons;
      return {
        actionCard: {
          title: given(title),
          markdown: text,
          ...(draft.several
            ? {
                multi: {
                  orientation: draft.beside ? 'HORIZONTAL' : 'VERTICAL',
                  buttons: draft.buttons.map((button) => ({ title: button.title, actionUrl: button.url })),
                },
              }
            : { single: { title: first.title, url: first.url } }),
        },
      };
    }
    case 'oa':
      return {
        oa: {
          messageUrl: url,
          pcMessageUrl: given(draft.desktopUrl),
          headBgcolor: draft.colour,
          headText: draft.head,
          statusBar: draft.status ? { statusValue: draft.status, statusBg: given(draft.statusColour) } : null,
          body: {
            title: given(title),
            form: draft.rows.filter((row) => row.key || row.value),
            rich: draft.number ? { num: draft.number, unit: given(draft.unit) } : null,
            content: given(text),
            image: given(mediaId),
            fileCount: /^\d+$/.test(draft.files) ? Number(draft.files) : null,
            author: given(draft.author),
          },
        },
      };
    case 'image':
      return { image: { mediaId } };
    case 'file':
      return { file: { mediaId } };
    case 'voice':
      return { voice: { mediaId, durationSeconds: Number.parseInt(draft.seconds, 10) || 0 } };
  }
}

type Fields = Record<string, unknown>;
const object = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
const text = (value: unknown): string => (typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '');
const list = (value: unknown): Fields[] => (Array.isArray(value) ? value.map(object) : []);

/** The draft of a content that the API gave: a template's, to be changed. */
export function draftOfContent(content: unknown): ContentDraft {
  const [name, value] = Object.entries(object(content)).find(([, each]) => each != null) ?? [];
  const kind = KINDS.find((each) => each === name) ?? 'markdown';
  const body = object(value);
  const single = object(body.single);
  const multi = object(body.multi);
  const inner = object(body.body);
  const rich = object(inner.rich);
  const status = object(body.statusBar);
  const buttons = body.multi
    ? list(multi.buttons).map((button) => ({ title: text(button.title), url: text(button.actionUrl) }))
    : [{ title: text(single.title), url: text(single.url) }];
  return {
    ...EMPTY_CONTENT,
    kind,
    title: text(body.title) || text(inner.title),
    text: text(body.content) || text(body.text) || text(body.markdown) || text(inner.content),
    url: text(body.messageUrl),
    mediaId: text(body.mediaId) || text(body.picUrl) || text(inner.image),
    seconds: text(body.durationSeconds),
    buttons,
    several: body.multi != null,
    beside: multi.orientation === 'HORIZONTAL',
    head: text(body.headText),
    colour: text(body.headBgcolor) || EMPTY_CONTENT.colour,
    desktopUrl: text(body.pcMessageUrl),
    status: text(status.statusValue),
    statusColour: text(status.statusBg),
    rows: list(inner.form).map((row) => ({ key: text(row.key), value: text(row.value) })),
    number: text(rich.num),
    unit: text(rich.unit),
    files: text(inner.fileCount),
    author: text(inner.author),
  };
}

/** A variable's value as it is typed: JSON where it is a list, an object or a number, else text. */
export function variablesOf(typed: Record<string, string>): Fields {
  const made: Fields = {};
  for (const [name, value] of Object.entries(typed)) {
    const parts = name.split('.');
    const last = parts.pop() as string;
    let place = made;
    for (const part of parts) place = (place[part] = object(place[part])) as Fields;
    place[last] = valueOf(value);
  }
  return made;
}

function valueOf(typed: string): unknown {
  if (!/^\s*[[{]/.test(typed)) return typed;
  try {
    return JSON.parse(typed) as unknown;
  } catch {
    return typed;
  }
}

function recipientsOf(receivers: readonly Receiver[]) {
  const identities: ConfluenceIdentityInput[] = [];
  const userIds: string[] = [];
  const departments: { deptId: string; includeSubtree: boolean }[] = [];
  for (const receiver of receivers) {
    if (receiver.kind === 'user') userIds.push(receiver.id);
    else if (receiver.kind === 'department') departments.push({ deptId: receiver.id, includeSubtree: receiver.below });
    else identities.push({ [receiver.kind]: receiver.id });
  }
  return { identities, userIds, departments };
}

/** The message as `sendMessage` and `previewMessage` take it. */
export function sendInput(draft: Draft): SendMessageInput {
  const hours = Number.parseFloat(draft.expires);
  return {
    recipients: {
      ...recipientsOf(draft.to),
      except: draft.except.length > 0 ? recipientsOf(draft.except) : null,
    },
    content: draft.template
      ? { template: { name: draft.template.name, variables: variablesOf(draft.template.variables) } }
      : contentInput(draft.content),
    openLinksIn: draft.openLinksIn,
    keepLineBreaks: draft.keepLineBreaks,
    onDuplicate: draft.onDuplicate,
    onUnknown: draft.onUnknown,
    requireAllMatched: draft.requireAllMatched,
    expiresInSeconds: Number.isFinite(hours) ? Math.round(hours * 3_600) : 86_400,
  };
}
