import type { CombinedError } from '@urql/core';

/** Why something can't be shown, as far as a page has to tell the kinds apart. */
export type Problem =
  | { kind: 'offline' }
  | { kind: 'signedOut' }
  | { kind: 'forbidden'; permissions: string[] }
  | { kind: 'failed'; code: string; message: string; requestId: string | null };

type GraphQLError = CombinedError['graphQLErrors'][number];

/** The problem of a whole answer, or, with `field`, of one field at its top: `problemOf(error, 'settings')`. */
export function problemOf(error: CombinedError | undefined, field?: string): Problem | null {
  if (error === undefined) return null;
  const requestId = (error.response as Response | undefined)?.headers?.get('x-request-id') ?? null;
  const errors = error.graphQLErrors.filter((each) => field === undefined || each.path?.[0] === field || !each.path);

  if (error.networkError && errors.length === 0) {
    const status = (error.response as Response | undefined)?.status;
    // A proxy in front of the server answers 502 to 504 while the server is away.
    if (status === undefined || (status >= 502 && status <= 504)) return { kind: 'offline' };
    return { kind: 'failed', code: `HTTP ${status}`, message: error.networkError.message, requestId };
  }

  const first = errors[0];
  if (first === undefined) return null;
  if (errors.some((each) => codeOf(each) === 'UNAUTHENTICATED')) return { kind: 'signedOut' };
  if (errors.every((each) => codeOf(each) === 'FORBIDDEN')) {
    return { kind: 'forbidden', permissions: [...new Set(errors.map(permissionOf))] };
  }
  const worst = errors.find((each) => codeOf(each) !== 'FORBIDDEN') ?? first;
  return { kind: 'failed', code: codeOf(worst), message: worst.message, requestId };
}

function codeOf(error: GraphQLError): string {
  const { code } = error.extensions;
  return typeof code === 'string' ? code : 'ERROR';
}

/** The permission that a refusal names, say `settings:write`. */
function permissionOf(error: GraphQLError): string {
  const { statement } = error.extensions as { statement?: { args?: { permission?: string } } };
  return statement?.args?.permission ?? error.message;
}
