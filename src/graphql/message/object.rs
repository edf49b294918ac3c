//! A message: what was sent, and what became of it.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object};
use uuid::Uuid;

use super::{
    content::MessageType,
    policy::{FollowUpPolicy, OnDuplicate, OnUnknown, Priority},
    recall_reach::RecallReach,
    recipient::{Attempt, Recipient, RecipientConnection, RecipientState, states},
    recipient_count::{RecipientCount, count_list},
};
use crate::{
    auth::Permission,
    graphql::{
        error::ApiError,
        guard::require,
        relay::{
            connection::{connection, int},
            ids::{NodeKind, global_id},
            paging::{PageArgs, Paging},
        },
        scalars::{DateTime, Json},
        services::ContextExt,
        settings::object::DeliveryMode,
    },
    message,
    page::{MAX_PAGE, PageRequest},
    settings::Api,
    store::{MessageQuery, RecipientQuery, Store, StoreError},
};

/// Names of the lists in their cursors.
const RECIPIENTS: &str = "recipients";
const ATTEMPTS: &str = "attempts";
const RESENDS: &str = "resends";

/// How a message stands as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "message::MessageState")]
pub enum MessageState {
    /// Some recipients still wait.
    Queued,
    /// Nothing is left to send. What DingTalk has taken may still change: with `followUp` ON, ACCEPTED and
    /// DELIVERED_UNREAD recipients are asked about for a day, as `followUpPolicy` says. `recipientCounts` tells what
    /// became of it so far.
    Done,
    /// Sending is switched off in the settings, or in shadow: nothing is sent.
    Suppressed,
    /// It was taken back. What DingTalk had taken, its attempts tell of.
    Recalled,
}

/// Whether DingTalk is asked what became of its sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum FollowUp {
    /// For 24 hours, as long as DingTalk tells.
    On,
    /// `getSendResultUrl` is not set, or its host may not be called: ACCEPTED is the last that is known.
    Off,
}

/// A message.
#[derive(Clone)]
pub struct Message {
    pub(super) row: message::Message,
    /// Of a message in a list: read for the whole page at once.
    pub(super) counts: Option<Vec<RecipientCount>>,
}

impl Message {
    pub(crate) fn new(row: message::Message) -> Self {
        Self { row, counts: None }
    }
}

connection! {
    /// A page of messages.
    MessageConnection, MessageEdge, Message, MessageQuery, |this, ctx| {
        ctx.services().store.count_messages(&this.extra).await.map(int).map_err(ApiError::from)
    }
}

connection! {
    /// A page of attempts.
    AttemptConnection, AttemptEdge, Attempt, Uuid, |this, ctx| {
        let store = &ctx.services().store;
        count_attempts(store, this.extra).await.map_err(ApiError::from)
    }
}

/// A DingTalk work notification (工作通知).
#[Object]
impl Message {
    /// Global id, for `node`.
    pub(crate) async fn id(&self) -> ID {
        global_id(NodeKind::Message, self.row.id)
    }

    /// Who sent it: the `sub` of the token.
    async fn caller(&self) -> &str {
        &self.row.caller
    }

    /// The key that makes a repeated call find this message.
    async fn idempotency_key(&self) -> Option<&str> {
        self.row.idempotency_key.as_deref()
    }

    /// DingTalk's message type.
    async fn msg_type(&self) -> MessageType {
        self.row.kind.into()
    }

    /// DingTalk's `msg` object, as every attempt sends it; null once it is erased.
    async fn content(&self) -> Option<Json> {
        serde_json::from_str(&self.row.rendered).ok().map(Json)
    }

    /// What a list of messages shows: the title, or the first line of what has none. Null of pictures, voice messages
    /// and files, and once the content is erased: a title is a part of it, and may say as much.
    async fn title(&self) -> Option<String> {
        self.row.content.as_ref()?.title()
    }

    /// How sending stood in the settings when the message was taken in.
    async fn delivery_mode(&self) -> DeliveryMode {
        self.row.mode.into()
    }

