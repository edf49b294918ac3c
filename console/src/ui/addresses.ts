/** The address of a person's card. */
export function personHref(userId: string): string {
  return `/departments?user=${encodeURIComponent(userId)}`;
}

/** The address of a department, with its card and people. */
export function departmentHref(deptId: string): string {
  return `/departments/${encodeURIComponent(deptId)}`;
}

/** Keys of a Confluence user, as callers name them. */
type Keys = Partial<Record<(typeof KEYS)[number], string | null>>;

const KEYS = ['email', 'username', 'userKey', 'accountId'] as const;

/**
 * Where it is looked up who these Confluence users are, each with the way to link them; null where none has a key. They are no
 * part of the address: whoever is asked for is remembered, and no link from elsewhere may ask.
 */
export function whoLink(identities: readonly Keys[]): { href: string; state: WhoState } | null {
  const used = KEYS.filter((key) => identities.some((identity) => identity[key]));
  if (used.length === 0) return null;

  // A table, whose first line names the columns: a user name may look like anything.
  const lines = identities.map((identity) => used.map((key) => identity[key] ?? '').join('\t'));
  return { href: '/matching/who', state: { who: [used.join('\t'), ...lines].join('\n') } };
}

/** What goes with the address: a list to look up. */
export interface WhoState {
  who?: string;
}
