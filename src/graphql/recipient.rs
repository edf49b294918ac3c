//! A recipient of a message, and the attempts to reach the recipients.

use std::sync::Arc;

use async_graphql::{Enum, ID, Object, SimpleObject};
use uuid::Uuid;

use super::{
    Services,
    connection::{connection, int},
    error::ApiError,
    identity::{ConfluenceIdentity, ResolutionStatus},
    ids::{Kind, global_id},
    scalars::{BigInt, DateTime},
    user::User,
};
use crate::{directory::Snapshot, message};

/// What became of a message for one recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "message::RecipientState")]
pub enum RecipientState {
    /// Waits to be sent.
    Queued,
    /// The call is under way.
    Sending,
    /// DingTalk took it; that is no proof of delivery.
    Accepted,
    /// DingTalk says delivered, and not read yet.
    DeliveredUnread,
    /// DingTalk says read.
    Read,
    /// DingTalk dropped it: the same content to the same person on the same day (143106).
    DroppedDuplicate,
    /// DingTalk dropped it: one of its flow limits (143103 to 143105).
    DroppedQuota,
    /// DingTalk does not know the recipient.
    Invalid,
    /// It will not arrive; `reason` says why.
    Failed,
    /// Nobody knows: the call left and no answer came. It may have arrived, and is not repeated.
    Unknown,
    /// Nobody was found for the identity, or more than one: there is nobody to send to.
    Unmatched,
    /// The same DingTalk user is a recipient of this message already.
    Duplicate,
    /// Sending is switched off in the settings.
    Suppressed,
}

/// A recipient of a message.
#[derive(Clone)]
pub struct Recipient {
    snapshot: Arc<Snapshot>,
    pub(super) row: message::Recipient,
}

impl Recipient {
    pub(super) fn new(snapshot: Arc<Snapshot>, row: message::Recipient) -> Self {
        Self { snapshot, row }
    }
}

/// One of those whom a message was asked to be sent to.
#[Object]
impl Recipient {
    /// Global id, for `node`.
    pub(super) async fn id(&self) -> ID {
        global_id(Kind::Recipient, self.row.id)
    }

    /// Place in the request, from 0: identities first, then user ids.
    async fn position(&self) -> i32 {
        int(self.row.position)
    }

    /// The Confluence user, where the request named one.
    async fn identity(&self) -> Option<ConfluenceIdentity> {
        self.row.identity.clone().map(Into::into)
    }

    /// What resolving the Confluence user gave.
    async fn resolution_status(&self) -> Option<ResolutionStatus> {
        self.row.resolution_status.map(Into::into)
    }

    /// The DingTalk user's `userId`.
    async fn user_id(&self) -> Option<&str> {
        self.row.userid.as_ref().map(|id| id.as_str())
    }

    /// The DingTalk user, where the mirror has him.
    async fn user(&self) -> Option<User> {
        User::find(&self.snapshot, self.row.userid.as_ref()?.as_str())
    }

    /// What became of the message for this recipient.
    async fn state(&self) -> RecipientState {
        self.row.state.into()
    }

    /// Why, where there is more to say than the state.
    async fn reason(&self) -> Option<&str> {
        self.row.reason.as_deref()
    }

    /// DingTalk's id of the send that took it.
    async fn task_id(&self) -> Option<BigInt> {
        self.row.task_id.map(BigInt)
    }

    /// When the state last changed.
    async fn updated_at(&self) -> DateTime {
        self.row.updated_at.into()
    }
}

/// What counting a message's recipients needs.
pub(super) struct RecipientsOf {
    pub(super) message: Uuid,
    pub(super) states: Vec<message::RecipientState>,
}

connection! {
    /// A page of recipients.
    RecipientConnection, RecipientEdge, Recipient, RecipientsOf, |this, ctx| {
        let store = &ctx.data_unchecked::<Services>().store;
        let counts = store.recipient_counts(&[this.extra.message]).await.map_err(ApiError::from);
        counts.map(|counts| {
            let of_message = counts.get(&this.extra.message);
            let asked = |state| this.extra.states.is_empty() || this.extra.states.contains(state);
            int(of_message.map_or(0, |c| c.iter().filter(|(state, _)| asked(state)).map(|(_, count)| count).sum::<u64>()))
        })
    }
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "message::AttemptOutcome")]
pub enum AttemptOutcome {
    /// DingTalk took it.
    Accepted,
    /// It provably did not arrive, and is tried again.
    Retry,
    /// DingTalk refused it for good.
    Rejected,
    /// The call left and no answer came.
    Unknown,
}

/// One call that carried the message. It is on record before the call is made.
#[derive(Debug, Clone, SimpleObject)]
pub struct Attempt {
    /// When it started.
    started_at: DateTime,
    /// When its outcome was recorded.
    finished_at: Option<DateTime>,
    /// How it ended.
    outcome: Option<AttemptOutcome>,
    /// How many recipients it carried.
    recipients: i32,
    /// DingTalk's id of the send.
    task_id: Option<BigInt>,
    /// DingTalk's code, where it refused.
    code: Option<String>,
    /// What happened, in words.
    detail: Option<String>,
    #[graphql(skip)]
    pub(super) row: Uuid,
}

impl From<message::Attempt> for Attempt {
    fn from(attempt: message::Attempt) -> Self {
        Self {
            started_at: attempt.started_at.into(),
            finished_at: attempt.finished_at.map(Into::into),
            outcome: attempt.outcome.map(Into::into),
            recipients: int(attempt.recipients),
            task_id: attempt.task_id.map(BigInt),
            code: attempt.code,
            detail: attempt.detail,
            row: attempt.id,
        }
    }
}
