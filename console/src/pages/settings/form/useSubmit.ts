import { useEffect, useState } from 'react';
import { useShell } from '../../../app/shell/ShellContext';
import { useTell, type Problem } from '../../../data';
import { CONFLICT } from '../conflict/ConflictPanel';
import { SubmitSettingsMutation } from '../queries';
import type { Form } from '../useForm';
import { inputOf, valuesOf } from '../values';
import { focusRow } from './focus';
import { mistakesOf } from './refusals';
import { harmlessToken, useRehearsal } from './useRehearsal';

/** How the last submission ended. */
export type Outcome =
  | { kind: 'stored'; version: string }
  | { kind: 'nothing' }
  | { kind: 'conflict' }
  | { kind: 'refused' }
  | { kind: 'problem'; problem: Problem };

/** Submits the changed rows. Refused, it leads to the first mistake; overtaken, to the panel that puts both side by side. */
export function useSubmit(form: Form | null, again: () => void) {
  const [tell, running] = useTell(SubmitSettingsMutation);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const shell = useShell();
  const changesMethod = form !== null && form.changed.includes('matchingMethod');
  const rehearsal = useRehearsal(changesMethod ? form.values.matchingMethod : null);

  // What somebody else wrote may come with the next answer alone.
  const overtaken = outcome?.kind === 'conflict' && form?.conflict != null;
  useEffect(() => {
    if (overtaken) document.getElementById(CONFLICT)?.focus();
  }, [overtaken, outcome]);

  const submit = async () => {
    if (form === null || form.readOnly || running) return;
    if (form.conflict) return setOutcome({ kind: 'conflict' });
    if (form.changed.length === 0) return setOutcome({ kind: 'nothing' });

    const token = changesMethod ? harmlessToken(rehearsal.data) : null;
    const { data, problem } = await tell({
      input: {
        ...inputOf(valuesOf(form.base), form.values),
        expectedVersion: form.base.version,
        ...(token !== null && { rehearsalToken: token }),
      },
    });
    if (problem) return setOutcome({ kind: 'problem', problem });
    const payload = data?.updateSettings;
    if (!payload) return undefined;

    if (payload.userErrors.some(({ code }) => code === 'VERSION_CONFLICT')) {
      again();
      return setOutcome({ kind: 'conflict' });
    }
    if (payload.userErrors.length > 0) {
      if (changesMethod) rehearsal.again();
      const mistakes = mistakesOf(payload.userErrors);
      form.refuse(mistakes);
      setOutcome({ kind: 'refused' });
      leadToFirst(mistakes.map(({ field }) => field));
      return undefined;
    }
    if (payload.settings) {
      form.begin(payload.settings);
      setOutcome({ kind: 'stored', version: payload.settings.version });
    }
    shell.again();
    return undefined;
  };

  return { submit, submitting: running, outcome };
}

/** The row that stands first on the page. */
function leadToFirst(fields: readonly (string | null)[]): void {
  requestAnimationFrame(() => {
    const rows = fields.flatMap((field) => (field ? [document.getElementById(field)] : [])).filter((row) => row !== null);
    const first = rows.sort((a, b) => (a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1))[0];
    if (first) focusRow(first.id);
  });
}
