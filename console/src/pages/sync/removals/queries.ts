import { graphql } from '../../../generated';

/** Removals that wait for somebody, or that were rejected, with what depends on the people. */
export const HeldRemovalsQuery = graphql(`
  query HeldRemovals($state: HeldState!, $first: Int!, $links: Boolean!) {
    heldRemovals(state: $state, first: $first) {
      totalCount
      nodes {
        entity
        entityId
        cause
        reason
        heldAt
        decidedAt
        decidedBy
        queuedMessages
        under {
          deptId
          name
        }
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
    }
  }
`);

/** How many were rejected. */
export const RejectedCountQuery = graphql(`
  query RejectedRemovals {
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
        message
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
        message
      }
    }
  }
`);
