import type { Range } from '../../ui/Highlight';

/** A part of a field that matched. */
export interface Match extends Range {
  field: string;
}

/** What of a field matched: what is highlighted in it. */
export function rangesOf(matches: readonly Match[], field: string): readonly Range[] {
  return matches.filter((match) => match.field === field);
}
