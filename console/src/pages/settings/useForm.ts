import { createContext, use, useCallback, useEffect, useMemo } from 'react';
import { useSession } from '../../data';
import { mistakeIn, type Mistake } from './checks/mistakes';
import { afterPointer } from './form/afterPointer';
import { useDraft, type Draft } from './draft';
import { FIELDS, type Field } from './fields';
import { compare, merged, type Difference, type Side } from './merge';
import { changedFields, valuesOf, type Stored, type Values } from './values';

/** The form: what stands in it, what is wrong, and what somebody else wrote meanwhile. */
export interface Form {
  base: Stored;
  /** As it is stored now; of another version than `base` while two wrote at once. */
  stored: Stored;
  values: Values;
  changed: readonly Field[];
  /** In the order of the rows; those that belong to none come last. */
  mistakes: readonly Mistake[];
  /** Null: nobody else wrote. */
  conflict: readonly Difference[] | null;
  choices: Draft['choices'];
  readOnly: boolean;
  set: <F extends Field>(field: F, value: Values[F]) => void;
  /** A row was left: what is wrong with it may be said. */
  look: (field: Field) => void;
  /** Somebody is writing again: what isn't wrong yet is not said until they are done. */
  write: (field: Field) => void;
  choose: (field: Field, side: Side) => void;
  refuse: (mistakes: readonly Mistake[]) => void;
  /** Goes on from these settings; without values, with what they have. */
  begin: (from: Stored, values?: Values) => void;
}

const FormContext = createContext<Form | null>(null);

/** Gives the form to its rows. */
export const FormProvider = FormContext;

/** The form that a row belongs to. */
export function useForm(): Form {
  const form = use(FormContext);
  if (form === null) throw new Error('a row of the settings stands outside of the form');
  return form;
}

/** What the row of a field needs: `const { value, set, mistake } = useRow('appKey')`. */
export function useRow<F extends Field>(field: F) {
  const form = useForm();
  return {
    value: form.values[field],
    set: (value: Values[F]) => form.set(field, value),
    undo: () => form.set(field, valuesOf(form.base)[field]),
    look: () => afterPointer(() => form.look(field)),
    write: () => form.write(field),
    changed: form.changed.includes(field),
    mistakes: form.mistakes.filter((mistake) => mistake.field === field),
    readOnly: form.readOnly,
  };
}

/** Makes the form of the settings that the server told last; null until the draft has begun. */
export function useFormState(stored: Stored, readOnly: boolean): Form | null {
  const [draft, change] = useDraft();
  const { subject } = useSession();

  const begin = useCallback(
    (from: Stored, values: Values = valuesOf(from)) =>
      change(() => ({ base: from, values, refused: [], looked: new Set(), choices: {} })),
    [change],
  );
  const edit = useCallback((how: (before: Draft) => Draft) => change((before) => before && how(before)), [change]);

  const behind = draft !== null && BigInt(draft.base.version) < BigInt(stored.version);
  const differences = useMemo(
    () => (draft && behind ? compare(draft.base, stored, draft.values) : null),
    [draft, behind, stored],
  );
  // There is nothing to put side by side where one of both changed nothing, and my own change, say of the matching method at
  // its rehearsal, is none of somebody else.
  const untouched = differences !== null && (differences.every(({ byMe }) => !byMe) || differences.every(({ byThem }) => !byThem));
  const mineAlone = differences !== null && stored.updatedBy === subject && differences.every(({ contested }) => !contested);
  const follows = draft === null || untouched || mineAlone;

  useEffect(() => {
    if (draft === null) begin(stored);
    else if (differences !== null && follows) begin(stored, merged(differences, stored, draft.values, {}));
  }, [draft, differences, follows, stored, begin]);

  return useMemo(() => {
    if (draft === null) return null;
    const { base, values, looked, choices } = draft;
    const changed = changedFields(valuesOf(base), values);
    return {
      base,
      stored: behind ? stored : base,
      values,
      changed,
      mistakes: readOnly ? [] : mistakesOf(draft, changed),
      conflict: follows ? null : differences,
      choices,
      readOnly,
      set: (field, value) =>
        edit((before) => ({
          ...before,
          values: { ...before.values, [field]: value },
          refused: before.refused.filter((mistake) => mistake.field !== field),
        })),
      look: (field) =>
        edit((before) =>
          before.looked.has(field) ? before : { ...before, looked: new Set([...before.looked, field]) },
        ),
      write: (field) => {
        if (!looked.has(field) || mistakeIn(field, values)) return;
        edit((before) => ({ ...before, looked: new Set([...before.looked].filter((each) => each !== field)) }));
      },
      choose: (field, side) => edit((before) => ({ ...before, choices: { ...before.choices, [field]: side } })),
      refuse: (refused) => edit((before) => ({ ...before, refused, looked: new Set(FIELDS) })),
      begin,
    };
  }, [draft, behind, stored, differences, follows, readOnly, edit, begin]);
}

/** What the server refused, and what can be seen in rows that were changed and left. */
function mistakesOf({ refused, values, looked }: Draft, changed: readonly Field[]): Mistake[] {
  const found = FIELDS.flatMap((field) => {
    const told = refused.filter((mistake) => mistake.field === field);
    if (told.length > 0) return told;
    const seen = changed.includes(field) && looked.has(field) ? mistakeIn(field, values) : null;
    return seen ? [seen] : [];
  });
  return [...found, ...refused.filter(({ field }) => field === null)];
}
