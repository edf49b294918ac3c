//! How an attempt ended.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QuerySelect, sea_query::Expr};
use uuid::Uuid;

use super::{
    call::messages_of,
    hold_messages,
    metered::{is_metered, meter},
    recall::stop_waiting,
    settle_messages,
    stop::locked_stop,
    transition::{CallRecipients, Transition},
};
use crate::{
    catalogue::{
        Statement,
        delivery::{CONTENT_ERASED, IS_REPEATED, REPETITION_FAILED},
    },
    message::{AttemptOutcome, CallPurpose, OnUnknown, RecallState, RecipientState},
    store::{
        column::{CleanText, Named, UuidText},
        entity::{attempt, message, recipient},
        error::StoreError,
        handle::Store,
        transaction::Transaction,
    },
};

/// Why an unknown one is not left alone.
pub(super) fn is_repeated() -> CleanText {
    CleanText::said(&IS_REPEATED {}.into())
}

/// How an attempt ended, and where its recipients go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptResult {
    /// How it ended.
    pub outcome: AttemptOutcome,
    /// Whether it is one of those after which it is given up. Not where no call was made, or none would have arrived
    /// before somebody put something right: waiting for that uses up nothing.
    pub counts: bool,
    /// DingTalk's task id.
    pub task_id: Option<i64>,
    /// DingTalk's effective code.
    pub code: Option<String>,
    /// What happened.
    pub detail: Option<Statement>,
    /// Where the recipients go: back to QUEUED, to ACCEPTED, FAILED, UNKNOWN, SUPPRESSED or SHADOWED. Those to whom an
    /// earlier attempt may have come are UNKNOWN in any case but ACCEPTED.
    pub recipient_state: RecipientState,
    /// Of QUEUED: not before this; `None`: they keep their places in the queue.
    pub not_before: Option<DateTime<Utc>>,
    /// Why, for the recipients.
    pub reason: Option<Statement>,
    /// Of an accepted send: when DingTalk is first asked what became of it.
    pub follow_up_at: Option<DateTime<Utc>>,
    /// Of an unknown outcome: when it may be repeated, where the message says so.
    pub repetition: Option<Repetition>,
    /// Of QUEUED: so many at most may share a call from now on.
    pub together: Option<u32>,
}

/// When a send of unknown outcome may be repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repetition {
    /// Not before.
    pub not_before: DateTime<Utc>,
    /// Not after: by then DingTalk would take it for a new day's message.
    pub until: DateTime<Utc>,
    /// How often at most.
    pub at_most: u32,
}

impl Store {
    /// Records how a call's attempts ended, and moves the recipients that still belong to it. A message that nobody
    /// waits for any more is DONE.
    ///
    /// The answer of a call whose claim has expired is evidence, too: its recipients are UNKNOWN, and are not any more,
    /// unless a later call has taken them over.
    pub async fn finish_attempt(&self, call: Uuid, result: AttemptResult) -> Result<(), StoreError> {
        repeated!(async {
            let transaction = self.begin().await?;
            // A writer may have waited for its turn.
            let now = self.clock.now();
            let messages = messages_of(&transaction, call).await?;
            let messages = if messages.is_empty() {
                // The claim may be about to be committed: it holds this row until it is.
                locked_stop(&transaction).await?;
                messages_of(&transaction, call).await?
            } else {
                messages
            };
            if messages.is_empty() {
                return Err(StoreError::Corrupt(format!("call {call} is missing")));
            }

            hold_messages(&transaction, &messages).await?;
            if !record(&transaction, call, &result, now).await? {
                // A result is recorded once: this one is on record, and what it means for the recipients with it.
                drop(transaction);
                return Ok(());
            }

            move_recipients(&transaction, call, &result, &messages, now).await?;
            settle_messages(&transaction, &messages, now).await?;
            if !is_metered(result.outcome) {
                take_off(&transaction, call).await?;
            }
            Ok(transaction.commit().await?)
        })
    }
}

/// The claim counted a call that doesn't count.
async fn take_off(transaction: &Transaction, call: Uuid) -> Result<(), StoreError> {
    let started_at: Option<DateTime<Utc>> = attempt::Entity::find_by_id(UuidText(call))
        .select_only()
        .column(attempt::Column::StartedAt)
        .into_tuple()
        .one(transaction)
        .await?;
    match started_at {
        Some(at) => meter(transaction, at, CallPurpose::Send, -1).await,
        // It is forgotten by now.
        None => Ok(()),
    }
}

