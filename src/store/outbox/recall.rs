//! Taking messages back.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use uuid::Uuid;

use super::{CHUNK, finish::messages_of, follow_up::PROVEN, hold_messages, settle_messages};
use crate::{
    message::{AttemptOutcome, Message, MessageState, RecallState, RecipientState},
    store::{
        connect::Store,
        entity::{attempt, message, recipient},
        error::{StoreError, corrupt},
        frozen::unfold_in,
        message_rows::message_value,
        text::{name_of, without_nul, without_nul_opt},
        transaction::Transaction,
    },
};

/// DingTalk takes a send back within this time (`docs/dingtalk.md#recall`).
const RECALLED_WITHIN: TimeDelta = TimeDelta::hours(24);
const TOO_LATE: &str = "DingTalk takes a send back within 24 hours only.";

/// What is left of a message when its repetition was taken back.
const FIRST_SEND_LEFT: &str = "DingTalk took the repetition back. Whether the first send arrived nobody knows, and without a \
                               task id it can't be taken back.";

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
        why: String,
        /// Whether a call was made.
        asked: bool,
    },
    /// DingTalk didn't say, and is asked again then.
    Again {
        /// What it said instead.
        why: String,
        /// When.
        at: DateTime<Utc>,
    },
}

impl Store {
    /// Takes a message back: who waits is CANCELLED, and the sends that DingTalk took are marked for recall. Once: a
    /// second call finds it taken back. `None`: there is no such message.
    pub async fn recall_message(&self, id: Uuid, by: &str) -> Result<Option<Message>, StoreError> {
        repeated!(async {
            let key = id.to_string();
            let transaction = self.begin().await?;
            // A writer may have waited for its turn.
            let now = self.clock.now();
            hold_messages(&transaction, &BTreeSet::from([key.clone()])).await?;

            let updated = message::Entity::update_many()
                .col_expr(message::Column::RecalledAt, Expr::val(now))
                .col_expr(message::Column::RecalledBy, Expr::val(without_nul(by)))
                .col_expr(message::Column::State, Expr::val(name_of(&MessageState::Recalled)))
                .filter(message::Column::Id.eq(&key))
                .filter(message::Column::RecalledAt.is_null())
                .exec(&transaction)
                .await?;
            if updated.rows_affected > 0 {
                unfold_in(&transaction, &key).await?;
                stop_waiting(&transaction, &BTreeSet::from([key.clone()]), now).await?;

                let taken = Condition::all()
                    .add(attempt::Column::MessageId.eq(&key))
                    .add(attempt::Column::Outcome.eq(name_of(&AttemptOutcome::Accepted)));
                // By a clock that is ahead nothing is too late for good.
                let in_time = attempt::Column::FinishedAt.gt(self.clock.earliest() - RECALLED_WITHIN);
                for (state, detail, when) in [
                    (RecallState::Requested, None, in_time.clone()),
                    (RecallState::Failed, Some(TOO_LATE), in_time.not()),
                ] {
                    attempt::Entity::update_many()
                        .col_expr(attempt::Column::RecallState, Expr::val(name_of(&state)))
                        .col_expr(attempt::Column::RecallDetail, Expr::val(detail))
                        .filter(taken.clone())
                        .filter(when)
                        .exec(&transaction)
                        .await?;
                }
                settle_messages(&transaction, &BTreeSet::from([key.clone()]), now).await?;
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
        let rows = attempt::Entity::find()
            .filter(attempt::Column::RecallState.eq(name_of(&RecallState::Requested)))
            .filter(due)
            .filter(attempt::Column::App.is_null().or(attempt::Column::App.eq(app)))
            .order_by_asc(attempt::Column::StartedAt)
            .limit(u64::from(limit))
            .all(&self.read)
            .await?;

        let mut tasks: Vec<RecallTask> = Vec::new();
        for row in rows {
            let (Some(task_id), call) = (row.task_id, row.call_id.unwrap_or(row.id)) else {
                continue;
            };
            let call_id = Uuid::parse_str(&call).map_err(|error| corrupt("attempts.call_id", error))?;
            // A call that carried several messages is one task.
            if tasks.iter().any(|task| task.call_id == call_id) {
                continue;
            }

            let attempts = attempt::Entity::find()
                .filter(attempt::Column::CallId.eq(&call))
                .all(&self.read)
                .await?;
            let first = attempts.iter().find(|attempt| attempt.id == call);
            let tries = first.and_then(|first| first.recall_tries).unwrap_or(0);
            let others = attempts.iter().filter(|attempt| attempt.recall_state.is_none());
            tasks.push(RecallTask {
                call_id,
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
                _ => attempt::Column::RecallState.eq(name_of(&RecallState::Requested)),
            };

            attempt::Entity::update_many()
                .col_expr(attempt::Column::RecallState, Expr::val(name_of(&state)))
                .col_expr(attempt::Column::RecallDetail, Expr::val(without_nul_opt(detail)))
                .col_expr(attempt::Column::RecallAt, Expr::val(again_at))
                .filter(attempt::Column::CallId.eq(task.call_id.to_string()))
                .filter(concerned)
                .exec(&transaction)
                .await?;
            if asked {
                let tries = Expr::expr(Expr::col(attempt::Column::RecallTries).if_null(0_i64)).add(1_i64);
                attempt::Entity::update_many()
                    .col_expr(attempt::Column::RecallTries, tries)
                    .filter(attempt::Column::Id.eq(task.call_id.to_string()))
                    .exec(&transaction)
                    .await?;
            }

            if *outcome == RecallOutcome::Done {
                recalled(&transaction, task.call_id, now).await?;
            }
            settle_messages(&transaction, &messages, now).await?;
            Ok(transaction.commit().await?)
        })
    }

    /// Recalls for which DingTalk gave no answer while it takes sends back have failed. How many sends those were.
    pub(super) async fn expire_recalls(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        repeated!(async {
            let late = Condition::all()
                .add(attempt::Column::RecallState.eq(name_of(&RecallState::Requested)))
                .add(attempt::Column::FinishedAt.lte(now - RECALLED_WITHIN));
            let transaction = self.begin().await?;
            let rows = attempt::Entity::find()
                .filter(late.clone())
                .limit(CHUNK as u64)
                .all(&transaction)
                .await?;
            if rows.is_empty() {
                drop(transaction);
                return Ok(0);
            }

            let messages: BTreeSet<String> = rows.iter().map(|row| row.message_id.clone()).collect();
            hold_messages(&transaction, &messages).await?;
            let mut expired = 0;
            for row in rows {
                let said = row.recall_detail.map(|said| format!(" {said}")).unwrap_or_default();
                let updated = attempt::Entity::update_many()
                    .col_expr(attempt::Column::RecallState, Expr::val(name_of(&RecallState::Failed)))
                    .col_expr(attempt::Column::RecallDetail, Expr::val(format!("{TOO_LATE}{said}")))
                    .col_expr(attempt::Column::RecallAt, Expr::val(None::<DateTime<Utc>>))
                    .filter(attempt::Column::Id.eq(row.id))
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

/// The recipients of a call that DingTalk took back.
async fn recalled(transaction: &Transaction, call: Uuid, now: DateTime<Utc>) -> Result<(), StoreError> {
    let had = [
        RecipientState::Accepted,
        RecipientState::DeliveredUnread,
        RecipientState::Read,
    ];
    let repeated = recipient::Column::Repeats.gt(0_i64);
    let proven = recipient::Column::Reason.eq(PROVEN);
    let once = recipient::Column::Repeats
        .is_null()
        .or(recipient::Column::Repeats.eq(0_i64));
    let again = repeated.and(recipient::Column::Reason.is_null().or(proven.not()));

    for (which, state, reason) in [
        (once, RecipientState::Recalled, None),
        (again, RecipientState::Unknown, Some(FIRST_SEND_LEFT)),
    ] {
        let mut update = recipient::Entity::update_many()
            .col_expr(recipient::Column::State, Expr::val(name_of(&state)))
            .col_expr(recipient::Column::UpdatedAt, Expr::val(now));
        if let Some(reason) = reason {
            update = update.col_expr(recipient::Column::Reason, Expr::val(reason));
        }
        update
            .filter(recipient::Column::AttemptId.eq(call.to_string()))
            .filter(recipient::Column::State.is_in(had.iter().map(name_of)))
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
    ids: &BTreeSet<String>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    recipient::Entity::update_many()
        .col_expr(recipient::Column::State, Expr::val(name_of(&RecipientState::Cancelled)))
        .col_expr(
            recipient::Column::Reason,
            Expr::val("The message was taken back before it was sent."),
        )
        .col_expr(recipient::Column::UpdatedAt, Expr::val(now))
        .filter(recipient::Column::MessageId.is_in(ids))
        .filter(recipient::Column::State.eq(name_of(&RecipientState::Queued)))
        .exec(transaction)
        .await?;

    recipient::Entity::update_many()
        .col_expr(recipient::Column::RepeatUntil, Expr::val(None::<DateTime<Utc>>))
        .col_expr(
            recipient::Column::Reason,
            Expr::val("It may have arrived, and is not repeated, because the message was taken back."),
        )
        .col_expr(recipient::Column::UpdatedAt, Expr::val(now))
        .filter(recipient::Column::MessageId.is_in(ids))
        .filter(recipient::Column::State.eq(name_of(&RecipientState::Unknown)))
        .filter(recipient::Column::RepeatUntil.is_not_null())
        .exec(transaction)
        .await?;
    Ok(())
}