    /// What is done about sends whose outcome is unknown.
    async fn on_unknown(&self) -> OnUnknown {
        self.row.on_unknown.into()
    }

    /// What was done about people who had the same content that day.
    async fn on_duplicate(&self) -> OnDuplicate {
        self.row.on_duplicate.into()
    }

    /// How much is spent on asking what became of it.
    async fn follow_up_policy(&self) -> FollowUpPolicy {
        self.row.follow_up.into()
    }

    /// What it goes before.
    async fn priority(&self) -> Priority {
        self.row.priority.into()
    }

    /// Whether DingTalk can be asked what became of it; how often it is, `followUpPolicy` says.
    async fn follow_up(&self, ctx: &Context<'_>) -> FollowUp {
        let settings = ctx.services().settings.current();
        if settings.urls.contains_key(&Api::GetSendResult) {
            FollowUp::On
        } else {
            FollowUp::Off
        }
    }

    /// The AppKey of the app that sends it: the one that the recipients were resolved for, or that it was released to
    /// by `releaseHeldMessages`. Null where the settings named none, and of messages from before this was kept.
    async fn app_key(&self) -> Option<&str> {
        self.row.app.as_deref()
    }

    /// Whether it waits for somebody's decision, because the settings name another app than the one that it was
    /// resolved for: in that one's company the same userids may be other people. `releaseHeldMessages` sends it all the
    /// same, `recallMessage` cancels it.
    async fn is_held(&self, ctx: &Context<'_>) -> bool {
        let settings = ctx.services().settings.current();
        let is_other = settings.app_key.is_some() && self.row.app.is_some() && self.row.app != settings.app_key;
        is_other && self.row.state == message::MessageState::Queued
    }

    /// Whoever waits then is not sent to any more.
    async fn expires_at(&self) -> Option<DateTime> {
        self.row.expires_at.map(Into::into)
    }

    /// When its content was erased; the recipients stay.
    async fn erased_at(&self) -> Option<DateTime> {
        self.row.erased_at.map(Into::into)
    }

    /// When it was taken back.
    async fn recalled_at(&self) -> Option<DateTime> {
        self.row.recalled.as_ref().map(|(at, _)| (*at).into())
    }

    /// Who took it back.
    async fn recalled_by(&self) -> Option<&str> {
        self.row.recalled.as_ref().map(|(_, by)| by.as_str())
    }

    /// Whom `recallMessage` would reach now.
    #[graphql(tag = "asks")]
    async fn recall_reach(&self, ctx: &Context<'_>) -> Option<Result<RecallReach, ApiError>> {
        let reach = ctx.services().delivery.recall_reach(&self.row).await;
        Some(reach.map(Into::into).map_err(ApiError::from))
    }

    /// The message that this one sends again (`resendMessage`). Null where it sends none again, and where that one is
    /// no longer kept. Needs `message:read`.
    #[graphql(tag = "asks")]
    async fn resend_of(&self, ctx: &Context<'_>) -> Option<Result<Message, ApiError>> {
        resend_of(ctx, &self.row).await.transpose()
    }

    /// The messages that send this one again, newest first. Needs `message:read`.
    #[graphql(tag = "asks")]
    async fn resends(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the front, 1 to 500; 20 if neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 500.")] last: Option<i32>,
        #[graphql(desc = "Only those in front of this cursor.")] before: Option<String>,
    ) -> Option<Result<MessageConnection, ApiError>> {
        Some(resends(ctx, self.row.id, &PageArgs::new(first, after, last, before)).await)
    }

    /// When anything about it last changed.
    async fn updated_at(&self) -> DateTime {
        self.row.updated_at.into()
    }

    /// How it stands as a whole.
    async fn state(&self) -> MessageState {
        self.row.state.into()
    }

    /// When it was asked for.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }

