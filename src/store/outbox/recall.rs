//! Taking messages back.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use uuid::Uuid;

use super::{CHUNK, call::messages_of, follow_up::proven_first, hold_messages, settle_messages};
use crate::{
    audit::{AuditAction, Author, Deed},
    catalogue::{
        Statement,
        delivery::{RECALL_TOO_LATE, RECALLED_BEFORE_SENDING, RECALLED_REPETITION, RECALLED_WHILE_UNKNOWN},
    },
    message::{AttemptOutcome, FollowUpPolicy, Message, MessageState, RecallState, RecipientState},
    store::{
        audit,
        column::{CleanText, Named, UuidText},
        entity::{attempt, message, recipient},
        error::StoreError,
        frozen::unfold_in,
        handle::Store,
        message_rows::message_value,
        transaction::Transaction,
    },
};

/// DingTalk takes a send back within this time (`docs/dingtalk.md#recall`).
pub(super) const RECALLED_WITHIN: TimeDelta = TimeDelta::hours(24);

/// A send that DingTalk is to take back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecallTask {
    /// The call.
    pub call_id: Uuid,
    /// DingTalk's task id.
    pub task_id: i64,
    /// How often DingTalk was asked before.
    pub tries: u32,
    /// How many messages the send carried, too, that were not taken back.
    pub shared_with: u32,
}

/// What came of a recall.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecallOutcome {
    /// DingTalk took it back.
    Done,
    /// It can't be taken back; DingTalk was asked, or not.
    Failed {
        /// Why.
        why: Statement,
        /// Whether a call was made.
        asked: bool,
    },
    /// DingTalk didn't say, and is asked again then.
    Again {
        /// What it said instead.
        why: Statement,
        /// When.
        at: DateTime<Utc>,
    },
}

impl Store {
    /// Takes a message back: who waits is CANCELLED, and the sends that DingTalk took are marked for recall. Once: a
    /// second call finds it taken back. `None`: there is no such message.
    pub async fn recall_message(&self, id: Uuid, by: impl Into<Author>) -> Result<Option<Message>, StoreError> {
        let by = by.into();
        repeated!(async {
            let key = UuidText(id);
            let transaction = self.begin().await?;
            // A writer may have waited for its turn.
            let now = self.clock.now();
            hold_messages(&transaction, &BTreeSet::from([key])).await?;

            let updated = message::Entity::update_many()
                .col_expr(message::Column::RecalledAt, Expr::val(now))
                .col_expr(message::Column::RecalledBy, Expr::val(CleanText::from(&by.subject)))
                .col_expr(message::Column::State, Expr::val(Named(MessageState::Recalled)))
                .filter(message::Column::Id.eq(key))
                .filter(message::Column::RecalledAt.is_null())
                .exec(&transaction)
                .await?;
            if updated.rows_affected > 0 {
                unfold_in(&transaction, key).await?;
                stop_waiting(&transaction, &BTreeSet::from([key]), now).await?;

                let taken = Condition::all()
                    .add(attempt::Column::MessageId.eq(key))
                    .add(attempt::Column::Outcome.eq(Named(AttemptOutcome::Accepted)));
                // By a clock that is ahead nothing is too late for good.
                let in_time = attempt::Column::FinishedAt.gt(self.clock.earliest() - RECALLED_WITHIN);
                for (state, detail, when) in [
                    (RecallState::Requested, None, in_time.clone()),
                    (RecallState::Failed, Some(too_late(None)), in_time.not()),
                ] {
                    attempt::Entity::update_many()
                        .col_expr(attempt::Column::RecallState, Expr::val(Named(state)))
                        .col_expr(attempt::Column::RecallDetail, Expr::val(detail))
                        .filter(taken.clone())
                        .filter(when)
                        .exec(&transaction)
                        .await?;
                }
                settle_messages(&transaction, &BTreeSet::from([key]), now).await?;
                let deed = Deed::new(AuditAction::MessageRecalled, &by).on(id);
                audit::note(&transaction, &deed, now).await?;
            }

            let row = message::Entity::find_by_id(key).one(&transaction).await?;
            transaction.commit().await?;
            row.map(message_value).transpose()
        })
    }

