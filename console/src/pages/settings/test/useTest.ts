import type { TypedDocumentNode } from '@urql/core';
import { useState } from 'react';
import { useTell, type Problem } from '../../../data';
import type { Reason } from '../../../reasons';
import { useDraft } from '../draft';
import { inputOf, valuesOf } from '../values';
import type { Said, SettingsCheck, TestReport } from './checks';
import { TestSettingsText } from './queries.next';

interface Tested {
  testSettings: {
    checks: readonly SettingsCheck[];
    userErrors: readonly { message: string; statement: Said | null }[];
  } | null;
}

const TestSettingsMutation = TestSettingsText as unknown as TypedDocumentNode<Tested, { input: object }>;

/** What became of a test that found nothing out. */
export type Untested = { problem: Problem } | { reason: Reason };

/** Tests the form as it stands, submitted or not. */
export function useTest() {
  const [draft] = useDraft();
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
    if (refused) return setUntested({ reason: { ...refused.statement, text: refused.message } });
    setUntested(null);
    setReport({ at: new Date(), unsubmitted: Object.keys(input).length > 0, checks: payload?.checks ?? [] });
    requestAnimationFrame(() => document.getElementById('settings-test')?.focus());
  };

  return { test, testing: running, report, untested };
}
