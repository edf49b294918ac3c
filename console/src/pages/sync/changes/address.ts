import type { ChangeFilter } from '../../../generated/graphql';

/** What each filter of the feed may be; in the address by these names. */
export const CHOICES = {
  entity: ['USER', 'DEPARTMENT', 'IDENTITY'],
  kind: ['CREATED', 'UPDATED', 'MOVED', 'REMOVED', 'HELD', 'RESTORED'],
  cause: ['RUN', 'EVENT', 'REQUEST', 'DECISION', 'IDENTITY', 'UNKNOWN'],
} as const;

/** A filter with fixed choices. */
export type Chosen = keyof typeof CHOICES;

/** The names of all filters in the address. */
export const FILTERS = ['entity', 'kind', 'cause', 'since', 'user', 'dept'] as const;

/** The values of a filter in the address: `cause=EVENT,RUN`. */
export function valuesOf(params: URLSearchParams, name: (typeof FILTERS)[number]): string[] {
  return (params.get(name) ?? '').split(',').filter(Boolean);
}

/** Only those that there are; an address may have been typed. */
export function chosenOf<Name extends Chosen>(params: URLSearchParams, name: Name): (typeof CHOICES)[Name][number][] {
  const values = valuesOf(params, name);
  return CHOICES[name].filter((choice) => values.includes(choice));
}

/** The day of `since` in the address, as midnight where the reader is; null where there is none. */
export function sinceOf(params: URLSearchParams): Date | null {
  const found = /^(\d{4})-(\d{2})-(\d{2})$/.exec(params.get('since') ?? '');
  if (!found) return null;
  const date = new Date(Number(found[1]), Number(found[2]) - 1, Number(found[3]));
  return Number.isNaN(date.getTime()) ? null : date;
}

/** The day so many before today, as the address has it. */
export function dayBefore(days: number): string {
  const day = new Date();
  day.setDate(day.getDate() - days);
  const two = (part: number) => String(part).padStart(2, '0');
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

/** The filter that the address says; an absent part is any. */
export function filterOf(params: URLSearchParams): ChangeFilter {
  const filter: ChangeFilter = {};
  const entities = chosenOf(params, 'entity');
  const kinds = chosenOf(params, 'kind');
  const causes = chosenOf(params, 'cause');
  const userIds = valuesOf(params, 'user');
  // An id that isn't a number would have the whole query refused.
  const deptIds = valuesOf(params, 'dept').filter((id) => /^\d+$/.test(id));
  const since = sinceOf(params);

  if (entities.length > 0) filter.entities = entities;
  if (kinds.length > 0) filter.kinds = kinds;
  if (causes.length > 0) filter.causes = causes;
  if (userIds.length > 0) filter.userIds = userIds;
  if (deptIds.length > 0) filter.deptIds = deptIds;
  if (since) filter.since = since.toISOString();
  return filter;
}

/** The address with another value of a filter. */
export function withValues(params: URLSearchParams, name: (typeof FILTERS)[number], values: readonly string[]): URLSearchParams {
  const next = new URLSearchParams(params);
  if (values.length === 0) next.delete(name);
  else next.set(name, values.join(','));
  return next;
}
