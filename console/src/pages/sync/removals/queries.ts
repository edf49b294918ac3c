import { graphql } from '../../../generated';

/** What waits for somebody, by department and cause, with what depends on it. */
export const HeldRemovalGroupsQuery = graphql(`
  query HeldRemovalGroups($first: Int!, $links: Boolean!) {
    heldRemovalGroups(first: $first) {
      totalCount
      nodes {
        deptId
        cause
        users
        departments
        queuedMessages
        links @include(if: $links)
        oldestHeldAt
        newestHeldAt
        under {
          deptId
          name
        }
        reasonStatements {
          ...Said
        }
      }
    }
  }
`);

/** A removal with what depends on the person. */
export const RemovalFragment = graphql(`
  fragment Removal on HeldRemoval {
    entity
    entityId
    queuedMessages
    user {
      userId
      name
      title
    }
    department {
      deptId
      name
    }
    links @include(if: $links) {
      id
    }
  }
`);

/** Who and what is in a group. */
export const HeldRemovalsOfGroupQuery = graphql(`
  query HeldRemovalsOfGroup($group: HeldRemovalGroupInput!, $first: Int!, $links: Boolean!) {
    heldRemovals(state: PENDING, group: $group, first: $first) {
      totalCount
      nodes {
        ...Removal
      }
    }
  }
`);

/** Removals that were rejected. */
export const RejectedRemovalsQuery = graphql(`
  query RejectedRemovals($first: Int!) {
    heldRemovals(state: REJECTED, first: $first) {
      totalCount
      nodes {
        entity
        entityId
        decidedAt
        decidedBy
        under {
          deptId
          name
        }
        user {
          userId
          name
        }
        department {
          deptId
          name
        }
      }
    }
  }
`);

/** How many were rejected. */
export const RejectedCountQuery = graphql(`
  query RejectedCount {
    heldRemovals(state: REJECTED, first: 1) {
      totalCount
    }
  }
`);

/** Carries removals out. */
export const ApproveMutation = graphql(`
  mutation ApproveRemovals($input: DecideRemovalsInput!) {
    approveRemovals(input: $input) {
      decided
      back
      remaining
      userErrors {
        code
        statement {
          ...Said
        }
      }
    }
  }
`);

/** Keeps the records. */
export const RejectMutation = graphql(`
  mutation RejectRemovals($input: DecideRemovalsInput!) {
    rejectRemovals(input: $input) {
      decided
      back
      remaining
      userErrors {
        code
        statement {
          ...Said
        }
      }
    }
  }
`);
