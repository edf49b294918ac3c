import type { Field } from '../fields';

/** What the form of the original product calls its rows. */
const ORIGINALS: Partial<Record<Field, string>> = {
  agentId: 'agentId',
  appKey: 'appKey (Client ID)',
  appSecret: 'appSecret (Client Secret)',
  getTokenUrl: 'Get Token URL',
  asyncSendUrl: 'Send Message URL',
  departmentListSubUrl: 'Get Sub Department URL',
  departmentGetUrl: 'Get Department Detail URL',
  userListIdUrl: 'Get Users in department URL',
  userGetUrl: 'Get User profile URL',
  userGetByMobileUrl: 'Get Users by mobile URL',
  matchingMethod: 'Matching method',
  deliveryMode: 'Enable',
  departments: 'Departments to mirror',
};

/** Its label there; of rows that it doesn't have, the field's name. */
export function originalLabel(field: Field): string {
  return ORIGINALS[field] ?? field;
}
