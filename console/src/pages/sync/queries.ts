import { graphql } from '../../generated';

/** A run as lists, the timeline and the live picture show it. */
export const RunFactsFragment = graphql(`
  fragment RunFacts on SyncRun {
    id
    mode
    trigger
    requestedBy
    strategy
    state
    phase
    verdict
    startedAt
    finishedAt
    number
    phases {
      phase
      startedAt
      finishedAt
    }
    findingStatements {
      ...SaidBriefly
    }
    errorStatement {
      ...SaidBriefly
    }
    resumed
    progress {
      fraction
      etaSeconds
      departmentsFound
      departmentsRead
      usersFound
      usersRead
    }
    counts {
      totalCalls
      throttled
      resumedAnswers
      calls {
        api
        calls
        expected
      }
      departmentsChanged
      usersChanged
      removed
      held
      entryErrors
    }
  }
`);

/** What a verdict rests on. */
export const RunEvidenceFragment = graphql(`
  fragment RunEvidence on SyncRun {
    evidence {
      usersByDepartments
      usersRead
      usersByListAlone
      usersOutOfScope
      usersUnreadable
      oneSidedUsers
      usersOnlyInLists
      usersOnlyInRecords
      userCount
      usersInMirror
      absent
      absentUsers
      absentDepartments
      confirmedGone
      confirmedGoneUsers
      confirmedGoneDepartments
      departmentsSeen
      departmentsReadable
      departmentsInMirror
      departmentsUnreadable {
        code
        departments
      }
      orphanDepartments
      homeSchoolDepartments
      fieldsWithheld
      withheld {
        permission
        users
      }
    }
  }
`);

/** The page's first picture: the newest runs, and the one that the mirror stands on with its evidence. */
export const SyncRunsQuery = graphql(`
  query SyncRuns($first: Int!) {
    syncRuns(first: $first) {
      totalCount
      nodes {
        ...RunFacts
      }
    }
    mirror {
      id
      nextRunAt
      lastRun {
        ...RunFacts
        ...RunEvidence
      }
    }
  }
`);

/** One run with all that is known of it. */
export const SyncRunQuery = graphql(`
  query OneSyncRun($id: ID!, $changes: Int!, $errors: Int!) {
    syncRun(id: $id) {
      ...RunFacts
      errorStatement {
        ...Said
      }
      ...RunEvidence
      entryErrors(first: $errors) {
        totalCount
        nodes {
          subject
          code
          statement {
            ...SaidBriefly
          }
        }
      }
      changes(first: $changes) {
        totalCount
        nodes {
          kind
          entity
          entityId
          fields {
            field
            before
            after
          }
        }
      }
    }
  }
`);

/** Each step of the run under way, and of those that follow. */
export const SyncProgressSubscription = graphql(`
  subscription SyncProgress {
    syncProgress {
      ...RunFacts
      errorStatement {
        ...Said
      }
    }
  }
`);
