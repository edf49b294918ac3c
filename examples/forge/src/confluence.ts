// Who is signed in, by Confluence's own word.
import api, { route } from '@forge/api';
import type { Person } from './dingmirror';

/** `accountId` is what Forge says of the invocation. Nothing that the page says is looked at. */
export async function signedIn(accountId: unknown): Promise<Person> {
  if (typeof accountId !== 'string' || accountId === '') throw new Error('Sign in to Confluence first.');

  const response = await api.asUser().requestConfluence(route`/wiki/rest/api/user/current`, {
    headers: { Accept: 'application/json' },
  });
  if (!response.ok) throw new Error(`Confluence did not say who you are: HTTP ${response.status}.`);

  const user: { accountId?: string; email?: string; displayName?: string } = await response.json();
  if (user.accountId !== accountId) throw new Error('Confluence says that you are somebody else than Forge does.');
  return {
    accountId,
    // Empty where the person's profile hides it.
    ...(user.email ? { email: user.email } : {}),
    ...(user.displayName ? { displayName: user.displayName } : {}),
  };
}
