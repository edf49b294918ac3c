import { graphql } from '../../generated';

/** The page in one query; what the viewer may not read isn't asked for. */
export const OverviewQuery = graphql(`
  query Overview($today: DateTime!, $week: DateTime!, $directory: Boolean!, $messages: Boolean!, $settings: Boolean!) {
    mirror @include(if: $directory) {
      id
      userCount
      departmentCount
      nextRunAt
      eventChannels {
        kind
        connectedSince
        problemStatement {
          ...Said
        }
        lastEventAt
      }
      lastRun {
        id
        number
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
          withheld {
            permission
            users
          }
        }
      }
    }
    syncRuns(first: 1) @include(if: $directory) {
      nodes {
        id
        state
        startedAt
        errorStatement {
          ...Said
        }
      }
    }
    heldRemovalGroups(first: 200) @include(if: $directory) {
      totalCount
      nodes {
        users
        departments
        queuedMessages
        oldestHeldAt
        under {
          deptId
          name
        }
      }
    }
    delivery @include(if: $messages) {
      id
      held
      recipientsThisMonth
      stoppedUntil
      stoppedStatement {
        ...Said
      }
      ownFaultStatement {
        ...Said
      }
    }
    quota @include(if: $messages) {
      used
      limit
      forecastExhaustedAt
      monthEndsAt
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
    toAmbiguous: recipientCounts(filter: { createdFrom: $week, resolutionStatuses: [AMBIGUOUS] }) @include(if: $messages) {
      count
    }
    toUnmatched: recipientCounts(filter: { createdFrom: $week, resolutionStatuses: [UNMATCHED] }) @include(if: $messages) {
      count
    }
    settings @include(if: $settings) {
      id
      complete
      missing
    }
  }
`);

/** The last days, oldest first. They change once a day but for the last one. */
export const OverviewDaysQuery = graphql(`
  query OverviewDays($from: String!, $to: String!, $offset: String!) {
    dailyFigures(from: $from, to: $to, utcOffset: $offset) {
      day
      userCount
      departmentCount
      usersJoined
      usersLeft
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
