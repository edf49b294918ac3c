/**
 * What this page will ask once the schema has it. They are texts and no `graphql()` documents: those would be checked against
 * today's schema. When it has landed:
 *
 * - `FIELDS` go into the fragments and queries that they name. Nothing else changes: `parts/told.ts` reads them where they are.
 * - `NOT_SENT` goes to `identities/queries.ts`, for a line in `IdentityPane` beside when they were asked for last: 这周 9 条通知
 *   没发出, with a link to `/messages?group=failed`.
 */
export const FIELDS = {
  'KnownIdentity (KnownIdentityQuery), MatchMoveRow.identity': 'reasonStatement @include(if: $contact) { code args { name value } text }',
  'WhoIsThisQuery.resolve': 'reasonStatement { code args { name value } text }',
  'userErrors of each mutation, mistakes of ImportIdentityLinks': 'statement { code args { name value } text }',
  'RehearsalQuery.rehearseMatching': 'noticeStatements { code args { name value } text }',
} as const;

/** What of the last days was for them and went to nobody. Needs `message:read`, and with an email `directory:contact`. */
export const NOT_SENT = `
  query NotSentTo($identity: ConfluenceIdentityInput!, $from: DateTime!) {
    recipientCounts(filter: { identity: $identity, states: [UNMATCHED], createdFrom: $from }) {
      state
      count
    }
  }
`;
