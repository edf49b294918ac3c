import { graphql } from '../../../generated';

/** Who these Confluence users are, in the order asked. */
export const WhoIsThisQuery = graphql(`
  query WhoIsThis($identities: [ConfluenceIdentityInput!]!, $method: MatchingMethod, $directory: Boolean!) {
    resolve(identities: $identities, method: $method) {
      status
      rule
      key
      reasonStatement {
        ...SaidBriefly
      }
      user {
        userId
        name
        title
        jobNumber
        primaryDepartment @include(if: $directory) {
          deptId
          name
        }
      }
      candidates {
        userId
        name
      }
    }
  }
`);

/** By which keys the known Confluence users are known: to find the one who was asked for. */
export const KnownKeysQuery = graphql(`
  query KnownKeys($statuses: [ResolutionStatus!]!, $contact: Boolean!, $first: Int!, $after: String) {
    matchingCensus {
      method
      identities(statuses: $statuses, first: $first, after: $after) {
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          id
          status
          identity {
            ...ConfluenceUser
          }
        }
      }
    }
  }
`);
