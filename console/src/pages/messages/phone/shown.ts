/** A message's content, whichever form it comes in, as far as it is shown. */
export type Shown =
  | { type: 'text'; text: string }
  | { type: 'markdown'; title: string; text: string }
  | { type: 'link'; title: string; text: string; url: string }
  | { type: 'card'; title: string; text: string; buttons: ShownButton[]; beside: boolean }
  | ShownForm
  | { type: 'image' | 'file' }
  | { type: 'voice'; seconds: string };

/** A button of a card, or the one link that the whole card is. */
export interface ShownButton {
  title: string;
  url: string;
}

/** DingTalk's `oa`. */
export interface ShownForm {
  type: 'oa';
  head: string;
  /** AARRGGBB. */
  colour: string;
  status: { text: string; colour: string } | null;
  title: string;
  rows: { key: string; value: string }[];
  rich: { number: string; unit: string } | null;
  text: string;
  picture: boolean;
  files: string;
  author: string;
  url: string;
}

type Fields = Record<string, unknown>;

/** DingTalk's `msg` object: what is recorded of a message, and what a preview answers. */
export function shownOfMsg(msg: unknown): Shown | null {
  const fields = object(msg);
  const type = text(fields.msgtype);
  const body = object(fields[type]);
  switch (type) {
    case 'text':
      return { type, text: text(body.content) };
    case 'markdown':
      return { type, title: text(body.title), text: text(body.text) };
    case 'link':
      return { type, title: text(body.title), text: text(body.text), url: text(body.messageUrl) };
    case 'action_card':
      return {
        type: 'card',
        title: text(body.title),
        text: text(body.markdown),
        beside: body.btn_orientation === '1',
        buttons: Array.isArray(body.btn_json_list)
          ? list(body.btn_json_list).map((each) => ({ title: text(each.title), url: text(each.action_url) }))
          : [{ title: text(body.single_title), url: text(body.single_url) }],
      };
    case 'oa': {
      const [head, inner, status] = [object(body.head), object(body.body), object(body.status_bar)];
      return {
        type,
        url: text(body.message_url),
        head: text(head.text),
        colour: text(head.bgcolor),
        status: body.status_bar ? { text: text(status.status_value), colour: text(status.status_bg) } : null,
        ...formOf(inner, text(inner.file_count)),
      };
    }
    case 'image':
    case 'file':
      return { type };
    case 'voice':
      return { type, seconds: text(body.duration) };
    default:
      return null;
  }
}

/** A `MessageContentInput`: what the composer makes, and what a template keeps. */
export function shownOfInput(input: unknown): Shown | null {
  const [type, value] = Object.entries(object(input)).find(([, each]) => each != null) ?? [];
  const body = object(value);
  switch (type) {
    case 'text':
      return { type, text: text(body.content) };
    case 'markdown':
      return { type, title: text(body.title), text: text(body.text) };
    case 'link':
      return { type, title: text(body.title), text: text(body.text), url: text(body.messageUrl) };
    case 'actionCard': {
      const [single, multi] = [object(body.single), object(body.multi)];
      return {
        type: 'card',
        title: text(body.title),
        text: text(body.markdown),
        beside: multi.orientation === 'HORIZONTAL',
        buttons: body.multi
          ? list(multi.buttons).map((each) => ({ title: text(each.title), url: text(each.actionUrl) }))
          : [{ title: text(single.title), url: text(single.url) }],
      };
    }
    case 'oa': {
      const [inner, status] = [object(body.body), object(body.statusBar)];
      return {
        type,
        url: text(body.messageUrl),
        head: text(body.headText),
        colour: text(body.headBgcolor),
        status: body.statusBar ? { text: text(status.statusValue), colour: text(status.statusBg) } : null,
        ...formOf(inner, inner.fileCount == null ? '' : String(inner.fileCount)),
      };
    }
    case 'image':
    case 'file':
      return { type };
    case 'voice':
      return { type, seconds: body.durationSeconds == null ? '' : String(body.durationSeconds) };
    default:
      return null;
  }
}

/** The parts of a form that have the same names in both. */
function formOf(body: Fields, files: string) {
  const rich = object(body.rich);
  return {
    title: text(body.title),
    rows: list(body.form).map((each) => ({ key: text(each.key), value: text(each.value) })),
    rich: body.rich ? { number: text(rich.num), unit: text(rich.unit) } : null,
    text: text(body.content),
    picture: text(body.image) !== '',
    files,
    author: text(body.author),
  };
}

/** A link within a message: what it says, and where it leads. */
export interface ShownLink {
  title: string;
  url: string;
  /** How DingTalk opens it; null: as its client decides. */
  opens: 'sidebar' | 'browser' | null;
}

/** The links of a message, with DingTalk's own form taken off. */
export function linksOf(shown: Shown | null): ShownLink[] {
  if (shown === null) return [];
  const found: ShownButton[] = [];
  if (shown.type === 'card') found.push(...shown.buttons);
  if (shown.type === 'link' || shown.type === 'oa') found.push({ title: shown.title, url: shown.url });
  if (shown.type === 'card' || shown.type === 'markdown') {
    for (const [, title, url] of shown.text.matchAll(/(?<!!)\[([^\]]*)\]\(\s*(\S+?)\s*\)/g)) {
      found.push({ title: title as string, url: url as string });
    }
  }
  return found.filter(({ url }) => url !== '').map(({ title, url }) => ({ title, ...unwrap(url) }));
}

function unwrap(url: string): { url: string; opens: ShownLink['opens'] } {
  if (!/^dingtalk:\/\/dingtalkclient\//.test(url)) return { url, opens: null };
  const query = new URLSearchParams(url.slice(url.indexOf('?') + 1));
  const target = query.get('url') ?? query.get('pcLink');
  if (target === null) return { url, opens: null };
  return { url: target, opens: query.get('pc_slide') === 'true' ? 'sidebar' : 'browser' };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function object(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function list(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map(object) : [];
}
