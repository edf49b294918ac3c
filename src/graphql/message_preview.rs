//! What `sendMessage` would do.

use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};
use uuid::Uuid;

use super::{
    Services,
    admission::{WALK, list_cost},
    error::ApiError,
    guard::require,
    message::{MessageState, RecipientCount},
    recipient::Recipient,
    recipient_preview::RecipientPreview,
    scalars::Json,
    send_message::{SendMessageInput, request, user_errors},
    settings::DeliveryMode,
    user_error::UserError,
};
use crate::{
    auth::Permission,
    delivery::{self, SubmitError},
    directory::Snapshot,
    message,
    page::MAX_PAGE,
};

/// What `sendMessage` would do now with the same input. Nothing is recorded.
#[derive(Default, SimpleObject)]
pub struct MessagePreview {
    /// DingTalk's `msg` object.
    content: Option<Json>,
    /// Its size; DingTalk takes at most 2,048 bytes.
    bytes: i32,
    /// How sending stands in the settings.
    delivery_mode: Option<DeliveryMode>,
    /// The state that the message would begin in.
    state: Option<MessageState>,
    /// How many recipients would be in each state.
    recipient_counts: Vec<RecipientCount>,
    /// The first recipients in the order asked, with the resolution of each, 500 at most.
    recipients: Vec<RecipientPreview>,
    /// What you should know before you send it, a sentence each.
    notices: Vec<String>,
    /// What is wrong: `sendMessage` would refuse it.
    user_errors: Vec<UserError>,
}

/// Queries that preview.
#[derive(Default)]
pub struct PreviewQuery;

#[Object]
impl PreviewQuery {
    /// Whom a message would go to, what it would look like, and what DingTalk would drop of it; nothing is sent or recorded.
    /// Needs `message:send`.
    #[graphql(complexity = "list_cost(1, child_complexity).saturating_add(WALK)")]
    async fn preview_message(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The message, as for `sendMessage`.")] input: SendMessageInput,
    ) -> Option<Result<MessagePreview, ApiError>> {
        Some(preview(ctx, input).await)
    }
}

async fn preview(ctx: &Context<'_>, input: SendMessageInput) -> Result<MessagePreview, ApiError> {
    let caller = require(ctx, Permission::MessageSend)?;
    let refused = |user_errors| MessagePreview {
        user_errors,
        ..MessagePreview::default()
    };
    let request = match request(input, &caller.subject) {
        Ok(request) => request,
        Err(error) => return Ok(refused(vec![error])),
    };
    let services = ctx.data_unchecked::<Services>();
    match services.delivery.preview(request).await {
        Ok(found) => Ok(shown(found, &caller.subject, &services.snapshots.current())),
        Err(SubmitError::Invalid(errors)) => Ok(refused(user_errors(errors))),
        Err(SubmitError::Store(error)) => Err(error.into()),
    }
}

fn shown(found: delivery::Preview, caller: &str, snapshot: &Arc<Snapshot>) -> MessagePreview {
    let delivery::Preview { message, notices } = found;
    let mut counts = std::collections::BTreeMap::new();
    for recipient in &message.recipients {
        *counts.entry(recipient.state).or_insert(0_u64) += 1;
    }
    let caller: Arc<str> = caller.into();
    let recipients = message.recipients.into_iter().take(MAX_PAGE as usize).enumerate();
    MessagePreview {
        content: serde_json::from_str(&message.rendered).ok().map(Json),
        bytes: i32::try_from(message.rendered.len()).unwrap_or(i32::MAX),
        delivery_mode: Some(message.mode.into()),
        state: Some(message.state.into()),
        recipient_counts: super::message::count_list(counts),
        recipients: recipients
            .map(|(position, it)| {
                let row = as_recorded(position, it, message.created_at);
                RecipientPreview(Recipient::new(snapshot.clone(), caller.clone(), row))
            })
            .collect(),
        notices,
        user_errors: Vec::new(),
    }
}

/// The recipient as they would be recorded. What only a row has (its id, its message) is never shown of it.
fn as_recorded(position: usize, new: message::NewRecipient, at: chrono::DateTime<chrono::Utc>) -> message::Recipient {
    message::Recipient {
        id: 0,
        message_id: Uuid::nil(),
        position: i64::try_from(position).unwrap_or(i64::MAX),
        identity: new.identity,
        resolution_status: new.resolution.as_ref().map(|it| it.status),
        resolution_rule: new.resolution.as_ref().and_then(|it| it.rule),
        userid: new.userid,
        state: new.state,
        reason: new.reason,
        task_id: None,
        updated_at: at,
        dept_id: new.dept_id,
        prediction: new.prediction,
        repeats: 0,
        repeat_until: None,
    }
}
