import { graphql } from '../../../generated';

/** Whom sending again would reach; nothing is sent. */
export const PreviewResendQuery = graphql(`
  query PreviewResend($input: ResendMessageInput!) {
    previewResend(input: $input) {
      deliveryMode
      noticeStatements {
        ...Said
      }
      recipientCounts {
        state
        count
      }
      recipients {
        position
        prediction
        state
      }
      userErrors {
        code
        statement {
          ...Said
        }
      }
    }
  }
`);

/** Sends to some of a message's recipients again, as a new message that names the old one. */
export const ResendMessage = graphql(`
  mutation ResendMessage($input: ResendMessageInput!) {
    resendMessage(input: $input) {
      message {
        id
      }
      userErrors {
        code
        statement {
          ...Said
        }
      }
    }
  }
`);
