import { usePermission } from '../../data';
import { useFormats, useText } from '../../i18n';
import type { DiffValue } from '../../ui/DiffRow';
import { PEOPLE, placesOf, type ChangeFacts, type Place } from './ids';
import { messages } from './messages';
import type { Names } from './useNames';

type Field = ChangeFacts['fields'][number];

/** Fields of which only those with `directory:contact` see values. */
const CONTACT = new Set(['stateCode', 'mobile', 'telephone', 'email', 'orgEmail', 'remark', 'extension']);

/** What a field of a change is called, and what its values are, in the reader's language. */
export function useFieldWords(names: Names) {
  const t = useText(messages);
  const { list } = useFormats();
  const contact = usePermission('directory:contact');
  const identities = usePermission('identity:read');

  /** 职位; what this console doesn't know stands under the server's name. */
  const name = (entity: string, field: string): string => {
    const exact = `field.${field}.${entity}`;
    if (t.has(exact)) return t(exact as 'field.name.USER');
    const key = `field.${field}`;
    return t.has(key) ? t(key as 'field.title') : field;
  };

  const place = ({ deptId, leader, order }: Place, withOrder: boolean): string => {
    const department = names.department(deptId);
    if (leader === true) return t('value.leads', { department });
    return withOrder && order != null ? t('value.order', { department, order: String(order) }) : department;
  };

  const places = (value: unknown, withOrder: boolean) => list(placesOf(value).map((each) => place(each, withOrder)));

  const written = (entity: string, field: string, value: unknown): string => {
    if (typeof value === 'boolean') return t(value ? 'value.true' : 'value.false');
    if (field === 'parentId') return names.department(String(value));
    if (field === 'hiredDate') return dayInChina(Number(value));
    if (PEOPLE.has(field)) return list([value].flat().map((id) => names.person(String(id))));
    if (entity === 'IDENTITY' && field === 'status') {
      const key = `status.${String(value)}`;
      return t.has(key) ? t(key as 'status.MATCHED') : String(value);
    }
    return typeof value === 'object' ? JSON.stringify(value) : String(value);
  };

  /** A field's two values; of departments only what differs. */
  const values = (entity: string, { field, before, after }: Field): [DiffValue, DiffValue] => {
    const hidden = (CONTACT.has(field) && !contact) || (entity === 'IDENTITY' && !identities);
    if (hidden) return ['hidden', 'hidden'];
    if (field === 'memberships') {
      const withOrder = places(before, false) === places(after, false);
      const side = (value: unknown): DiffValue =>
        placesOf(value).length === 0 ? 'empty' : { text: <span translate="no">{places(value, withOrder)}</span> };
      return [side(before), side(after)];
    }
    // Whom an identity is matched with isn't empty: it is nobody.
    const nobody = entity === 'IDENTITY' && field === 'userId' ? { text: t('value.nobody') } : 'empty';
    const side = (value: unknown): DiffValue => {
      const empty = value == null || value === '' || (Array.isArray(value) && value.length === 0);
      return empty ? nobody : { text: <span translate="no">{written(entity, field, value)}</span> };
    };
    return [side(before), side(after)];
  };

  return { name, values };
}

/** DingTalk says a day as midnight in China. */
function dayInChina(milliseconds: number): string {
  return new Date(milliseconds + 8 * 3_600_000).toISOString().slice(0, 10);
}
