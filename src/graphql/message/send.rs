//! Sending a message.

use std::time::Duration;

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::{
    content::MessageContentInput,
    content_of::{LinkTarget, content_of, steps},
    object::Message,
    policy::{FollowUpPolicy, OnDuplicate, OnUnknown, Priority},
    recipients_input::{RecipientsInput, departments, identities},
};
use crate::{
    auth::Permission,
    delivery::{SendRequest, SubmitError, Submitted},
    graphql::{
        error::ApiError,
        guard::require,
        services::ContextExt,
        statement::{Statement, as_data, as_text},
        user_error::UserError,
    },
    store::StoreError,
};

/// A message to send.
#[derive(InputObject)]
pub struct SendMessageInput {
    /// Whom to send to.
    recipients: RecipientsInput,
    /// What it says.
    content: MessageContentInput,
    /// Where the links open.
    #[graphql(default_with = "Some(LinkTarget::AsGiven)")]
    open_links_in: Option<LinkTarget>,
    /// Whether each newline of the Markdown is written as a line break (two blanks before it). As it is, DingTalk shows
    /// a blank in the place of a single newline.
    #[graphql(default_with = "Some(false)")]
    keep_line_breaks: Option<bool>,
    /// A key of your own, say the page and its version. The same key with the same message finds the first one instead
    /// of sending again; with another message it is an error. At most 128 characters.
    idempotency_key: Option<String>,
    /// Whether nothing is sent unless every Confluence user has exactly one active DingTalk user.
    #[graphql(default_with = "Some(false)")]
    require_all_matched: Option<bool>,
    /// What to do where DingTalk's answer to a send is lost.
    #[graphql(default_with = "Some(OnUnknown::Hold)")]
    on_unknown: Option<OnUnknown>,
    /// What to do for people who had the same content today already.
    #[graphql(default_with = "Some(OnDuplicate::Send)")]
    on_duplicate: Option<OnDuplicate>,
    /// How much is spent on asking what became of it; absent: as the operator configured it (`DINGMIRROR_FOLLOW_UP`,
    /// AUTO).
    follow_up: Option<FollowUpPolicy>,
    /// What it goes before.
    #[graphql(default_with = "Some(Priority::Normal)")]
    priority: Option<Priority>,
    /// Whoever could not be sent to after so many seconds is not sent to any more; at most a week.
    #[graphql(default_with = "Some(86_400)")]
    expires_in_seconds: Option<i32>,
    /// Comes back unchanged in the payload.
    client_mutation_id: Option<String>,
}

/// What came of `sendMessage` or `resendMessage`.
#[derive(Default, SimpleObject)]
pub struct SendMessagePayload {
    /// The message; null where nothing was recorded. Its recipients tell whom it goes to, and why not to others.
    message: Option<Message>,
    /// Whether the idempotency key was known: this is the first call's message, and nothing was sent again.
    replayed: bool,
    /// What you should know: what DingTalk would drop, or why nothing is sent for now. A sentence each.
    notices: Vec<String>,
    /// The notices as data.
    notice_statements: Vec<Statement>,
    /// What is wrong; then nothing is sent.
    user_errors: Vec<UserError>,
    /// As it was given.
    client_mutation_id: Option<String>,
}

impl SendMessagePayload {
    /// Nothing was recorded.
    pub(super) fn refused(user_errors: Vec<UserError>, client_mutation_id: Option<String>) -> Self {
        Self {
            user_errors,
            client_mutation_id,
            ..Self::default()
        }
    }
}

/// Mutations of messages.
#[derive(Default)]
pub struct MessageMutation;

#[Object]
impl MessageMutation {
    /// Records a message with its recipients and answers at once; it is sent in the background, and `message` tells
    /// what became of it for each recipient. Needs `message:send`.
    #[graphql(tag = "heavy")]
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
    let request = match request(ctx, input, &caller.subject) {
        Ok(request) => request,
        Err(error) => return Ok(SendMessagePayload::refused(vec![error], client_mutation_id)),
    };
    sent(ctx.services().delivery.submit(request).await, client_mutation_id)
}

/// What came of taking a message in.
pub(super) fn sent(
    taken_in: Result<Submitted, SubmitError>,
    client_mutation_id: Option<String>,
) -> Result<SendMessagePayload, ApiError> {
    match taken_in {
        Ok(submitted) => Ok(SendMessagePayload {
            message: Some(Message::new(submitted.message)),
            replayed: submitted.replayed,
            notices: as_text(&submitted.notices),
            notice_statements: as_data(&submitted.notices),
            user_errors: Vec::new(),
            client_mutation_id,
        }),
        Err(SubmitError::Invalid(problems)) => {
            let user_errors = problems.into_iter().map(Into::into).collect();
            Ok(SendMessagePayload::refused(user_errors, client_mutation_id))
        }
        Err(SubmitError::Overtaken) => Err(StoreError::Unavailable.into()),
        Err(SubmitError::Store(error)) => Err(error.into()),
    }
}

/// The request that an input makes, or what is wrong with its content.
pub(crate) fn request(ctx: &Context<'_>, input: SendMessageInput, caller: &str) -> Result<SendRequest, UserError> {
    let links = input.open_links_in.unwrap_or(LinkTarget::AsGiven);
    let content = content_of(input.content, links, input.keep_line_breaks.unwrap_or(false))?;
    let recipients = input.recipients;

    Ok(SendRequest {
        identities: identities(recipients.identities),
        userids: recipients
            .user_ids
            .unwrap_or_default()
            .into_iter()
            .map(Into::into)
            .collect(),
        departments: departments(recipients.departments),
        except: recipients.except.unwrap_or_default().into(),
        idempotency_key: input.idempotency_key,
        require_all_matched: input.require_all_matched.unwrap_or(false),
        on_unknown: input.on_unknown.unwrap_or(OnUnknown::Hold).into(),
        on_duplicate: input.on_duplicate.unwrap_or(OnDuplicate::Send).into(),
        follow_up: input.follow_up.map(Into::into),
        priority: input.priority.unwrap_or(Priority::Normal).into(),
        // Below zero is no time at all, which the request's own check refuses.
        worth_sending_for: input
            .expires_in_seconds
            .map(|seconds| Duration::from_secs(u64::try_from(seconds).unwrap_or(0))),
        steps: steps(ctx),
        ..SendRequest::new(caller, content)
    })
}
