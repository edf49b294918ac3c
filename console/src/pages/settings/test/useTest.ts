import { useState } from 'react';
import { useTell, type Problem } from '../../../data';
import type { Reason } from '../../../reasons';
import { useDraft } from '../draft';
import { inputOf, valuesOf } from '../values';
import { isOfPlace, isOutdated, misplaced, type TestReport } from './checks';
import { TestSettingsMutation } from './queries';

/** What became of a test that found nothing out. */
export type Untested = { problem: Problem } | { reason: Reason };

/** Tests the form as it stands, submitted or not. */
export function useTest() {
  const [draft, change] = useDraft();
  const [tell, running] = useTell(TestSettingsMutation);
  const [report, setReport] = useState<TestReport | null>(null);
  const [untested, setUntested] = useState<Untested | null>(null);

  const test = async () => {
    if (draft === null || running) return;
    // Neither changes what DingTalk answers.
    const { deliveryMode: _mode, redirectTo: _tester, includeDepartments: _in, excludeDepartments: _out, ...input } = inputOf(
      valuesOf(draft.base),
      draft.values,
    );
    const { data, problem } = await tell({ input });
    if (problem) return setUntested({ problem });
    const payload = data?.testSettings;
    const refused = payload?.userErrors[0];
    if (refused) return setUntested({ reason: refused.statement });
    setUntested(null);
    const checks = payload?.checks ?? [];
    const { base, values } = draft;
    setReport({ at: new Date(), unsubmitted: Object.keys(input).length > 0, checks, version: base.version, values });
    // A stored URL that isn't used says so by itself.
    const found = misplaced(checks).filter(({ field }) => base.unused.every((unused) => unused.field !== field));
    change((now) => now && { ...now, refused: [...now.refused.filter((each) => !isOfPlace(each)), ...found] });
    requestAnimationFrame(() => document.getElementById('settings-test')?.focus());
    return undefined;
  };

  const outdated = report !== null && draft !== null && isOutdated(report, draft.base.version, draft.values);
  return { test, testing: running, report, outdated, untested };
}
