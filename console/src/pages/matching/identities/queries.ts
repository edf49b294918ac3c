import { graphql } from '../../../generated';

/** Known Confluence users by what they come to. */
export const KnownIdentitiesQuery = graphql(`
  query KnownIdentities($statuses: [ResolutionStatus!]!, $contact: Boolean!, $after: String, $before: String, $first: Int, $last: Int) {
    matchingCensus {
      method
      identities(statuses: $statuses, after: $after, before: $before, first: $first, last: $last) {
        totalCount
        pageInfo {
          hasNextPage
          hasPreviousPage
          startCursor
          endCursor
        }
        nodes {
          id
          status
          lastSeen
          linked
          identity {
            ...ConfluenceUser
          }
          user {
            userId
            name
          }
          candidates {
            userId
          }
        }
      }
    }
  }
`);

/** What of the last days was for them and went to nobody. */
export const NotSentToQuery = graphql(`
  query NotSentTo($identity: ConfluenceIdentityInput!, $from: DateTime!) {
    recipientCounts(filter: { identity: $identity, states: [UNMATCHED], createdFrom: $from }) {
      count
    }
  }
`);

/** One of them with everybody who has the key, side by side. */
export const KnownIdentityQuery = graphql(`
  query KnownIdentity($id: ID!, $contact: Boolean!) {
    node(id: $id) {
      __typename
      ... on KnownIdentity {
        id
        status
        rule
        linked
        firstSeen
        lastSeen
        reasonStatement @include(if: $contact) {
          ...Said
        }
        identity {
          ...ConfluenceUser
        }
        user {
          ...MatchedPerson
        }
        candidates {
          userId
          name
          title
          jobNumber
          state
          goneCause
          active
          workPlace
          hiredDate
          email @include(if: $contact)
          orgEmail @include(if: $contact)
          primaryDepartment {
            name
          }
          departments {
            deptId
            path {
              name
            }
          }
        }
      }
    }
  }
`);
