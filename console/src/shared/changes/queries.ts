import { graphql } from '../../generated';

/** A change with what a row of it says. */
export const ChangeFactsFragment = graphql(`
  fragment ChangeFacts on Change {
    cursor
    at
    kind
    entity
    entityId
    cause
    causeId
    fields {
      field
      before
      after
    }
    user {
      userId
      name
      primaryDepartment {
        deptId
        name
      }
    }
    department {
      deptId
      name
    }
    matchChange @include(if: $identities) {
      identity {
        id
        identity {
          displayName
          username
          email
          userKey
          accountId
        }
      }
      statusBefore
      statusAfter
      userIdBefore
      userIdAfter
    }
  }
`);

/** What the ids in changes are called. */
export const ChangedNamesQuery = graphql(`
  query ChangedNames($deptIds: [BigInt!]!, $userIds: [String!]!, $departments: Boolean!, $users: Boolean!) {
    departments(first: 500, filter: { deptIdIn: $deptIds, states: [ACTIVE, HELD, GONE] }) @include(if: $departments) {
      nodes {
        deptId
        name
      }
    }
    users(userIds: $userIds) @include(if: $users) {
      nodes {
        userId
        name
      }
    }
  }
`);

/** A page of the feed, newest first. */
export const ChangesQuery = graphql(`
  query Changes($first: Int!, $after: String, $filter: ChangeFilter, $identities: Boolean!) {
    changes(first: $first, after: $after, filter: $filter, orderBy: NEWEST_FIRST) {
      nodes {
        ...ChangeFacts
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

/** Changes as they are applied. */
export const DirectoryChangesSubscription = graphql(`
  subscription FeedChanges($after: String, $filter: ChangeFilter, $identities: Boolean!) {
    directoryChanges(after: $after, filter: $filter) {
      ...ChangeFacts
    }
  }
`);
