//! What `sendMessage` would do.

use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};
use uuid::Uuid;

use super::{
    object::MessageState,
    recipient::Recipient,
    recipient_count::{RecipientCount, count_list},
    recipient_preview::RecipientPreview,
    send::{SendMessageInput, request},
};
use crate::{
    auth::Permission,
    catalogue::request::SHOWN_APART,
    delivery::{self, Disclosure, SubmitError},
    directory::Snapshot,
    graphql::{
        error::ApiError,
        guard::require,
        scalars::Json,
        services::ContextExt,
        settings::object::DeliveryMode,
        statement::{Statement, as_data, as_text},
        user_error::UserError,
    },
    message,
    page::MAX_PAGE,
    store::StoreError,
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
    /// The notices as data.
    notice_statements: Vec<Statement>,
    /// What is wrong: `sendMessage` would refuse it.
    user_errors: Vec<UserError>,
}

impl MessagePreview {
    /// It would be refused.
    pub(super) fn refused(user_errors: Vec<UserError>) -> Self {
        Self {
            user_errors,
            ..Self::default()
        }
    }
}

/// Queries that preview.
#[derive(Default)]
pub struct PreviewQuery;

#[Object]
impl PreviewQuery {
    /// Whom a message would go to, what it would look like, and what DingTalk would drop of it; nothing is sent or
    /// recorded. Needs `message:send`. Without `directory:read` it doesn't tell who is in a department: those whom
    /// departments bring are counted beside those whom the request names, exceptions by name take nobody out of a
    /// department, nor those by department anybody who is named, and nothing is predicted of whom a department brings.
    /// `sendMessage` sends to each once, and to nobody who is excepted.
    #[graphql(tag = "heavy")]
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
    let request = match request(ctx, input, &caller.subject) {
        Ok(request) => request,
        Err(error) => return Ok(MessagePreview::refused(vec![error])),
    };

    // What may not be read may not be tested: a count that goes down when somebody is excepted names their department.
    let reads = caller.may(Permission::DirectoryRead);
    let disclosure = if reads { Disclosure::Shown } else { Disclosure::Hidden };
    let of_departments = !(request.departments.is_empty() && request.except.departments.is_empty());

    let services = ctx.services();
    let found = services.delivery.preview(request, disclosure).await.map(|mut found| {
        if of_departments && !reads {
            found.notices.push(SHOWN_APART {}.into());
        }
        found
    });
    // As it would be sent now: its recipients were found in the snapshot in force, too.
    previewed(found, &caller.subject, &services.snapshots.current())
}

/// What was found out; `namer`: whose request names the recipients.
pub(super) fn previewed(
    found: Result<delivery::Preview, SubmitError>,
    namer: &str,
    snapshot: &Arc<Snapshot>,
) -> Result<MessagePreview, ApiError> {
    match found {
        Ok(found) => Ok(shown(found, namer, snapshot)),
        Err(SubmitError::Invalid(problems)) => {
            let user_errors = problems.into_iter().map(Into::into).collect();
            Ok(MessagePreview::refused(user_errors))
        }
        Err(SubmitError::Overtaken) => Err(StoreError::Unavailable.into()),
        Err(SubmitError::Store(error)) => Err(error.into()),
    }
}

fn shown(found: delivery::Preview, namer: &str, snapshot: &Arc<Snapshot>) -> MessagePreview {
    let delivery::Preview { message, notices } = found;
    let mut counts = std::collections::BTreeMap::new();
    for recipient in &message.recipients {
        *counts.entry(recipient.state).or_insert(0_u64) += 1;
    }

    let namer: Arc<str> = namer.into();
    let recipients = message.recipients.into_iter().take(MAX_PAGE as usize).enumerate();

    MessagePreview {
        content: serde_json::from_str(&message.rendered).ok().map(Json),
        bytes: i32::try_from(message.rendered.len()).unwrap_or(i32::MAX),
        delivery_mode: Some(message.mode.into()),
        state: Some(message.state.into()),
        recipient_counts: count_list(counts),
        recipients: recipients
            .map(|(position, it)| {
                let row = as_recorded(position, it, message.created_at);
                RecipientPreview(Recipient::new(snapshot.clone(), namer.clone(), row))
            })
            .collect(),
        notices: as_text(&notices),
        notice_statements: as_data(&notices),
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
