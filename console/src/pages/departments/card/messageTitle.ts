/** DingTalk's `msg` object, as far as a title is in it. */
interface Content {
  text?: { content?: unknown };
  markdown?: { title?: unknown };
  action_card?: { title?: unknown };
  link?: { title?: unknown };
  oa?: { head?: { text?: unknown }; body?: { title?: unknown } };
}

const LONGEST = 64;

/** A message's title, or its first line; null of pictures, voices and files, and where the content was erased. */
export function titleOf(content: unknown): string | null {
  if (typeof content !== 'object' || content === null) return null;
  const { text, markdown, action_card, link, oa } = content as Content;
  const found = markdown?.title ?? action_card?.title ?? link?.title ?? oa?.body?.title ?? oa?.head?.text ?? text?.content;
  if (typeof found !== 'string') return null;
  const line = found.split('\n').find((each) => each.trim() !== '');
  return line === undefined ? null : line.trim().slice(0, LONGEST);
}
