/** The rows of the form, in its order. */

/** The rows that hold a URL, each with the path of DingTalk's call. The first seven are the form's; the others are optional. */
export const URL_ROWS = [
  { field: 'getTokenUrl', path: '/gettoken', page: 'obtain-orgapp-token' },
  {
    field: 'asyncSendUrl',
    path: '/topapi/message/corpconversation/asyncsend_v2',
    page: 'asynchronous-sending-of-enterprise-session-messages',
  },
  {
    field: 'departmentListSubUrl',
    path: '/topapi/v2/department/listsub',
    page: 'user-management-acquires-the-list-departments',
  },
  { field: 'departmentGetUrl', path: '/topapi/v2/department/get', page: 'query-department-details0-v2' },
  { field: 'userListIdUrl', path: '/topapi/user/listid', page: 'query-the-list-of-department-userids' },
  { field: 'userGetUrl', path: '/topapi/v2/user/get', page: 'query-user-details' },
  { field: 'userGetByMobileUrl', path: '/topapi/v2/user/getbymobile', page: 'query-users-by-phone-number' },
  {
    field: 'userListUrl',
    path: '/topapi/v2/user/list',
    page: 'queries-the-complete-information-of-a-department-user',
    optional: true,
  },
  { field: 'authScopesUrl', path: '/auth/scopes', page: 'obtain-corpsecret-authorization-scope', optional: true },
  { field: 'userCountUrl', path: '/topapi/user/count', page: 'user-management-acquires-number-employees', optional: true },
  {
    field: 'getSendResultUrl',
    path: '/topapi/message/corpconversation/getsendresult',
    page: 'gets-the-result-of-sending-messages-asynchronously-to-the-enterprise',
    optional: true,
  },
  {
    field: 'getSendProgressUrl',
    path: '/topapi/message/corpconversation/getsendprogress',
    page: 'obtain-the-sending-progress-of-asynchronous-sending-of-enterprise-session',
    optional: true,
  },
  {
    field: 'recallUrl',
    path: '/topapi/message/corpconversation/recall',
    page: 'notification-of-work-withdrawal',
    optional: true,
  },
  {
    field: 'callBackFailedResultUrl',
    path: '/call_back/get_call_back_failed_result',
    page: 'obtain-the-event-list-of-failed-push-messages',
    optional: true,
  },
  { field: 'streamOpenUrl', path: '/v1.0/gateway/connections/open', page: 'overview-of-event-subscription', optional: true },
] as const;

/** A row that holds a URL. */
export type UrlField = (typeof URL_ROWS)[number]['field'];

/** A row of the form. The two lists of departments are one: only together do they say what is mirrored. */
export type Field =
  | 'agentId'
  | 'appKey'
  | 'appSecret'
  | UrlField
  | 'matchingMethod'
  | 'deliveryMode'
  | 'redirectTo'
  | 'departments';

/** All rows, in the order of the page. */
export const FIELDS: readonly Field[] = [
  'agentId',
  'appKey',
  'appSecret',
  ...URL_ROWS.map(({ field }) => field),
  'matchingMethod',
  'deliveryMode',
  'redirectTo',
  'departments',
];

/** Whether it is a row that holds a URL. */
export function isUrlField(field: string): field is UrlField {
  return URL_ROWS.some((row) => row.field === field);
}

/** Whether it is folded away while nothing about it is special. */
export function isOptional(field: Field): boolean {
  return URL_ROWS.some((row) => row.field === field && 'optional' in row);
}

/** The row of a field's name as the server has it. */
export function rowOf(name: string): Field | null {
  if (name === 'enabled') return 'deliveryMode';
  if (name === 'rehearsalToken') return 'matchingMethod';
  if (name === 'includeDepartments' || name === 'excludeDepartments') return 'departments';
  return FIELDS.find((field) => field === name) ?? null;
}

/** The path of DingTalk's call. */
export function pathOf(field: UrlField): string {
  return URL_ROWS.find((row) => row.field === field)?.path ?? '';
}

/** DingTalk's own URL, which stands in the form before anybody fills it in. */
export function defaultUrl(field: UrlField): string {
  return `https://${field === 'streamOpenUrl' ? 'api' : 'oapi'}.dingtalk.com${pathOf(field)}`;
}

/** A page of DingTalk's documentation. */
export function documentUrl(page: string): string {
  return `https://open.dingtalk.com/document/development/${page}`;
}
