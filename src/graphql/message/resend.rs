//! Sending a message again to some of its recipients.

use std::time::Duration;

use async_graphql::{Context, ID, InputObject, Object};
use uuid::Uuid;

use super::{
    policy::{OnDuplicate, OnUnknown},
    preview::{MessagePreview, previewed},
    recipient::{RecipientState, states},
    send::{SendMessagePayload, sent},
};
use crate::{
    auth::{Caller, Permission},
    catalogue::{delivery::MESSAGE_NOT_FOUND, resends::RESEND_NAMED_WRONG},
    delivery::{Chosen, Disclosure, ResendRequest},
    graphql::{
        error::ApiError,
        guard::{author, require},
        relay::ids::{NodeKind, key_of},
        services::ContextExt,
        user_error::{UserError, UserErrorCode},
    },
};

/// What to send again, and to whom. Give exactly one of `states` and `recipientIds`.
#[derive(InputObject)]
pub struct ResendMessageInput {
    /// Global id of the message.
    message_id: ID,
    /// Everybody of its recipients who is in one of these states: UNKNOWN, FAILED, UNMATCHED, INVALID, EXPIRED,
    /// DROPPED_DUPLICATE, DROPPED_QUOTA, SKIPPED, SUPPRESSED, SHADOWED or REDIRECTED.
    states: Option<Vec<RecipientState>>,
    /// These of its recipients, by their global ids, each in one of those states; at most 1,000.
    recipient_ids: Option<Vec<ID>>,
    /// A key of your own. The same key with the same input finds the first message instead of sending again; with
    /// another input it is an error. At most 128 characters.
    idempotency_key: Option<String>,
    /// What to do where DingTalk's answer to a send is lost.
    #[graphql(default_with = "Some(OnUnknown::Hold)")]
    on_unknown: Option<OnUnknown>,
    /// What to do for people who had the same content today already. Who is UNKNOWN may have had it: MARK has them get
    /// it once more in that case, SEND leaves that to DingTalk, which drops the same content on the same day.
    #[graphql(default_with = "Some(OnDuplicate::Send)")]
    on_duplicate: Option<OnDuplicate>,
    /// Whoever could not be sent to after so many seconds is not sent to any more; at most a week.
    #[graphql(default_with = "Some(86_400)")]
    expires_in_seconds: Option<i32>,
    /// Comes back unchanged in the payload.
    client_mutation_id: Option<String>,
}

/// Sending again.
#[derive(Default)]
pub struct ResendMutation;

#[Object]
impl ResendMutation {
    /// Sends a message again to some of its recipients, as a new message of yours with the same content: `resendOf`
    /// names the old one, and its `resends` the new one. Confluence users are resolved anew, say after a link was made.
    /// Nobody who has the message or waits for it, by this message or by any that is it sent again, gets it twice; 50
    /// such messages there may be. Everything else is as with `sendMessage`. What was taken back, whose content is
    /// erased, or was resolved for another app is not sent again. Needs `message:send`, and for other callers' messages
    /// `message:read`, too.
    #[graphql(tag = "heavy")]
    async fn resend_message(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The message and to whom.")] input: ResendMessageInput,
    ) -> Option<Result<SendMessagePayload, ApiError>> {
        Some(resend(ctx, input).await)
    }
}

/// Previewing that.
#[derive(Default)]
pub struct PreviewResendQuery;

#[Object]
impl PreviewResendQuery {
    /// What `resendMessage` would do now with the same input; nothing is sent or recorded. Without `directory:read`
    /// those whom a department brought are looked at apart: some of them may get nothing, because they have it
    /// otherwise. Needs `message:send`, and for other callers' messages `message:read`, too.
    #[graphql(tag = "heavy")]
    async fn preview_resend(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The message and to whom, as for `resendMessage`.")] input: ResendMessageInput,
    ) -> Option<Result<MessagePreview, ApiError>> {
        Some(preview(ctx, input).await)
    }
}

async fn resend(ctx: &Context<'_>, mut input: ResendMessageInput) -> Result<SendMessagePayload, ApiError> {
    let caller = require(ctx, Permission::MessageSend)?;
    let client_mutation_id = input.client_mutation_id.take();
    let request = match request(ctx, caller, input).await? {
        Ok(request) => request,
        Err(error) => return Ok(SendMessagePayload::refused(vec![error], client_mutation_id)),
    };
    sent(ctx.services().delivery.resend(request).await, client_mutation_id)
}

async fn preview(ctx: &Context<'_>, input: ResendMessageInput) -> Result<MessagePreview, ApiError> {
    let caller = require(ctx, Permission::MessageSend)?;
    let request = match request(ctx, caller, input).await? {
        Ok(request) => request,
        Err(error) => return Ok(MessagePreview::refused(vec![error])),
    };
    let namer = request.message.named_by().to_owned();
    let found = ctx.services().delivery.preview_resend(request).await;
    previewed(found, &namer, &ctx.services().snapshots.current())
}

/// The request that an input makes, or what is wrong with it.
async fn request(
    ctx: &Context<'_>,
    caller: &Caller,
    input: ResendMessageInput,
) -> Result<Result<ResendRequest, UserError>, ApiError> {
    let id = key_of::<Uuid>(&input.message_id, NodeKind::Message, "input.messageId")?;
    let found = ctx.services().store.message(id).await?;
    // Whose messages they can't see they can't send either.
    let theirs = found.filter(|it| it.caller == caller.subject || caller.may(Permission::MessageRead));
    let Some(message) = theirs else {
        return Ok(Err(UserError::at(
            UserErrorCode::NotFound,
            ["messageId"],
            MESSAGE_NOT_FOUND {},
        )));
    };

    let chosen = match (input.states, input.recipient_ids) {
        (Some(asked), None) => Chosen::States(states(Some(asked))),
        (None, Some(ids)) => {
            let keys = ids.iter().enumerate().map(|(index, id)| {
                let argument = format!("input.recipientIds.{index}");
                key_of::<i64>(id, NodeKind::Recipient, &argument)
            });
            Chosen::Recipients(keys.collect::<Result<_, _>>()?)
        }
        _ => {
            return Ok(Err(UserError::at::<&str>(
                UserErrorCode::Required,
                [],
                RESEND_NAMED_WRONG {},
            )));
        }
    };

    let reads = caller.may(Permission::DirectoryRead);
    Ok(Ok(ResendRequest {
        by: author(ctx, Permission::MessageSend)?,
        message,
        chosen,
        idempotency_key: input.idempotency_key,
        on_unknown: input.on_unknown.unwrap_or(OnUnknown::Hold).into(),
        on_duplicate: input.on_duplicate.unwrap_or(OnDuplicate::Send).into(),
        // Below zero is no time at all, which the request's own check refuses.
        worth_sending_for: input
            .expires_in_seconds
            .map(|seconds| Duration::from_secs(u64::try_from(seconds).unwrap_or(0))),
        disclosure: if reads { Disclosure::Shown } else { Disclosure::Hidden },
        reads_messages: caller.may(Permission::MessageRead),
    }))
}
