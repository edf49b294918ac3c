import { graphql } from '../../../generated';

/** A Confluence user who became somebody else. */
export const MatchChangeRowFragment = graphql(`
  fragment MatchChangeRow on MatchChange {
    cursor
    at
    cause
    causeId
    statusBefore
    statusAfter
    userIdBefore
    userIdAfter
    userBefore {
      ...MatchedPerson
    }
    userAfter {
      ...MatchedPerson
    }
    identity {
      id
      status
      identity {
        ...ConfluenceUser
      }
    }
  }
`);

/** The newest of them. */
export const MatchChangesQuery = graphql(`
  query MatchChanges($contact: Boolean!, $before: String, $after: String, $first: Int, $last: Int) {
    matchChanges(before: $before, after: $after, first: $first, last: $last) {
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
      nodes {
        ...MatchChangeRow
      }
    }
  }
`);

/** As they happen. */
export const MatchChangesLive = graphql(`
  subscription MatchChangesLive($after: String, $contact: Boolean!) {
    matchChanges(after: $after) {
      ...MatchChangeRow
    }
  }
`);
