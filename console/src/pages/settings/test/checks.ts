import type { CheckState, TestSettingsMutation } from '../../../generated/graphql';
import type { Mistake } from '../checks/mistakes';
import { isUrlField, rowOf, type Field } from '../fields';
import { same, type Values } from '../values';

/** What one check of a test found. */
export type SettingsCheck = NonNullable<TestSettingsMutation['testSettings']>['checks'][number];

/** A finished test. */
export interface TestReport {
  at: Date;
  /** Values were tested that aren't stored. */
  unsubmitted: boolean;
  checks: readonly SettingsCheck[];
  /** The version on top of which they were tested, and the form as it stood. */
  version: string;
  values: Values;
}

const ORDER: readonly CheckState[] = ['FAILED', 'LIMITED', 'PASSED', 'SKIPPED'];

/** How many ended how, the worst first; states without any are left out. */
export function countsOf(checks: readonly SettingsCheck[]): { state: CheckState; count: number }[] {
  return ORDER.map((state) => ({ state, count: checks.filter((check) => check.state === state).length })).filter(
    ({ count }) => count > 0,
  );
}

/** What is said of each URL where there is no token: nothing is wrong with them, and the token's row says what is. */
const WITHOUT_TOKEN = 'URL_PROVED_WITHOUT_TOKEN';

/** What somebody has to look at, the worst first; what waits for the token; and what is well or was not tested. */
export function sorted(checks: readonly SettingsCheck[]) {
  const of = (state: CheckState) => checks.filter((check) => check.state === state);
  const waits = ({ statement }: SettingsCheck) => statement.code === WITHOUT_TOKEN;
  const limited = of('LIMITED');
  return {
    wrong: [...of('FAILED'), ...limited.filter((check) => !waits(check))],
    waiting: limited.filter(waits),
    passed: of('PASSED'),
    skipped: of('SKIPPED'),
  };
}

/** Rows that a test leaves out: neither changes what DingTalk answers. */
const UNTESTED: readonly Field[] = ['deliveryMode', 'redirectTo', 'departments'];

/** Whether the form isn't what was tested any more: it was changed, or submitted. */
export function isOutdated(report: TestReport, version: string, values: Values): boolean {
  const fields = Object.keys(values) as Field[];
  // The secret's field, opened or not, has nothing to test as long as nothing is in it.
  const differs = (field: Field) =>
    field === 'appSecret'
      ? (values.appSecret ?? '') !== (report.values.appSecret ?? '')
      : !same(field, values[field], report.values[field]);
  return version !== report.version || fields.some((field) => !UNTESTED.includes(field) && differs(field));
}

/** The row that a check is about alone: ASYNC_SEND_URL is asyncSendUrl. */
export function rowOfCheck({ check, field }: SettingsCheck): Field | null {
  if (check === 'TOKEN') return field === 'getTokenUrl' ? field : null;
  return rowOf(check.toLowerCase().replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase()));
}

/** What the server alone knows to be wrong with a URL: where it leads isn't allowed. */
const PLACES: readonly string[] = ['HOST_NOT_ALLOWED', 'URL_IN_THE_CLEAR'];

/** Whether a mistake was found by a test. */
export function isOfPlace({ reason }: Mistake): boolean {
  return PLACES.includes(reason.code ?? '');
}

/** The URLs that lead where none may, as mistakes of their rows. */
export function misplaced(checks: readonly SettingsCheck[]): Mistake[] {
  return checks.flatMap(({ state, field, statement, remedyStatement, suggestion }) => {
    const row = rowOf(field ?? '');
    const reason = [remedyStatement, statement].find((each) => PLACES.includes(each?.code ?? ''));
    return state === 'FAILED' && row && isUrlField(row) && reason ? [{ field: row, reason, suggestion }] : [];
  });
}