    /// How many recipients are in each state; states without any are left out.
    async fn recipient_counts(&self, ctx: &Context<'_>) -> Option<Result<Vec<RecipientCount>, ApiError>> {
        if let Some(counts) = &self.counts {
            return Some(Ok(counts.clone()));
        }

        let store = &ctx.services().store;
        let counts = store.recipient_counts(&[self.row.id]).await.map_err(ApiError::from);
        Some(counts.map(|mut counts| count_list(counts.remove(&self.row.id).unwrap_or_default())))
    }

    /// The recipients, in the order asked.
    #[graphql(tag = "asks")]
    async fn recipients(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those in one of these states; any if not given or empty.")] states: Option<
            Vec<RecipientState>,
        >,
        #[graphql(desc = "How many from the front, 1 to 500; 50 if neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 500.")] last: Option<i32>,
        #[graphql(desc = "Only those in front of this cursor.")] before: Option<String>,
    ) -> Option<Result<RecipientConnection, ApiError>> {
        Some(recipients(ctx, &self.row, states, &PageArgs::new(first, after, last, before)).await)
    }

    /// The calls that carried it, oldest first.
    #[graphql(tag = "asks")]
    async fn attempts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the front, 1 to 500; 50 if neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 500.")] last: Option<i32>,
        #[graphql(desc = "Only those in front of this cursor.")] before: Option<String>,
    ) -> Option<Result<AttemptConnection, ApiError>> {
        Some(attempts(ctx, self.row.id, &PageArgs::new(first, after, last, before)).await)
    }
}

async fn recipients(
    ctx: &Context<'_>,
    of: &message::Message,
    asked: Option<Vec<RecipientState>>,
    args: &PageArgs,
) -> Result<RecipientConnection, ApiError> {
    let states = states(asked);
    let paging = Paging::<i64>::new(RECIPIENTS, args, 50)?;
    let services = ctx.services();
    let snapshot = ctx.snapshot();

    let page = services.store.recipients(of.id, &states, paging.request()).await?;
    let namer: Arc<str> = of.named_by().into();
    let page = page.map(|row| Recipient::new(snapshot.clone(), namer.clone(), row));
    let listing = paging.listing(page, |recipient| recipient.row.position);

    Ok(RecipientConnection {
        listing,
        extra: RecipientQuery {
            message: Some(of.id),
            states,
            ..RecipientQuery::default()
        },
    })
}

async fn resend_of(ctx: &Context<'_>, message: &message::Message) -> Result<Option<Message>, ApiError> {
    require(ctx, Permission::MessageRead)?;
    let Some(origin) = &message.origin else { return Ok(None) };
    Ok(ctx.services().store.message(origin.message).await?.map(Message::new))
}

async fn resends(ctx: &Context<'_>, message: Uuid, args: &PageArgs) -> Result<MessageConnection, ApiError> {
    require(ctx, Permission::MessageRead)?;
    let paging = Paging::<Uuid>::new(RESENDS, args, 20)?;
    let query = MessageQuery {
        resend_of: Some(message),
        ..MessageQuery::default()
    };
    let page = ctx.services().store.messages(&query, paging.request()).await?;
    let listing = paging.listing(page.map(Message::new), |message| message.row.id);
    Ok(MessageConnection { listing, extra: query })
}

async fn attempts(ctx: &Context<'_>, message: Uuid, args: &PageArgs) -> Result<AttemptConnection, ApiError> {
    let paging = Paging::<Uuid>::new(ATTEMPTS, args, 50)?;
    let page = ctx.services().store.attempts(message, paging.request()).await?;

    let listing = paging.listing(page.map(Attempt::from), |attempt| attempt.row);
    Ok(AttemptConnection {
        listing,
        extra: message,
    })
}

/// Attempts have no count of their own: there are a handful, so a page nearly always has them all.
async fn count_attempts(store: &Store, message: Uuid) -> Result<i32, StoreError> {
    let (mut count, mut after) = (0, None);
    loop {
        let page = store.attempts(message, PageRequest::new(MAX_PAGE, after)).await?;
        count += page.items.len();
        after = page.items.last().map(|attempt| attempt.id);
        if !page.has_next || after.is_none() {
            return Ok(int(count));
        }
    }
}
