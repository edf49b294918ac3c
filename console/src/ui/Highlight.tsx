/** Where a part of a text begins and ends, in UTF-16 code units: `SearchMatch` of the schema. */
export interface Range {
  from: number;
  to: number;
}

/** Data with some parts marked, say what a search found. */
export function Highlight({ text, ranges }: { text: string; ranges: readonly Range[] }) {
  const parts: { text: string; marked: boolean }[] = [];
  let at = 0;
  for (const { from, to } of [...ranges].sort((a, b) => a.from - b.from)) {
    // Ranges of several words may lie upon each other.
    const start = Math.max(from, at);
    if (to <= start) continue;
    if (start > at) parts.push({ text: text.slice(at, start), marked: false });
    parts.push({ text: text.slice(start, to), marked: true });
    at = to;
  }
  if (at < text.length) parts.push({ text: text.slice(at), marked: false });

  return (
    <span translate="no">
      {parts.map((part, index) => (part.marked ? <mark key={index}>{part.text}</mark> : part.text))}
    </span>
  );
}
