//! Sending a message.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::{
    Services,
    content_of::{LinkTarget, content_of, of_template},
    error::ApiError,
    guard::require,
    identity::ConfluenceIdentityInput,
    message::Message,
    message_content::MessageContentInput,
    user_error::{UserError, UserErrorCode},
};
use crate::{
    auth::Permission,
    delivery::{FieldError, FieldErrorCode, SendRequest, SubmitError},
};

/// Whom to send to; both lists may be given, 1,000 in all at most. Each DingTalk user gets the message once.
#[derive(Debug, Default, InputObject)]
pub struct RecipientsInput {
    /// Confluence users; they are resolved as `resolve` does it.
    identities: Option<Vec<ConfluenceIdentityInput>>,
    /// DingTalk users by `userId`.
    user_ids: Option<Vec<String>>,
}

/// A message to send.
#[derive(InputObject)]
pub struct SendMessageInput {
    /// Whom to send to.
    recipients: RecipientsInput,
    /// What it says.
    content: MessageContentInput,
    /// Where a desktop client opens the links.
    #[graphql(default_with = "Some(LinkTarget::AsGiven)")]
    open_links_in: Option<LinkTarget>,
    /// A key of your own, say the page and its version. The same key with the same message finds the first one instead of
    /// sending again; with another message it is an error. At most 128 characters.
    idempotency_key: Option<String>,
    /// Whether nothing is sent unless every Confluence user has exactly one active DingTalk user.
    #[graphql(default_with = "Some(false)")]
    require_all_matched: Option<bool>,
    /// Comes back unchanged in the payload.
    client_mutation_id: Option<String>,
}

/// What came of `sendMessage`.
#[derive(SimpleObject)]
pub struct SendMessagePayload {
    /// The message; null where nothing was recorded. Its recipients tell whom it goes to, and why not to others.
    message: Option<Message>,
    /// Whether the idempotency key was known: this is the first call's message, and nothing was sent again.
    replayed: bool,
    /// What is wrong; then nothing is sent.
    user_errors: Vec<UserError>,
    /// As it was given.
    client_mutation_id: Option<String>,
}

/// Mutations of messages.
#[derive(Default)]
pub struct MessageMutation;

#[Object]
impl MessageMutation {
    /// Records a message with its recipients and answers at once; it is sent in the background, and `message` tells what
    /// became of it for each recipient. Needs `message:send`.
    async fn send_message(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The message.")] input: SendMessageInput,
    ) -> Option<Result<SendMessagePayload, ApiError>> {
        Some(send(ctx, input).await)
    }
}

async fn send(ctx: &Context<'_>, input: SendMessageInput) -> Result<SendMessagePayload, ApiError> {
    let caller = require(ctx, Permission::MessageSend)?;
    let client_mutation_id = input.client_mutation_id.clone();
    let refused = |user_errors| SendMessagePayload {
        message: None,
        replayed: false,
        user_errors,
        client_mutation_id: client_mutation_id.clone(),
    };
    let from_template = matches!(input.content, MessageContentInput::Template(_));
    let target = input.open_links_in.unwrap_or(LinkTarget::AsGiven);
    let content = match content_of(ctx, input.content).await? {
        Ok(content) => content.open_links_in(target.into()),
        Err(errors) => return Ok(refused(errors)),
    };
    let request = SendRequest {
        caller: caller.subject.clone(),
        content,
        identities: input
            .recipients
            .identities
            .unwrap_or_default()
            .into_iter()
            .map(Into::into)
            .collect(),
        userids: input
            .recipients
            .user_ids
            .unwrap_or_default()
            .into_iter()
            .map(Into::into)
            .collect(),
        idempotency_key: input.idempotency_key,
        require_all_matched: input.require_all_matched.unwrap_or(false),
    };
    match ctx.data_unchecked::<Services>().delivery.submit(request).await {
        Ok(submitted) => Ok(SendMessagePayload {
            message: Some(Message::new(submitted.message)),
            replayed: submitted.replayed,
            user_errors: Vec::new(),
            client_mutation_id,
        }),
        Err(SubmitError::Invalid(errors)) => {
            let errors = errors.into_iter().map(user_error).collect();
            Ok(refused(if from_template { of_template(errors) } else { errors }))
        }
        Err(SubmitError::Store(error)) => Err(error.into()),
    }
}

fn user_error(error: FieldError) -> UserError {
    let code = match error.code {
        FieldErrorCode::Required => UserErrorCode::Required,
        FieldErrorCode::Invalid => UserErrorCode::Invalid,
        FieldErrorCode::TooLong => UserErrorCode::TooLong,
        FieldErrorCode::Conflict => UserErrorCode::Conflict,
        FieldErrorCode::NotConfigured => UserErrorCode::NotConfigured,
        FieldErrorCode::NotFound => UserErrorCode::NotFound,
    };
    UserError::at(code, error.field, error.message)
}