    /// Sends that DingTalk is to be asked by `now` to take back, the oldest first. It takes them back for the app that
    /// made them: those of other apps than `app` wait until the settings name theirs again, or DingTalk takes nothing
    /// back any more.
    pub async fn recalls_due(&self, limit: u32, now: DateTime<Utc>, app: &str) -> Result<Vec<RecallTask>, StoreError> {
        let due = attempt::Column::RecallAt
            .is_null()
            .or(attempt::Column::RecallAt.lte(now));
        let rows: Vec<(UuidText, Option<UuidText>, Option<i64>)> = attempt::Entity::find()
            .select_only()
            .columns([attempt::Column::Id, attempt::Column::CallId, attempt::Column::TaskId])
            .filter(attempt::Column::RecallState.eq(Named(RecallState::Requested)))
            .filter(due)
            .filter(attempt::Column::App.is_null().or(attempt::Column::App.eq(app)))
            .order_by_asc(attempt::Column::StartedAt)
            .limit(u64::from(limit))
            .into_tuple()
            .all(&self.read)
            .await?;

        let mut tasks: Vec<RecallTask> = Vec::new();
        for (id, call, task_id) in rows {
            let (Some(task_id), call) = (task_id, call.unwrap_or(id)) else {
                continue;
            };
            // A call that carried several messages is one task.
            if tasks.iter().any(|task| task.call_id == call.0) {
                continue;
            }

            let attempts: Vec<(UuidText, Option<i64>, Option<String>)> = attempt::Entity::find()
                .select_only()
                .columns([
                    attempt::Column::Id,
                    attempt::Column::RecallTries,
                    attempt::Column::RecallState,
                ])
                .filter(attempt::Column::CallId.eq(call))
                .into_tuple()
                .all(&self.read)
                .await?;
            // The first attempt bears the call's id, and counts for all.
            let first = attempts.iter().find(|(id, ..)| *id == call);
            let tries = first.and_then(|(_, tries, _)| *tries).unwrap_or(0);
            let others = attempts.iter().filter(|(.., recall_state)| recall_state.is_none());
            tasks.push(RecallTask {
                call_id: call.into(),
                task_id,
                tries: u32::try_from(tries).unwrap_or(0),
                shared_with: u32::try_from(others.count()).unwrap_or(u32::MAX),
            });
        }
        Ok(tasks)
    }

    /// Records what came of a recall; of one that DingTalk made, its recipients are RECALLED.
    pub async fn record_recall(&self, task: &RecallTask, outcome: &RecallOutcome) -> Result<(), StoreError> {
        repeated!(async {
            let transaction = self.begin().await?;
            // A writer may have waited for its turn.
            let now = self.clock.now();
            let messages = messages_of(&transaction, task.call_id).await?;
            hold_messages(&transaction, &messages).await?;

            let (state, detail, again_at, asked) = match outcome {
                RecallOutcome::Done => (RecallState::Done, None, None, true),
                RecallOutcome::Failed { why, asked } => (RecallState::Failed, Some(why), None, *asked),
                RecallOutcome::Again { why, at } => (RecallState::Requested, Some(why), Some(*at), true),
            };
            // A send that is back is back for all messages that it carried, whatever was said of them before.
            let concerned = match outcome {
                RecallOutcome::Done => attempt::Column::RecallState.is_not_null(),
                _ => attempt::Column::RecallState.eq(Named(RecallState::Requested)),
            };

            attempt::Entity::update_many()
                .col_expr(attempt::Column::RecallState, Expr::val(Named(state)))
                .col_expr(attempt::Column::RecallDetail, Expr::val(CleanText::said_of(detail)))
                .col_expr(attempt::Column::RecallAt, Expr::val(again_at))
                .filter(attempt::Column::CallId.eq(UuidText(task.call_id)))
                .filter(concerned)
                .exec(&transaction)
                .await?;
            if asked {
                let tries = Expr::expr(Expr::col(attempt::Column::RecallTries).if_null(0_i64)).add(1_i64);
                attempt::Entity::update_many()
                    .col_expr(attempt::Column::RecallTries, tries)
                    .filter(attempt::Column::Id.eq(UuidText(task.call_id)))
                    .exec(&transaction)
                    .await?;
            }

            if *outcome == RecallOutcome::Done {
                recalled(&transaction, task.call_id, now).await?;
            }
            if again_at.is_none() {
                ask_on(&transaction, task.call_id, *outcome == RecallOutcome::Done, now).await?;
            }
            settle_messages(&transaction, &messages, now).await?;
            Ok(transaction.commit().await?)
        })
    }

    /// Recalls for which DingTalk gave no answer while it takes sends back have failed. How many sends those were.
    pub(super) async fn expire_recalls(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        repeated!(async {
            let late = Condition::all()
                .add(attempt::Column::RecallState.eq(Named(RecallState::Requested)))
                .add(attempt::Column::FinishedAt.lte(now - RECALLED_WITHIN));
            let transaction = self.begin().await?;
            let rows: Vec<(UuidText, UuidText, Option<String>)> = attempt::Entity::find()
                .select_only()
                .columns([
                    attempt::Column::Id,
                    attempt::Column::MessageId,
                    attempt::Column::RecallDetail,
                ])
                .filter(late.clone())
                .limit(CHUNK as u64)
                .into_tuple()
                .all(&transaction)
                .await?;
            if rows.is_empty() {
                drop(transaction);
                return Ok(0);
            }

            let messages: BTreeSet<UuidText> = rows.iter().map(|(_, message, _)| *message).collect();
            hold_messages(&transaction, &messages).await?;
            let mut expired = 0;
            for (id, _, said) in rows {
                let updated = attempt::Entity::update_many()
                    .col_expr(attempt::Column::RecallState, Expr::val(Named(RecallState::Failed)))
                    .col_expr(
                        attempt::Column::RecallDetail,
                        Expr::val(too_late(said.map(Statement::read))),
                    )
                    .col_expr(attempt::Column::RecallAt, Expr::val(None::<DateTime<Utc>>))
                    .filter(attempt::Column::Id.eq(id))
                    .filter(late.clone())
                    .exec(&transaction)
                    .await?;
                expired += updated.rows_affected;
            }

            settle_messages(&transaction, &messages, now).await?;
            transaction.commit().await?;
            Ok(expired)
        })
    }
}