/// Moves the recipients that still belong to the call to where its result says.
async fn move_recipients(
    transaction: &Transaction,
    call: Uuid,
    result: &AttemptResult,
    messages: &BTreeSet<UuidText>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    // An answer settles those, too, who became UNKNOWN when the claim expired. Without one there is nothing new to tell
    // of them.
    let told = result.outcome != AttemptOutcome::Unknown;
    let recipients = CallRecipients { call, late: told };
    let to = |state| {
        Transition::new(state, result.reason.as_ref(), now)
            .counts(result.counts)
            .together(result.together)
    };

    match result.outcome {
        AttemptOutcome::Accepted => {
            // Taken settles it for all: whether an earlier send had arrived makes no difference any more.
            for which in [recipients.plain(), recipients.doubtful()] {
                to(RecipientState::Accepted)
                    .task(result.task_id)
                    .apply(transaction, which)
                    .await?;
            }
            recall_late(transaction, call, messages).await
        }
        AttemptOutcome::Unknown => {
            for which in [recipients.plain(), recipients.doubtful()] {
                to(RecipientState::Unknown).apply(transaction, which).await?;
            }
            // After they are UNKNOWN: only those may be repeated.
            match &result.repetition {
                Some(repetition) => allow_repetition(transaction, call, messages, repetition).await,
                None => Ok(()),
            }
        }
        AttemptOutcome::Retry | AttemptOutcome::Rejected | AttemptOutcome::NotMade => {
            // The plain ones first: they leave the states by which doubtful ones are told from them.
            let settled = to(result.recipient_state).due(result.not_before);
            settled.apply(transaction, recipients.plain()).await?;

            // This send did not arrive, which says nothing of the one before it.
            let still = to(RecipientState::Unknown)
                .because(still_unknown(result))
                .due(result.not_before)
                .not_repeated();
            let again = result.recipient_state == RecipientState::Queued;
            let still = if again { still.tried_again() } else { still };
            still.apply(transaction, recipients.doubtful()).await?;

            // Nobody waits again for a message that was taken back, or whose content was erased, meanwhile.
            if again {
                let recalled = having(transaction, messages, message::Column::RecalledAt).await?;
                stop_waiting(transaction, &recalled, now).await?;
                let erased = having(transaction, messages, message::Column::ErasedAt).await?;
                give_up(transaction, call, &erased, now).await?;
            }
            Ok(())
        }
    }
}

/// Why those are UNKNOWN yet to whom an earlier send may have come, and this one did not.
fn still_unknown(result: &AttemptResult) -> Statement {
    let why = result.reason.as_ref().or(result.detail.as_ref());
    REPETITION_FAILED { why }.into()
}

/// The attempts' end; an expired claim's is put right. Whether it was the first that was heard of it.
async fn record(
    transaction: &Transaction,
    call: Uuid,
    result: &AttemptResult,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let unfinished = attempt::Column::FinishedAt.is_null();
    let unknown = attempt::Column::Outcome.eq(Named(AttemptOutcome::Unknown));
    let updated = attempt::Entity::update_many()
        .col_expr(attempt::Column::FinishedAt, Expr::val(now))
        .col_expr(attempt::Column::Outcome, Expr::val(Named(result.outcome)))
        .col_expr(attempt::Column::TaskId, Expr::val(result.task_id))
        .col_expr(attempt::Column::Code, Expr::val(CleanText::of(result.code.as_ref())))
        .col_expr(
            attempt::Column::Detail,
            Expr::val(CleanText::said_of(result.detail.as_ref())),
        )
        .filter(attempt::Column::CallId.eq(UuidText(call)))
        // What is known of it stays: a later word of the same call says nothing new.
        .filter(Condition::any().add(unfinished).add(unknown))
        .exec(transaction)
        .await?;

    // One of them is followed up for all.
    attempt::Entity::update_many()
        .col_expr(attempt::Column::FollowUpAt, Expr::val(result.follow_up_at))
        .filter(attempt::Column::Id.eq(UuidText(call)))
        .exec(transaction)
        .await?;
    Ok(updated.rows_affected > 0)
}

