//! A recipient of a message, and the attempts to reach the recipients.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use uuid::Uuid;

use crate::{
    auth::{Caller, Permission},
    catalogue,
    directory::{DeptId, Snapshot},
    graphql::{
        directory::objects::{Department, User},
        error::ApiError,
        guard::{visible, visible_with},
        identity::resolution::{ConfluenceIdentity, MatchingRule, ResolutionStatus},
        relay::{
            connection::{connection, int},
            ids::{NodeKind, global_id},
        },
        scalars::{BigInt, DateTime},
        services::ContextExt,
        statement::Statement,
    },
    identity, message,
    store::RecipientQuery,
};

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
    /// Nobody knows: the call left and no answer came. It may have arrived; whether it is repeated, `onUnknown`
    /// decides.
    Unknown,
    /// Nobody was found for the identity, or more than one: there is nobody to send to.
    Unmatched,
    /// The same DingTalk user is a recipient of this message already.
    Duplicate,
    /// Sending is switched off in the settings.
    Suppressed,
    /// Sending is in shadow: everything was done but the call.
    Shadowed,
    /// Sending is redirected: the tester is sent to in this person's place.
    Redirected,
    /// Named among the exceptions.
    Excluded,
    /// This person had the same content today already, and `onDuplicate` is SKIP.
    Skipped,
    /// It was not sent within the time that the message gave it.
    Expired,
    /// The message was taken back before it was sent.
    Cancelled,
    /// DingTalk took it, and took it back.
    Recalled,
}

/// The states that a filter asks for; any if there are none.
pub(super) fn states(states: Option<Vec<RecipientState>>) -> Vec<message::RecipientState> {
    states.unwrap_or_default().into_iter().map(Into::into).collect()
}

/// What DingTalk is expected to drop while it answers "ok".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "message::Prediction")]
pub enum Prediction {
    /// The same content to the same person on the same day (143106).
    Duplicate,
    /// More than 500 notifications of the app to one person on one day (143105).
    DailyQuota,
}

/// How far taking back a send is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "message::RecallState")]
pub enum RecallState {
    /// DingTalk is being asked.
    Requested,
    /// DingTalk took it back.
    Done,
    /// DingTalk refused, it is too late, or the send carried another message, too; `recallDetail` says which.
    Failed,
}

/// A recipient of a message.
#[derive(Clone)]
pub struct Recipient {
    snapshot: Arc<Snapshot>,
    /// Whose request named them.
    namer: Arc<str>,
    pub(crate) row: message::Recipient,
}

impl Recipient {
    pub(crate) fn new(snapshot: Arc<Snapshot>, namer: Arc<str>, row: message::Recipient) -> Self {
        Self { snapshot, namer, row }
    }

    /// Whether the caller brought what the request says of its recipients.
    fn is_own(&self, ctx: &Context<'_>) -> bool {
        ctx.data_opt::<Caller>()
            .is_some_and(|caller| caller.subject == *self.namer)
    }

    /// Whether the reason is the resolution's, which quotes the email address that was asked, and may name others who
    /// nearly fit.
    fn quotes_identity(&self) -> bool {
        use identity::ResolutionStatus::{Ambiguous, Inactive, Unmatched};
        matches!(self.row.resolution_status, Some(Unmatched | Ambiguous | Inactive))
    }

    /// The Confluence user as the caller may see them.
    pub(super) fn shown_identity(&self, ctx: &Context<'_>) -> Option<ConfluenceIdentity> {
        let identity = self.row.identity.as_ref()?;
        Some(if self.is_own(ctx) {
            identity.clone().into()
        } else {
            ConfluenceIdentity::shown_to(ctx, identity)
        })
    }

    /// The `userId`, or why it isn't shown.
    pub(super) fn shown_userid(&self, ctx: &Context<'_>) -> Option<Result<&str, ApiError>> {
        let userid = || self.row.userid.as_ref().map(|id| id.as_str());
        if self.row.dept_id.is_none() {
            return userid().map(Ok);
        }
        visible(ctx, Permission::DirectoryRead, userid)
    }

    /// The DingTalk user, or why they aren't shown.
    pub(super) fn shown_user(&self, ctx: &Context<'_>) -> Option<Result<User, ApiError>> {
        let user = || User::find(&self.snapshot, self.row.userid.as_ref()?.as_str());
        if self.is_own(ctx) && self.row.dept_id.is_none() {
            return user().map(Ok);
        }
        visible(ctx, Permission::DirectoryRead, user)
    }

    /// The reason, or why it isn't shown.
    pub(super) fn shown_reason(&self, ctx: &Context<'_>) -> Option<Result<&catalogue::Statement, ApiError>> {
        let reason = || self.row.reason.as_ref();
        if self.is_own(ctx) || !self.quotes_identity() {
            return reason().map(Ok);
        }
        visible_with(ctx, &[Permission::DirectoryContact, Permission::DirectoryRead], reason)
    }

    /// The department that brought them, or why it isn't shown.
    pub(super) fn shown_department(&self, ctx: &Context<'_>) -> Option<Result<Department, ApiError>> {
        let dept = DeptId(self.row.dept_id?);
        visible(ctx, Permission::DirectoryRead, || {
            Department::find(&self.snapshot, dept)
        })
    }
}

