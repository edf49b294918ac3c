//! A message, its recipients and the attempts to deliver it, as records.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    content::Content,
    kind::ContentKind,
    policy::{FollowUpPolicy, OnDuplicate, OnUnknown, Prediction, Priority, RecallState},
};
use crate::{
    catalogue::Statement,
    directory::UserId,
    identity::{ConfluenceIdentity, Resolution},
    settings::DeliveryMode,
};

/// How a message stands as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MessageState {
    /// Some recipients still wait.
    Queued,
    /// Every recipient's fate is settled or out of our hands.
    Done,
    /// Sending is off, or in shadow: nothing is sent, and this is recorded.
    Suppressed,
    /// It was taken back: nobody waits any more, and DingTalk is asked to withdraw what it took.
    Recalled,
}

/// What became of a message for one recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RecipientState {
    /// Waits to be sent.
    Queued,
    /// An attempt is under way, its start is committed.
    Sending,
    /// DingTalk took it; that is no proof of delivery.
    Accepted,
    /// DingTalk says delivered, not read yet.
    DeliveredUnread,
    /// DingTalk says read.
    Read,
    /// DingTalk dropped it: same content, same person, same day (143106).
    DroppedDuplicate,
    /// DingTalk dropped it: a flow limit (143103 to 143105).
    DroppedQuota,
    /// DingTalk does not know the recipient.
    Invalid,
    /// It will not arrive; the reason says why.
    Failed,
    /// The call's outcome is unknown; it may have arrived, and is not repeated.
    Unknown,
    /// Nobody was found for the identity (or more than one was): nothing to send to.
    Unmatched,
    /// The same DingTalk user is already a recipient of this message, by another of the identities or userids asked.
    Duplicate,
    /// Sending is switched off.
    Suppressed,
    /// Sending is in shadow: everything was done but the call.
    Shadowed,
    /// Sending is redirected: the tester gets it in this person's place.
    Redirected,
    /// Named among the exceptions.
    Excluded,
    /// This person had the same content today already, and the message says to leave such people out.
    Skipped,
    /// It was not sent in the time that the message was worth sending.
    Expired,
    /// The message was taken back before it was sent.
    Cancelled,
    /// DingTalk took it, and took it back.
    Recalled,
}

impl RecipientState {
    /// Every state.
    pub const ALL: [Self; 20] = [
        Self::Queued,
        Self::Sending,
        Self::Accepted,
        Self::DeliveredUnread,
        Self::Read,
        Self::DroppedDuplicate,
        Self::DroppedQuota,
        Self::Invalid,
        Self::Failed,
        Self::Unknown,
        Self::Unmatched,
        Self::Duplicate,
        Self::Suppressed,
        Self::Shadowed,
        Self::Redirected,
        Self::Excluded,
        Self::Skipped,
        Self::Expired,
        Self::Cancelled,
        Self::Recalled,
    ];

    /// Whether our engine has nothing more to do about it.
    pub const fn is_settled(self) -> bool {
        !matches!(self, Self::Queued | Self::Sending)
    }

    /// Whether a message may be sent to them again: it did not arrive, or nobody knows. Whoever waits for it or has it
    /// is not sent it twice, and whoever was left out on purpose, or by taking it back, is not by the way.
    pub const fn may_be_sent_again(self) -> bool {
        matches!(
            self,
            Self::Unknown
                | Self::Failed
                | Self::Unmatched
                | Self::Invalid
                | Self::Expired
                | Self::DroppedDuplicate
                | Self::DroppedQuota
                | Self::Skipped
                | Self::Suppressed
                | Self::Shadowed
                | Self::Redirected
        )
    }

    /// Whether the person has the message, as far as is known, or waits for it.
    pub const fn has_or_waits(self) -> bool {
        matches!(
            self,
            Self::Queued | Self::Sending | Self::Accepted | Self::DeliveredUnread | Self::Read
        )
    }

    /// Whether DingTalk has the message for this person, or may have.
    pub const fn may_be_with_dingtalk(self) -> bool {
        matches!(
            self,
            Self::Sending | Self::Accepted | Self::DeliveredUnread | Self::Read | Self::Unknown | Self::Recalled
        )
    }
}

/// The message that another one sends again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Its id.
    pub message: Uuid,
    /// Whose request named the recipients: what it said of them is theirs to know.
    pub named_by: String,
}

/// A message to be recorded together with its recipients in one transaction.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// Its id (UUID v7).
    pub id: Uuid,
    /// The caller: the token's subject.
    pub caller: String,
    /// Unique per caller.
    pub idempotency_key: Option<String>,
    /// SHA-256, hex, of the content and the recipients as asked: the same key with another digest is an error.
    pub request_digest: String,
    /// The content as asked.
    pub content: Content,
    /// DingTalk's `msg` object, rendered once: every attempt sends these very bytes.
    pub rendered: String,
    /// `Queued`, `Suppressed`, or `Done` where nobody is left to send to.
    pub state: MessageState,
    /// How sending stood when it was taken in.
    pub mode: DeliveryMode,
    /// What to do with unknown outcomes.
    pub on_unknown: OnUnknown,
    /// What was done about people who had it already.
    pub on_duplicate: OnDuplicate,
    /// How much is spent on asking what became of it.
    pub follow_up: FollowUpPolicy,
    /// What it goes before.
    pub priority: Priority,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// How long it waits, where it is small, for others of the same content to go out in one call.
    pub waits_for_others: TimeDelta,
    /// Not sent after this.
    pub expires_at: DateTime<Utc>,
    /// Its recipients, one for each that was asked, in that order; a DingTalk user at most once.
    pub recipients: Vec<NewRecipient>,
    /// The AppKey of the app that the recipients were resolved for; `None` where the settings name none.
    pub app: Option<String>,
    /// The message that it sends again.
    pub origin: Option<Origin>,
}

