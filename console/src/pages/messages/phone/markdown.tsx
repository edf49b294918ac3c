import { Fragment, type ReactNode } from 'react';

/**
 * Markdown as far as DingTalk shows it: headings, lists, quotes, bold, italics, links and pictures. A single newline is a
 * blank, two blanks before it make a line. Pictures lie on other hosts, which the page doesn't ask: `picture` stands there.
 */
export function Markdown({ text, picture }: { text: string; picture: ReactNode }) {
  return <>{blocksOf(text).map((block, index) => render(block, index, picture))}</>;
}

type Block =
  | { kind: 'paragraph' | 'quote'; lines: string[] }
  | { kind: 'heading'; level: number; line: string }
  | { kind: 'list'; ordered: boolean; items: string[] }
  | { kind: 'code'; lines: string[] }
  | { kind: 'line' };

const HEADING = /^ {0,3}(#{1,6})\s+(.*?)\s*#*$/;
const ITEM = /^\s*(?:[-*+]|(\d+)[.)])\s+(.*)$/;
const QUOTE = /^ {0,3}>\s?(.*)$/;
const RULE = /^ {0,3}(?:(?:\*\s*){3,}|(?:-\s*){3,}|(?:_\s*){3,})$/;
const FENCE = /^ {0,3}```/;

function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let fence: string[] | null = null;
  let open: Block | null = null;

  for (const line of text.split('\n')) {
    if (fence !== null) {
      if (FENCE.test(line)) fence = null;
      else fence.push(line);
      continue;
    }
    if (line.trim() === '') {
      open = null;
      continue;
    }

    const [heading, item, quote] = [HEADING.exec(line), ITEM.exec(line), QUOTE.exec(line)];
    if (FENCE.test(line)) {
      fence = [];
      blocks.push({ kind: 'code', lines: fence });
      open = null;
    } else if (heading) {
      blocks.push({ kind: 'heading', level: (heading[1] as string).length, line: heading[2] as string });
      open = null;
    } else if (RULE.test(line)) {
      blocks.push({ kind: 'line' });
      open = null;
    } else if (item) {
      const ordered = item[1] !== undefined;
      if (open?.kind === 'list' && open.ordered === ordered) open.items.push(item[2] as string);
      else blocks.push((open = { kind: 'list', ordered, items: [item[2] as string] }));
    } else if (quote) {
      if (open?.kind === 'quote') open.lines.push(quote[1] as string);
      else blocks.push((open = { kind: 'quote', lines: [quote[1] as string] }));
    } else if (open?.kind === 'paragraph' || open?.kind === 'quote') {
      open.lines.push(line);
    } else if (open?.kind === 'list') {
      // A line without a mark goes on with the item above it.
      open.items.push(`${open.items.pop() as string}\n${line.trim()}`);
    } else {
      blocks.push((open = { kind: 'paragraph', lines: [line] }));
    }
  }
  return blocks;
}

function render(block: Block, key: number, picture: ReactNode): ReactNode {
  switch (block.kind) {
    case 'heading':
      return (
        <p key={key} className={`phone-h phone-h${block.level}`}>
          {inline(block.line, picture)}
        </p>
      );
    case 'list': {
      const items = block.items.map((item, index) => <li key={index}>{broken(item.split('\n'), picture)}</li>);
      return block.ordered ? <ol key={key}>{items}</ol> : <ul key={key}>{items}</ul>;
    }
    case 'quote':
      return <blockquote key={key}>{broken(block.lines, picture)}</blockquote>;
    case 'code':
      return <pre key={key}>{block.lines.join('\n')}</pre>;
    case 'line':
      return <hr key={key} />;
    case 'paragraph':
      return <p key={key}>{broken(block.lines, picture)}</p>;
  }
}

/** Lines of one paragraph: a blank between them, or a line break where two blanks or a backslash stand in front of it. */
function broken(lines: readonly string[], picture: ReactNode): ReactNode {
  return lines.map((line, index) => {
    const breaks = /(?: {2,}|\\)$/.test(line);
    const last = index === lines.length - 1;
    return (
      <Fragment key={index}>
        {inline(line.replace(/(?: +|\\)$/, ''), picture)}
        {!last && (breaks ? <br /> : ' ')}
      </Fragment>
    );
  });
}

const MARKS = new RegExp(
  [
    String.raw`\\([\\!-/:-@[-${'`'}{-~])`, // 1: an escaped mark
    String.raw`!\[([^\]]*)\]\([^)]*\)`, // 2: a picture
    String.raw`\[([^\]]*)\]\(\s*(\S*?)\s*\)`, // 3, 4: a link
    String.raw`\*\*(?=\S)(.+?)\*\*`, // 5: bold
    String.raw`(?<![*\w])[*_](?=\S)([^*_]+?)[*_](?![*\w])`, // 6: italics
    '`([^`]+)`', // 7: code
    String.raw`</?font[^>]*>`, // colours, which are left out
  ].join('|'),
  'g',
);

function inline(text: string, picture: ReactNode): ReactNode {
  const parts: ReactNode[] = [];
  let at = 0;
  for (const found of text.matchAll(MARKS)) {
    if (found.index > at) parts.push(text.slice(at, found.index));
    at = found.index + found[0].length;
    const [, escaped, alt, title, url, bold, italic, code] = found;
    const key = found.index;
    if (escaped !== undefined) parts.push(escaped);
    else if (alt !== undefined) parts.push(<Fragment key={key}>{picture}</Fragment>);
    else if (title !== undefined) {
      parts.push(
        <span key={key} className="phone-link" title={url}>
          {inline(title, picture)}
        </span>,
      );
    } else if (bold !== undefined) parts.push(<b key={key}>{inline(bold, picture)}</b>);
    else if (italic !== undefined) parts.push(<i key={key}>{inline(italic, picture)}</i>);
    else if (code !== undefined) parts.push(<code key={key}>{code}</code>);
  }
  if (at < text.length) parts.push(text.slice(at));
  return parts;
}
