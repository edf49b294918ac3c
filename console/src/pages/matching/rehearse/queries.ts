import { graphql } from '../../../generated';

/** An identity that another method takes otherwise. */
export const MatchMoveRowFragment = graphql(`
  fragment MatchMoveRow on MatchMove {
    statusBefore
    statusAfter
    userBefore {
      ...MatchedPerson
    }
    userAfter {
      ...MatchedPerson
    }
    reasonAfterStatement @include(if: $contact) {
      ...SaidBriefly
    }
    identity {
      id
      identity {
        ...ConfluenceUser
      }
    }
  }
`);

/** What another method would change. */
export const RehearsalQuery = graphql(`
  query Rehearsal($method: MatchingMethod!, $contact: Boolean!) {
    matchingCensus {
      method
    }
    rehearseMatching(method: $method) {
      method
      token
      settingsVersion
      knownIdentities
      noticeStatements {
        ...Said
      }
      changesPerson(first: 200) {
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          ...MatchMoveRow
        }
      }
      loses(first: 1) {
        totalCount
      }
      gains(first: 1) {
        totalCount
      }
    }
  }
`);

/** Who would not be found any more, or who would be. */
export const RehearsedMovesQuery = graphql(`
  query RehearsedMoves($method: MatchingMethod!, $contact: Boolean!, $loses: Boolean!, $after: String, $before: String, $first: Int, $last: Int) {
    rehearseMatching(method: $method) {
      loses(after: $after, before: $before, first: $first, last: $last) @include(if: $loses) {
        totalCount
        pageInfo {
          hasNextPage
          hasPreviousPage
          startCursor
          endCursor
        }
        nodes {
          ...MatchMoveRow
        }
      }
      gains(after: $after, before: $before, first: $first, last: $last) @skip(if: $loses) {
        totalCount
        pageInfo {
          hasNextPage
          hasPreviousPage
          startCursor
          endCursor
        }
        nodes {
          ...MatchMoveRow
        }
      }
    }
  }
`);

/** The next page of those who would be somebody else. */
export const MorePersonChangesQuery = graphql(`
  query MorePersonChanges($method: MatchingMethod!, $contact: Boolean!, $after: String!) {
    rehearseMatching(method: $method) {
      token
      changesPerson(first: 200, after: $after) {
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          ...MatchMoveRow
        }
      }
    }
  }
`);

/** Puts the rehearsed method in force. */
export const ChangeMethodMutation = graphql(`
  mutation ChangeMethod($input: UpdateSettingsInput!) {
    updateSettings(input: $input) {
      userErrors {
        code
        field
        statement {
          ...Said
        }
      }
    }
  }
`);