/// A recipient to be recorded.
#[derive(Debug, Clone)]
pub struct NewRecipient {
    /// Whom the caller named, where it was a Confluence identity.
    pub identity: Option<ConfluenceIdentity>,
    /// What resolving it gave; `None` for a recipient named by userid.
    pub resolution: Option<Resolution>,
    /// The DingTalk user to send to; `None` for a `Duplicate`, so that a user stands at most once in a message.
    pub userid: Option<UserId>,
    /// `Queued`, or why not.
    pub state: RecipientState,
    /// Why, where it isn't queued.
    pub reason: Option<Statement>,
    /// The department that brought them, where they weren't named themselves.
    pub dept_id: Option<i64>,
    /// What DingTalk is expected to drop.
    pub prediction: Option<Prediction>,
}

/// A message as recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Its id.
    pub id: Uuid,
    /// The caller's subject.
    pub caller: String,
    /// The caller's key.
    pub idempotency_key: Option<String>,
    /// See [`NewMessage::request_digest`].
    pub request_digest: String,
    /// DingTalk's message type.
    pub kind: ContentKind,
    /// The content as asked; `None` once it is erased.
    pub content: Option<Content>,
    /// See [`NewMessage::rendered`]; empty once it is erased.
    pub rendered: String,
    /// How it stands.
    pub state: MessageState,
    /// How sending stood when it was taken in.
    pub mode: DeliveryMode,
    /// What to do with unknown outcomes.
    pub on_unknown: OnUnknown,
    /// What was done about people who had it already.
    pub on_duplicate: OnDuplicate,
    /// How much is spent on asking what became of it.
    pub follow_up: FollowUpPolicy,
    /// What it goes before.
    pub priority: Priority,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When anything about it last changed.
    pub updated_at: DateTime<Utc>,
    /// The AppKey of the app that the recipients were resolved for; `None` where the settings named none, and of
    /// messages from before that was kept.
    pub app: Option<String>,
    /// Not sent after this; `None` of messages from before there was such a time.
    pub expires_at: Option<DateTime<Utc>>,
    /// When its content was erased.
    pub erased_at: Option<DateTime<Utc>>,
    /// When it was taken back, and by whom.
    pub recalled: Option<(DateTime<Utc>, String)>,
    /// The message that it sends again; that one may be forgotten by now.
    pub origin: Option<Origin>,
}

impl Message {
    /// Whose request named the recipients.
    pub fn named_by(&self) -> &str {
        self.origin.as_ref().map_or(&self.caller, |origin| &origin.named_by)
    }
}

/// A recipient as recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Recipient {
    /// Key of the row.
    pub id: i64,
    /// The message.
    pub message_id: Uuid,
    /// Place in the request, from 0.
    pub position: i64,
    /// Whom the caller named, where it was a Confluence identity.
    pub identity: Option<ConfluenceIdentity>,
    /// Status of the resolution.
    pub resolution_status: Option<crate::identity::ResolutionStatus>,
    /// The rule that found them.
    pub resolution_rule: Option<crate::identity::Rule>,
    /// The DingTalk user.
    pub userid: Option<UserId>,
    /// What became of it.
    pub state: RecipientState,
    /// Why.
    pub reason: Option<Statement>,
    /// DingTalk's `task_id` of the send that took it.
    pub task_id: Option<i64>,
    /// When its state last changed.
    pub updated_at: DateTime<Utc>,
    /// The department that brought them, where they weren't named themselves.
    pub dept_id: Option<i64>,
    /// What DingTalk is expected to drop.
    pub prediction: Option<Prediction>,
    /// How often it was sent again although an earlier attempt may have arrived.
    pub repeats: u32,
    /// While it is unknown: it may be repeated until then.
    pub repeat_until: Option<DateTime<Utc>>,
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AttemptOutcome {
    /// DingTalk answered with a task id.
    Accepted,
    /// It provably did not arrive (refused connection, throttled, busy): may be repeated.
    Retry,
    /// DingTalk refused it for good.
    Rejected,
    /// The request left and no answer came.
    Unknown,
    /// No call was made: sending was switched off meanwhile, or something is missing.
    NotMade,
}

/// One call of `asyncsend_v2`, recorded before it is made. Rows are only appended and finished once.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// Its id (UUID v7).
    pub id: Uuid,
    /// The message.
    pub message_id: Uuid,
    /// How many recipients it carries.
    pub recipients: i64,
    /// When it started.
    pub started_at: DateTime<Utc>,
    /// When its outcome was recorded.
    pub finished_at: Option<DateTime<Utc>>,
    /// How it ended.
    pub outcome: Option<AttemptOutcome>,
    /// DingTalk's task id.
    pub task_id: Option<i64>,
    /// DingTalk's effective code.
    pub code: Option<String>,
    /// What happened, in words.
    pub detail: Option<Statement>,
    /// How far DingTalk was with delivering it when it was last asked, in per cent; asked only where its result is
    /// late.
    pub progress: Option<u8>,
    /// Of a message that was taken back: whether DingTalk took this send back, and what it said.
    pub recall: Option<(RecallState, Option<Statement>)>,
}
