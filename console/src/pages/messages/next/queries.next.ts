// Waits for `resendMessage`, `previewResend`, `Message.title`, `recallReach`, `resends` and the statements of the schema.
// When they are there: `later` becomes `graphql` of ../../../generated, and the types at the end go.
import { gql, type TypedDocumentNode } from '@urql/core';

/** Like `graphql`, for what the schema doesn't have yet; the generator leaves it alone. */
function later<Data, Variables extends object>(document: string): TypedDocumentNode<Data, Variables> {
  return gql(document) as TypedDocumentNode<Data, Variables>;
}

/** What the server knows of a message beside what the page asks for today. */
export const MessageMoreQuery = later<MessageMoreQuery, { id: string }>(`
  query MessageMore($id: ID!) {
    message(id: $id) {
      id
      title
      recallReach { waiting sent outOfReach until }
      resendOf { id title createdAt }
      resends(first: 20) { totalCount nodes { id title createdAt caller recipientCounts { state count } } }
    }
  }
`);

/** Whom sending again would reach; nothing is sent. */
export const PreviewResendQuery = later<PreviewResendQuery, { input: ResendInput }>(`
  query PreviewResend($input: ResendMessageInput!) {
    previewResend(input: $input) {
      deliveryMode
      notices
      recipientCounts { state count }
      recipients { position prediction state }
      userErrors { code field message }
    }
  }
`);

/** Sends to some of a message's recipients again, as a new message that names the old one. */
export const ResendMessage = later<ResendMessage, { input: ResendInput }>(`
  mutation ResendMessage($input: ResendMessageInput!) {
    resendMessage(input: $input) {
      notices
      message { id }
      userErrors { code field message }
    }
  }
`);

interface Count {
  state: string;
  count: number;
}
interface UserError {
  code: string;
  field: string[];
  message: string;
}
interface Other {
  id: string;
  title: string | null;
  createdAt: string;
}

/** `ResendMessageInput`. */
export interface ResendInput {
  messageId: string;
  states?: string[];
  recipientIds?: string[];
  idempotencyKey?: string;
  onDuplicate?: 'SEND' | 'SKIP' | 'MARK';
}

export interface MessageMoreQuery {
  message: {
    id: string;
    title: string | null;
    recallReach: { waiting: number; sent: number; outOfReach: number; until: string | null } | null;
    resendOf: Other | null;
    resends: { totalCount: number | null; nodes: (Other & { caller: string; recipientCounts: Count[] | null })[] } | null;
  } | null;
}

export interface PreviewResendQuery {
  previewResend: {
    deliveryMode: 'ON' | 'OFF' | 'SHADOW' | 'REDIRECT' | null;
    notices: string[];
    recipientCounts: Count[];
    recipients: { position: number; prediction: string | null; state: string }[];
    userErrors: UserError[];
  } | null;
}

export interface ResendMessage {
  resendMessage: { notices: string[]; message: { id: string } | null; userErrors: UserError[] } | null;
}
