/** What a test of the settings found: the shape of the schema's `SettingsCheck`. */
export interface SettingsCheck {
  check: string;
  state: CheckState;
  message: string;
  statement: Said;
  remedy: string | null;
  remedyStatement: Said | null;
  /** The row that it is about, as the server names it. */
  field: string | null;
  suggestion: string | null;
  document: string | null;
  dingtalkCode: string | null;
}

export type CheckState = 'PASSED' | 'LIMITED' | 'FAILED' | 'SKIPPED';

/** A sentence as data. */
export interface Said {
  code: string;
  args: readonly { name: string; value: string }[];
  text: string;
}

/** A finished test. */
export interface TestReport {
  at: Date;
  /** Values were tested that aren't stored. */
  unsubmitted: boolean;
  checks: readonly SettingsCheck[];
}

const ORDER: readonly CheckState[] = ['FAILED', 'LIMITED', 'PASSED', 'SKIPPED'];

/** How many ended how, the worst first; states without any are left out. */
export function countsOf(checks: readonly SettingsCheck[]): { state: CheckState; count: number }[] {
  return ORDER.map((state) => ({ state, count: checks.filter((check) => check.state === state).length })).filter(
    ({ count }) => count > 0,
  );
}

/** What somebody has to look at, the worst first, and what is well or was not tested. */
export function sorted(checks: readonly SettingsCheck[]) {
  const of = (state: CheckState) => checks.filter((check) => check.state === state);
  return { wrong: [...of('FAILED'), ...of('LIMITED')], passed: of('PASSED'), skipped: of('SKIPPED') };
}
