import type { SubmitSettingsMutation } from '../../../generated/graphql';
import type { Mistake } from '../checks/mistakes';
import { rowOf } from '../fields';

/** What the server says of a mutation's input. */
export type Refusal = NonNullable<SubmitSettingsMutation['updateSettings']>['userErrors'][number];

/** The server's refusals as mistakes of rows. */
export function mistakesOf(refusals: readonly Refusal[]): Mistake[] {
  return refusals.map(({ field, statement, suggestion }) => ({ field: rowOf(field[1] ?? ''), reason: statement, suggestion }));
}
