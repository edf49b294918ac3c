import { graphql } from '../../../generated';

/** What a method can find. */
export const CensusFiguresFragment = graphql(`
  fragment CensusFigures on MatchingCensus {
    method
    users
    usersWithKey
    usersSharingAKey
    usersBlank
    usersHidden
    sharedKeyCount
  }
`);

/** The method in force, and what became of the Confluence users who are known. */
export const MatchingNowQuery = graphql(`
  query MatchingNow {
    matchingCensus {
      ...CensusFigures
      knownIdentities
      matched
      ambiguous
      unmatched
      inactive
      held
    }
    identityLinks(first: 1) {
      totalCount
    }
  }
`);

/** What the other method could find. */
export const MatchingOtherwiseQuery = graphql(`
  query MatchingOtherwise($method: MatchingMethod!) {
    matchingCensus(method: $method) {
      ...CensusFigures
    }
  }
`);

/** Keys that several people have. */
export const SharedKeysQuery = graphql(`
  query SharedKeys($method: MatchingMethod!, $contact: Boolean!, $after: String) {
    matchingCensus(method: $method) {
      sharedKeys(first: 30, after: $after) {
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          key @include(if: $contact)
          count
          users {
            ...MatchedPerson
          }
        }
      }
    }
  }
`);

/** People whom a method can't find, for they have no key. */
export const WithoutKeyQuery = graphql(`
  query WithoutKey($method: MatchingMethod!, $after: String) {
    matchingCensus(method: $method) {
      usersWithoutKey(first: 50, after: $after) {
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          ...MatchedPerson
        }
      }
    }
  }
`);
