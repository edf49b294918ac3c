import type { Sentence } from '../reasons';

/** A sentence of the server in the language that it has; nothing where there is none. */
export function Said({ sentence }: { sentence: Sentence | null | undefined }) {
  if (!sentence) return null;
  return (
    <span lang={sentence.lang} translate={sentence.translate}>
      {sentence.text}
    </span>
  );
}
