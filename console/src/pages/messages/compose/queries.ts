import { graphql } from '../../../generated';

/** The names of people that an address of the composer names. */
export const ReceiverPeopleQuery = graphql(`
  query ReceiverPeople($userIds: [String!]!) {
    users(userIds: $userIds, first: 100) {
      nodes {
        userId
        name
      }
    }
  }
`);

/** The same of a department. */
export const ReceiverDepartmentQuery = graphql(`
  query ReceiverDepartment($deptId: BigInt!) {
    department(deptId: $deptId) {
      deptId
      name
      totalMemberCount
    }
  }
`);

/** What would become of the draft; nothing is sent. */
export const ComposePreviewQuery = graphql(`
  query ComposePreview($input: SendMessageInput!, $directory: Boolean!) {
    previewMessage(input: $input) {
      bytes
      content
      deliveryMode
      state
      noticeStatements {
        ...Said
      }
      recipientCounts {
        state
        count
      }
      recipients {
        position
        userId
        state
        reasonStatement {
          ...SaidBriefly
        }
        prediction
        resolutionStatus
        identity {
          email
          username
          userKey
          accountId
        }
        user @include(if: $directory) {
          userId
          name
        }
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

/** What the composer has to know of sending. */
export const ComposeSendingQuery = graphql(`
  query ComposeSending {
    delivery {
      ...Sending
    }
    quota {
      ...Quota
    }
  }
`);

export const SendMessage = graphql(`
  mutation SendMessage($input: SendMessageInput!) {
    sendMessage(input: $input) {
      replayed
      noticeStatements {
        ...Said
      }
      message {
        id
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