/// Those of the messages to which it has happened by now.
async fn having(
    transaction: &Transaction,
    messages: &BTreeSet<UuidText>,
    happened: message::Column,
) -> Result<BTreeSet<UuidText>, StoreError> {
    let ids: Vec<UuidText> = message::Entity::find()
        .select_only()
        .column(message::Column::Id)
        .filter(message::Column::Id.is_in(messages))
        .filter(happened.is_not_null())
        .into_tuple()
        .all(transaction)
        .await?;
    Ok(ids.into_iter().collect())
}

/// Who would be sent to again, had the content of these messages not been erased since: the answer came that late.
async fn give_up(
    transaction: &Transaction,
    call: Uuid,
    erased: &BTreeSet<UuidText>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    recipient::Entity::update_many()
        .col_expr(recipient::Column::State, Expr::val(Named(RecipientState::Expired)))
        .col_expr(
            recipient::Column::Reason,
            Expr::val(CleanText::said(&CONTENT_ERASED {}.into())),
        )
        .col_expr(recipient::Column::UpdatedAt, Expr::val(now))
        .filter(recipient::Column::AttemptId.eq(UuidText(call)))
        .filter(recipient::Column::MessageId.is_in(erased))
        .filter(recipient::Column::State.eq(Named(RecipientState::Queued)))
        .exec(transaction)
        .await?;
    Ok(())
}

/// A message that was taken back while this call was under way.
async fn recall_late(transaction: &Transaction, call: Uuid, messages: &BTreeSet<UuidText>) -> Result<(), StoreError> {
    let recalled = having(transaction, messages, message::Column::RecalledAt).await?;
    if !recalled.is_empty() {
        // DingTalk has taken it by now, so that it is asked to take it back.
        attempt::Entity::update_many()
            .col_expr(attempt::Column::RecallState, Expr::val(Named(RecallState::Requested)))
            .filter(attempt::Column::CallId.eq(UuidText(call)))
            .filter(attempt::Column::MessageId.is_in(recalled))
            .exec(transaction)
            .await?;
    }
    Ok(())
}

/// Where the messages say so, the call's unknown recipients may be repeated, while the messages are worth sending.
pub(super) async fn allow_repetition(
    transaction: &Transaction,
    call: Uuid,
    messages: &BTreeSet<UuidText>,
    repetition: &Repetition,
) -> Result<(), StoreError> {
    // Near midnight no time is left for a repetition.
    if repetition.not_before >= repetition.until {
        return Ok(());
    }

    let repeating: Vec<(UuidText, Option<DateTime<Utc>>)> = message::Entity::find()
        .select_only()
        .column(message::Column::Id)
        .column(message::Column::ExpiresAt)
        .filter(message::Column::Id.is_in(messages))
        .filter(message::Column::OnUnknown.eq(Named(OnUnknown::RepeatSameDay)))
        .filter(message::Column::RecalledAt.is_null())
        .filter(message::Column::ErasedAt.is_null())
        .into_tuple()
        .all(transaction)
        .await?;

    // Nothing is repeated that was not worth sending any more either.
    let mut by_end: BTreeMap<DateTime<Utc>, Vec<UuidText>> = BTreeMap::new();
    for (message, expires_at) in repeating {
        let until = expires_at.map_or(repetition.until, |at| Ord::min(at, repetition.until));
        if repetition.not_before < until {
            by_end.entry(until).or_default().push(message);
        }
    }

    for (until, messages) in by_end {
        recipient::Entity::update_many()
            .col_expr(recipient::Column::NotBefore, Expr::val(repetition.not_before))
            .col_expr(recipient::Column::RepeatUntil, Expr::val(until))
            .col_expr(recipient::Column::Reason, Expr::val(is_repeated()))
            .filter(recipient::Column::AttemptId.eq(UuidText(call)))
            .filter(recipient::Column::MessageId.is_in(messages))
            .filter(recipient::Column::State.eq(Named(RecipientState::Unknown)))
            .filter(
                recipient::Column::Repeats
                    .is_null()
                    .or(recipient::Column::Repeats.lt(i64::from(repetition.at_most))),
            )
            .exec(transaction)
            .await?;
    }
    Ok(())
}
