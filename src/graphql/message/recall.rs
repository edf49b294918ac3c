//! Taking messages back, and going on after a stop.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use uuid::Uuid;

use super::{delivery::DeliveryStatus, object::Message};
use crate::{
    auth::Permission,
    catalogue::delivery::{MESSAGE_NOT_FOUND, NO_APP_TO_RELEASE_TO},
    graphql::{
        error::ApiError,
        guard::{author, require},
        relay::{
            connection::int,
            ids::{NodeKind, key_of},
        },
        services::ContextExt,
        user_error::{UserError, UserErrorCode},
    },
};

/// What to take back.
#[derive(InputObject)]
pub struct RecallMessageInput {
    /// Global id of the message.
    message_id: ID,
    /// Comes back unchanged in the payload.
    client_mutation_id: Option<String>,
}

/// What came of `recallMessage`.
#[derive(SimpleObject)]
pub struct RecallMessagePayload {
    /// The message: whoever waited is CANCELLED, and its attempts tell how far DingTalk is with taking back the sends.
    message: Option<Message>,
    /// What is wrong.
    user_errors: Vec<UserError>,
    /// As it was given.
    client_mutation_id: Option<String>,
}

/// Going on.
#[derive(InputObject)]
pub struct ResumeDeliveryInput {
    /// Comes back unchanged in the payload.
    client_mutation_id: Option<String>,
}

/// What came of `resumeDelivery`.
#[derive(SimpleObject)]
pub struct ResumeDeliveryPayload {
    /// Whether there was a stop.
    was_stopped: bool,
    /// Sending as it stands.
    delivery: DeliveryStatus,
    /// What is wrong; nothing can be, so far.
    user_errors: Vec<UserError>,
    /// As it was given.
    client_mutation_id: Option<String>,
}

/// What to release.
#[derive(InputObject)]
pub struct ReleaseHeldMessagesInput {
    /// Only messages that were resolved for the app with this AppKey; null: of every app.
    app_key: Option<String>,
    /// Comes back unchanged in the payload.
    client_mutation_id: Option<String>,
}

/// What came of `releaseHeldMessages`.
#[derive(SimpleObject)]
pub struct ReleaseHeldMessagesPayload {
    /// How many messages were released.
    released: i32,
    /// Sending as it stands.
    delivery: DeliveryStatus,
    /// What is wrong.
    user_errors: Vec<UserError>,
    /// As it was given.
    client_mutation_id: Option<String>,
}

/// Mutations of sending.
#[derive(Default)]
pub struct RecallMutation;

#[Object]
impl RecallMutation {
    /// Takes a message back: nobody is sent to any more, and DingTalk is asked to withdraw what it took in the last 24
    /// hours. A second call changes nothing. Needs `message:send`, and for other callers' messages `message:read`, too.
    async fn recall_message(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to take back.")] input: RecallMessageInput,
    ) -> Option<Result<RecallMessagePayload, ApiError>> {
        Some(recall(ctx, input).await)
    }

    /// Goes on with sending after a stop (`delivery.stoppedUntil`): DingTalk's monthly quota was used up and more calls
    /// were bought, or what `stoppedReason` asked for was put right. If it wasn't, the next call stops it again. What
    /// keeps a single process from sending (`delivery.ownFault`, say DingTalk takes no calls from its address) ends at
    /// the process that answers this alone; others try again by themselves after ten minutes. Needs `settings:write`.
    async fn resume_delivery(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Nothing but your own mark.")] input: ResumeDeliveryInput,
    ) -> Option<Result<ResumeDeliveryPayload, ApiError>> {
        Some(resume(ctx, input).await)
    }

    /// Sends messages that are held (`delivery.held`, `Message.isHeld`) by the app that the settings name now: they
    /// were resolved for another one. Only where both belong to the same company are the userids the same people. Needs
    /// `settings:write`.
    async fn release_held_messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to release.")] input: ReleaseHeldMessagesInput,
    ) -> Option<Result<ReleaseHeldMessagesPayload, ApiError>> {
        Some(release(ctx, input).await)
    }
}

async fn recall(ctx: &Context<'_>, input: RecallMessageInput) -> Result<RecallMessagePayload, ApiError> {
    let (caller, by) = (
        require(ctx, Permission::MessageSend)?,
        author(ctx, Permission::MessageSend)?,
    );
    let id = key_of::<Uuid>(&input.message_id, NodeKind::Message, "input.messageId")?;
    let services = ctx.services();
    let found = services.store.message(id).await?;

    // Whose messages they can't see they can't take back either.
    let is_theirs = found.is_some_and(|it| it.caller == caller.subject || caller.may(Permission::MessageRead));
    let message = if is_theirs {
        services.delivery.recall(id, by).await?
    } else {
        None
    };

    let user_errors = match message {
        Some(_) => Vec::new(),
        None => vec![UserError::at(
            UserErrorCode::NotFound,
            ["messageId"],
            MESSAGE_NOT_FOUND {},
        )],
    };

    Ok(RecallMessagePayload {
        message: message.map(Message::new),
        user_errors,
        client_mutation_id: input.client_mutation_id,
    })
}

async fn resume(ctx: &Context<'_>, input: ResumeDeliveryInput) -> Result<ResumeDeliveryPayload, ApiError> {
    let by = author(ctx, Permission::SettingsWrite)?;
    let services = ctx.services();
    let was_stopped = services.delivery.resume(by).await?.is_some();
    Ok(ResumeDeliveryPayload {
        was_stopped,
        delivery: DeliveryStatus::now(services).await?,
        user_errors: Vec::new(),
        client_mutation_id: input.client_mutation_id,
    })
}

async fn release(ctx: &Context<'_>, input: ReleaseHeldMessagesInput) -> Result<ReleaseHeldMessagesPayload, ApiError> {
    let by = author(ctx, Permission::SettingsWrite)?;
    let services = ctx.services();
    let released = services.delivery.release_held(input.app_key.as_deref(), &by).await?;
    let user_errors = match released {
        Some(_) => Vec::new(),
        None => vec![UserError::at(
            UserErrorCode::NotFound,
            ["appKey"],
            NO_APP_TO_RELEASE_TO {},
        )],
    };

    Ok(ReleaseHeldMessagesPayload {
        released: int(released.unwrap_or_default().len()),
        delivery: DeliveryStatus::now(services).await?,
        user_errors,
        client_mutation_id: input.client_mutation_id,
    })
}
