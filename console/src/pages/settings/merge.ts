import { FIELDS, type Field } from './fields';
import { changedFields, same, valuesOf, type Stored, type Values } from './values';

/** Whose value a row gets that both changed. */
export type Side = 'mine' | 'theirs';

/** A row that one of both changed, or both. */
export interface Difference {
  field: Field;
  byMe: boolean;
  byThem: boolean;
  /** Both changed it, and not to the same: somebody has to choose. */
  contested: boolean;
}

/** Three states of the form put side by side: what I began with, what somebody wrote meanwhile, what I want. */
export function compare(base: Stored, theirs: Stored, mine: Values): Difference[] {
  const [from, to] = [valuesOf(base), valuesOf(theirs)];
  const changedByMe = changedFields(from, mine);
  return FIELDS.flatMap((field): Difference[] => {
    const byMe = changedByMe.includes(field);
    const byThem = field === 'appSecret' ? secretChanged(base, theirs) : !same(field, from[field], to[field]);
    if (!byMe && !byThem) return [];
    // Nobody sees whether two secrets are the same.
    const agree = field !== 'appSecret' && same(field, mine[field], to[field]);
    return [{ field, byMe, byThem, contested: byMe && byThem && !agree }];
  });
}

function secretChanged(base: Stored, theirs: Stored): boolean {
  return base.appSecret.isSet !== theirs.appSecret.isSet || base.appSecret.setAt !== theirs.appSecret.setAt;
}

/** What the form has afterwards: each one's changes, and of contested rows the chosen side's. */
export function merged(
  differences: readonly Difference[],
  theirs: Stored,
  mine: Values,
  choices: Partial<Record<Field, Side>>,
): Values {
  const values = valuesOf(theirs);
  for (const { field, byMe, contested } of differences) {
    const takesMine = contested ? choices[field] === 'mine' : byMe;
    if (takesMine) take(values, mine, field);
  }
  return values;
}

function take<F extends Field>(into: Values, from: Values, field: F): void {
  into[field] = from[field];
}
