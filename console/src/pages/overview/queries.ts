import { graphql } from '../../generated';

/** The page in one query; what the viewer may not read isn't asked for. */
export const OverviewQuery = graphql(`
  query Overview($today: DateTime!, $week: DateTime!, $directory: Boolean!, $messages: Boolean!, $settings: Boolean!) {
    mirror @include(if: $directory) {
      id
      userCount
      departmentCount
      lastRun {
        id
        mode
        startedAt
        finishedAt
        verdict
        evidence {
          usersByDepartments
          oneSidedUsers
          departmentsSeen
          departmentsReadable
          fieldsWithheld
        }
      }
    }
    syncRuns(first: 1) @include(if: $directory) {
      nodes {
        id
        state
        startedAt
        error
      }
    }
    heldRemovals(state: PENDING, first: 200) @include(if: $directory) {
      totalCount
      nodes {
        entity
        heldAt
        queuedMessages
        under {
          deptId
          name
        }
      }
    }
    delivery @include(if: $messages) {
      id
      held
      callsThisMonth
      recipientsThisMonth
      monthEndsAt
      stoppedUntil
      stoppedReason
      ownFault
    }
    today: recipientCounts(filter: { createdFrom: $today }) @include(if: $messages) {
      state
      count
    }
    messages(first: 1, filter: { createdFrom: $today }) @include(if: $messages) {
      totalCount
    }
    week: recipientCounts(filter: { createdFrom: $week, states: [UNKNOWN] }) @include(if: $messages) {
      state
      count
    }
    settings @include(if: $settings) {
      id
      complete
      missing
    }
  }
`);

/** Who can't be matched. Asked less often, for it counts everybody. */
export const OverviewCensusQuery = graphql(`
  query OverviewCensus {
    matchingCensus {
      method
      usersHidden
      unmatched
      ambiguous
    }
  }
`);
