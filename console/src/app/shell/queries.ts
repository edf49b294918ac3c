import { graphql } from '../../generated';

/** What stands on every page: who is signed in, how good and fresh the mirror is, and whether messages are sent. */
export const ShellQuery = graphql(`
  query Shell($settings: Boolean!) {
    version
    viewer {
      subject
      expiresAt
      permissions
    }
    mirror {
      revision
      asOf
      verdict
      pendingEvents
      verificationCycleSeconds
      companyName
    }
    delivery {
      mode
      modeSetAt
      modeSetBy
      stoppedUntil
      stoppedStatement {
        ...Said
      }
      ownFaultStatement {
        ...Said
      }
    }
    settings @include(if: $settings) {
      redirectTo
    }
  }
`);

/** The name of the tester to whom everything is redirected. */
export const TesterQuery = graphql(`
  query Tester($userId: String!) {
    user(userId: $userId) {
      userId
      name
    }
  }
`);

/** What waits for somebody: the navigation's badges. Asked less often, for the census counts everybody. */
export const BadgesQuery = graphql(`
  query Badges {
    heldRemovals(state: PENDING, first: 1) {
      totalCount
    }
    matchingCensus {
      ambiguous
    }
  }
`);
