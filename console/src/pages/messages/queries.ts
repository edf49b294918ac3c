import { graphql } from '../../generated';

/** A row of the ledger. */
export const LedgerRowFragment = graphql(`
  fragment LedgerRow on Message {
    id
    caller
    msgType
    state
    createdAt
    updatedAt
    deliveryMode
    isHeld
    title
    erasedAt
    recalledAt
    recipientCounts {
      state
      count
    }
  }
`);

/** How sending stands. */
export const SendingFragment = graphql(`
  fragment Sending on DeliveryStatus {
    id
    mode
    stoppedUntil
    stoppedStatement {
      ...Said
    }
    ownFaultStatement {
      ...Said
    }
    followUp
    queued
    held
    recipientsThisMonth
  }
`);

/** What of the month's calls is used, and for what. */
export const QuotaFragment = graphql(`
  fragment Quota on Quota {
    used
    limit
    forecastExhaustedAt
    monthEndsAt
    byPurpose {
      purpose
      calls
    }
  }
`);

/** The ledger's rows. */
export const LedgerQuery = graphql(`
  query Ledger($first: Int!, $after: String, $filter: MessageFilter!) {
    messages(first: $first, after: $after, filter: $filter) {
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        ...LedgerRow
      }
    }
  }
`);

/** What the filters count, and how sending stands. */
export const LedgerFiguresQuery = graphql(`
  query LedgerFigures($messages: MessageFilter!, $recipients: RecipientFilter!) {
    messages(first: 1, filter: $messages) {
      totalCount
    }
    recipientCounts(filter: $recipients) {
      state
      count
    }
    delivery {
      ...Sending
    }
    quota {
      ...Quota
    }
  }
`);

/** Whose messages the filter shows. */
export const LedgerPersonQuery = graphql(`
  query LedgerPerson($userId: String!) {
    user(userId: $userId) {
      userId
      name
    }
  }
`);

/** Whatever becomes of messages, of one caller or of all. */
export const LedgerUpdates = graphql(`
  subscription LedgerUpdates($caller: String) {
    messageUpdates(caller: $caller) {
      id
      state
      createdAt
      updatedAt
      recalledAt
      recipientCounts {
        state
        count
      }
    }
  }
`);

/** One message with a page of its recipients. Names need `directory:read`, addresses `directory:contact`, too. */
export const MessageQuery = graphql(`
  query Message(
    $id: ID!
    $first: Int!
    $after: String
    $states: [RecipientState!]
    $directory: Boolean!
    $contact: Boolean!
  ) {
    message(id: $id) {
      ...LedgerRow
      content
      recallReach {
        waiting
        sent
        outOfReach
        until
      }
      resendOf {
        id
        title
      }
      resends(first: 20) {
        nodes {
          id
          createdAt
          recipientCounts {
            state
            count
          }
        }
      }
      expiresAt
      recalledBy
      followUp
      onUnknown
      onDuplicate
      idempotencyKey
      attempts(first: 100) {
        totalCount
        nodes {
          startedAt
          finishedAt
          outcome
          code
          detailStatement {
            ...Said
          }
          progress
          recipients
          recall
          recallDetailStatement {
            ...SaidBriefly
          }
          taskId
        }
      }
      recipients(first: $first, after: $after, states: $states) {
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          id
          userId
          state
          reasonStatement {
            ...Said
          }
          updatedAt
          repeats
          repeatUntil
          taskId
          rule
          resolutionStatus
          identity {
            displayName
            username
            userKey
            accountId
            email @include(if: $contact)
          }
          user @include(if: $directory) {
            userId
            name
            primaryDepartment {
              deptId
              path {
                deptId
                name
              }
            }
          }
          department @include(if: $directory) {
            deptId
            name
          }
        }
      }
    }
  }
`);

/** What becomes of one message, first as it stands. */
export const MessageUpdates = graphql(`
  subscription MessageUpdates($id: ID!) {
    messageUpdates(messageId: $id) {
      id
      updatedAt
    }
  }
`);

export const RecallMessage = graphql(`
  mutation RecallMessage($input: RecallMessageInput!) {
    recallMessage(input: $input) {
      message {
        id
        state
      }
      userErrors {
        code
        field
        statement {
          ...Said
        }
      }
    }
  }
`);

export const ResumeDelivery = graphql(`
  mutation ResumeDelivery {
    resumeDelivery(input: {}) {
      wasStopped
      delivery {
        ...Sending
      }
    }
  }
`);

export const ReleaseHeldMessages = graphql(`
  mutation ReleaseHeldMessages {
    releaseHeldMessages(input: {}) {
      released
      delivery {
        ...Sending
      }
      userErrors {
        code
        field
        statement {
          ...Said
        }
      }
    }
  }
`);