/// Where questions are counted: what is back is asked about no more, and what could not be taken back is in doubt.
async fn ask_on(transaction: &Transaction, call: Uuid, is_back: bool, now: DateTime<Utc>) -> Result<(), StoreError> {
    let (policies, ask_at) = if is_back {
        (&[FollowUpPolicy::Auto, FollowUpPolicy::Final][..], None)
    } else {
        (&[FollowUpPolicy::Auto][..], Some(now))
    };
    attempt::Entity::update_many()
        .col_expr(attempt::Column::FollowUpAt, Expr::val(ask_at))
        .col_expr(attempt::Column::InDoubt, Expr::val(!is_back))
        .filter(attempt::Column::Id.eq(UuidText(call)))
        .filter(attempt::Column::FollowUp.is_in(policies.iter().copied().map(Named)))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Why a recall has failed by itself; `why`: what DingTalk said until then.
fn too_late(why: Option<Statement>) -> CleanText {
    CleanText::said(&RECALL_TOO_LATE { why }.into())
}

/// The recipients of a call that DingTalk took back.
async fn recalled(transaction: &Transaction, call: Uuid, now: DateTime<Utc>) -> Result<(), StoreError> {
    let had = [
        RecipientState::Accepted,
        RecipientState::DeliveredUnread,
        RecipientState::Read,
    ];
    let repeated = recipient::Column::Repeats.gt(0_i64);
    let proven = proven_first();
    // An earlier version stored the sentence.
    let proven = recipient::Column::Reason.is_in([proven.stored(), proven.to_string()]);
    let once = recipient::Column::Repeats
        .is_null()
        .or(recipient::Column::Repeats.eq(0_i64));
    let again = repeated.and(recipient::Column::Reason.is_null().or(proven.not()));

    for (which, state, reason) in [
        (once, RecipientState::Recalled, None),
        (
            again,
            RecipientState::Unknown,
            Some(CleanText::said(&RECALLED_REPETITION {}.into())),
        ),
    ] {
        recipient::Entity::update_many()
            .col_expr(recipient::Column::State, Expr::val(Named(state)))
            .col_expr(recipient::Column::UpdatedAt, Expr::val(now))
            // What was said of asking is over.
            .col_expr(recipient::Column::Reason, Expr::val(reason))
            .filter(recipient::Column::AttemptId.eq(UuidText(call)))
            .filter(recipient::Column::State.is_in(had.map(Named)))
            .filter(which)
            .exec(transaction)
            .await?;
    }
    Ok(())
}

/// Of messages that were taken back: who waits is CANCELLED, and what may have arrived isn't repeated any more; without
/// a task id it can't be taken back either.
pub(super) async fn stop_waiting(
    transaction: &Transaction,
    ids: &BTreeSet<UuidText>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    recipient::Entity::update_many()
        .col_expr(recipient::Column::State, Expr::val(Named(RecipientState::Cancelled)))
        .col_expr(
            recipient::Column::Reason,
            Expr::val(CleanText::said(&RECALLED_BEFORE_SENDING {}.into())),
        )
        .col_expr(recipient::Column::UpdatedAt, Expr::val(now))
        .filter(recipient::Column::MessageId.is_in(ids))
        .filter(recipient::Column::State.eq(Named(RecipientState::Queued)))
        .exec(transaction)
        .await?;

    recipient::Entity::update_many()
        .col_expr(recipient::Column::RepeatUntil, Expr::val(None::<DateTime<Utc>>))
        .col_expr(
            recipient::Column::Reason,
            Expr::val(CleanText::said(&RECALLED_WHILE_UNKNOWN {}.into())),
        )
        .col_expr(recipient::Column::UpdatedAt, Expr::val(now))
        .filter(recipient::Column::MessageId.is_in(ids))
        .filter(recipient::Column::State.eq(Named(RecipientState::Unknown)))
        .filter(recipient::Column::RepeatUntil.is_not_null())
        .exec(transaction)
        .await?;
    Ok(())
}
