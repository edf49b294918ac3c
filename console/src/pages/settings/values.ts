import type {
  DeliveryMode,
  MatchingMethod,
  StoredSettingsFragment,
  UpdateSettingsInput,
} from '../../generated/graphql';
import { defaultUrl, FIELDS, isUrlField, URL_ROWS, type Field, type UrlField } from './fields';

/** The settings as the server has them. */
export type Stored = StoredSettingsFragment;

/** Which departments are mirrored. */
export interface Selection {
  include: readonly string[];
  exclude: readonly string[];
}

/** What stands in the form. An empty text is what the server has as null. */
export type Values = Record<UrlField | 'agentId' | 'appKey' | 'redirectTo', string> & {
  /** A new secret; null: the stored one stays. */
  appSecret: string | null;
  matchingMethod: MatchingMethod;
  deliveryMode: DeliveryMode;
  departments: Selection;
};

/** What the form shows of settings. */
export function valuesOf(stored: Stored): Values {
  const urls = Object.fromEntries(URL_ROWS.map(({ field }) => [field, stored[field] ?? ''])) as Record<UrlField, string>;
  return {
    ...urls,
    agentId: stored.agentId ?? '',
    appKey: stored.appKey ?? '',
    appSecret: null,
    matchingMethod: stored.matchingMethod,
    deliveryMode: stored.deliveryMode,
    redirectTo: stored.redirectTo ?? '',
    departments: { include: stored.includeDepartments, exclude: stored.excludeDepartments },
  };
}

/** The form before anybody fills it in. */
export function defaultValues(): Values {
  const urls = Object.fromEntries(URL_ROWS.map(({ field }) => [field, defaultUrl(field)])) as Record<UrlField, string>;
  return {
    ...urls,
    agentId: '',
    appKey: '',
    appSecret: null,
    matchingMethod: 'EMAIL_TO_EMAIL',
    deliveryMode: 'OFF',
    redirectTo: '',
    departments: { include: [], exclude: [] },
  };
}

/** Whether two values of a row are the same. What surrounds a text came with the clipboard. */
export function same<F extends Field>(field: F, a: Values[F], b: Values[F]): boolean {
  if (field === 'departments') {
    const [one, two] = [a as Selection, b as Selection];
    return sameIds(one.include, two.include) && sameIds(one.exclude, two.exclude);
  }
  return typeof a === 'string' && typeof b === 'string' ? a.trim() === b.trim() : a === b;
}

function sameIds(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id) => b.includes(id));
}

/** The rows that differ, in the order of the form. An opened secret field counts once something is in it. */
export function changedFields(base: Values, values: Values): Field[] {
  return FIELDS.filter((field) =>
    field === 'appSecret' ? (values.appSecret ?? '') !== '' : !same(field, base[field], values[field]),
  );
}

/** The changed rows alone, as the server takes them. */
export function inputOf(base: Values, values: Values): Omit<UpdateSettingsInput, 'expectedVersion'> {
  const input: Omit<UpdateSettingsInput, 'expectedVersion'> = {};
  for (const field of changedFields(base, values)) {
    switch (field) {
      case 'departments':
        input.includeDepartments = [...values.departments.include];
        input.excludeDepartments = [...values.departments.exclude];
        break;
      case 'matchingMethod':
        input.matchingMethod = values.matchingMethod;
        break;
      case 'deliveryMode':
        input.deliveryMode = values.deliveryMode;
        break;
      default:
        input[field] = values[field]?.trim() || null;
    }
  }
  return input;
}

/** Whether a row's URL is not DingTalk's own. */
export function differsFromDefault(field: Field, values: Values): boolean {
  return isUrlField(field) && values[field].trim() !== defaultUrl(field);
}