/// One of those whom a message was asked to be sent to.
#[Object]
impl Recipient {
    /// Global id, for `node`.
    pub(crate) async fn id(&self) -> ID {
        global_id(NodeKind::Recipient, self.row.id)
    }

    /// Place in the request, from 0: identities first, then user ids, then whom departments bring.
    async fn position(&self) -> i32 {
        int(self.row.position)
    }

    /// The Confluence user, where the request named one. Of somebody else's message the email address needs
    /// `directory:contact`.
    async fn identity(&self, ctx: &Context<'_>) -> Option<ConfluenceIdentity> {
        self.shown_identity(ctx)
    }

    /// What resolving the Confluence user gave.
    async fn resolution_status(&self) -> Option<ResolutionStatus> {
        self.row.resolution_status.map(Into::into)
    }

    /// The rule that found the DingTalk user; null where none found anybody, or the request named them by `userId`.
    async fn rule(&self) -> Option<MatchingRule> {
        self.row.resolution_rule.map(Into::into)
    }

    /// The DingTalk user's `userId`. Of somebody whom a department brought it needs `directory:read`.
    async fn user_id(&self, ctx: &Context<'_>) -> Option<Result<&str, ApiError>> {
        self.shown_userid(ctx)
    }

    /// The DingTalk user, where the mirror has them. Needs `directory:read`, except of somebody whom your own message
    /// names.
    async fn user(&self, ctx: &Context<'_>) -> Option<Result<User, ApiError>> {
        self.shown_user(ctx)
    }

    /// What became of the message for this recipient.
    async fn state(&self) -> RecipientState {
        self.row.state.into()
    }

    /// Why, where there is more to say than the state. Where it is about finding the Confluence user it may name an
    /// email address and people who are no recipients, and needs `directory:contact` and `directory:read`, except of
    /// your own message.
    async fn reason(&self, ctx: &Context<'_>) -> Option<Result<String, ApiError>> {
        Some(self.shown_reason(ctx)?.map(ToString::to_string))
    }

    /// The reason as data, to those who may see it.
    async fn reason_statement(&self, ctx: &Context<'_>) -> Option<Result<Statement, ApiError>> {
        Some(self.shown_reason(ctx)?.map(Into::into))
    }

    /// DingTalk's id of the send that took it.
    async fn task_id(&self) -> Option<BigInt> {
        self.row.task_id.map(BigInt)
    }

    /// The department that brought them, where the request didn't name them. Needs `directory:read`.
    async fn department(&self, ctx: &Context<'_>) -> Option<Result<Department, ApiError>> {
        self.shown_department(ctx)
    }

    /// What DingTalk was expected to drop when the message was taken in.
    async fn prediction(&self) -> Option<Prediction> {
        self.row.prediction.map(Into::into)
    }

    /// How often it was sent again although an earlier send may have arrived: where DingTalk didn't drop it, this
    /// person has it twice.
    async fn repeats(&self) -> i32 {
        int(self.row.repeats)
    }

    /// While it is UNKNOWN: until when it may be repeated.
    async fn repeat_until(&self) -> Option<DateTime> {
        self.row.repeat_until.map(Into::into)
    }

    /// The message.
    async fn message_id(&self) -> ID {
        global_id(NodeKind::Message, self.row.message_id)
    }

    /// When the state last changed.
    async fn updated_at(&self) -> DateTime {
        self.row.updated_at.into()
    }
}

connection! {
    /// A page of recipients.
    RecipientConnection, RecipientEdge, Recipient, RecipientQuery, |this, ctx| {
        let store = &ctx.services().store;
        store.count_recipients(&this.extra).await.map(int).map_err(ApiError::from)
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
    /// No call was made: `detail` says why.
    NotMade,
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
    /// The detail as data.
    detail_statement: Option<Statement>,
    /// How far DingTalk was with delivering it when it was last asked, in per cent. It is asked only where the result
    /// is late.
    progress: Option<i32>,
    /// Of a message that was taken back: how far that is for this send.
    recall: Option<RecallState>,
    /// What DingTalk said to that.
    recall_detail: Option<String>,
    /// The same as data.
    recall_detail_statement: Option<Statement>,
    #[graphql(skip)]
    pub(crate) row: Uuid,
}

impl From<message::Attempt> for Attempt {
    fn from(attempt: message::Attempt) -> Self {
        let (recall, recall_detail) = attempt.recall.unzip();
        let recall_detail = recall_detail.flatten();

        Self {
            started_at: attempt.started_at.into(),
            finished_at: attempt.finished_at.map(Into::into),
            outcome: attempt.outcome.map(Into::into),
            recipients: int(attempt.recipients),
            task_id: attempt.task_id.map(BigInt),
            code: attempt.code,
            detail: attempt.detail.as_ref().map(ToString::to_string),
            detail_statement: attempt.detail.map(Into::into),
            progress: attempt.progress.map(i32::from),
            recall: recall.map(Into::into),
            recall_detail: recall_detail.as_ref().map(ToString::to_string),
            recall_detail_statement: recall_detail.map(Into::into),
            row: attempt.id,
        }
    }
}
