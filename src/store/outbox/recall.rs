//! Taking messages back.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use uuid::Uuid;

use super::{finish::messages_of, hold_messages, settle_messages};
use crate::{
    message::{AttemptOutcome, Message, MessageState, RecallState, RecipientState},
    store::{
        connect::Store,
        entity::{attempt, message, recipient},
        error::{StoreError, corrupt},
        frozen::unfold_in,
        message_rows::message_value,
        text::{name_of, without_nul, without_nul_opt},
    },
};

/// DingTalk takes a send back within this time (fact sheet §4.4).
const RECALLED_WITHIN: TimeDelta = TimeDelta::hours(24);
const TOO_LATE: &str = "DingTalk takes a send back within 24 hours only.";

/// A send that DingTalk is to take back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecallTask {
    /// The call.
    pub call_id: Uuid,
    /// DingTalk's task id.
    pub task_id: i64,
    /// Messages that the send carried, too, and that were not taken back.
    pub shared_with: Vec<Uuid>,
}

impl Store {
    /// Takes a message back: who waits is CANCELLED, and the sends that DingTalk took are marked for recall. Once: a second
    /// call finds it taken back. `None`: there is no such message.
    pub async fn recall_message(&self, id: Uuid, by: &str) -> Result<Option<Message>, StoreError> {
        let now = self.clock.now();
        let key = id.to_string();
        let transaction = self.begin().await?;
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
            let in_time = attempt::Column::FinishedAt.gt(now - RECALLED_WITHIN);
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
    }

    /// Sends that DingTalk is to take back, the oldest first.
    pub async fn recalls_due(&self, limit: u32) -> Result<Vec<RecallTask>, StoreError> {
        let rows = attempt::Entity::find()
            .filter(attempt::Column::RecallState.eq(name_of(&RecallState::Requested)))
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
            if tasks.iter().any(|task| task.call_id == call_id) {
                continue;
            }
            let others: Vec<String> = attempt::Entity::find()
                .select_only()
                .column(attempt::Column::MessageId)
                .filter(attempt::Column::CallId.eq(&call))
                .filter(attempt::Column::RecallState.is_null())
                .into_tuple()
                .all(&self.read)
                .await?;
            tasks.push(RecallTask {
                call_id,
                task_id,
                shared_with: others
                    .iter()
                    .map(|id| Uuid::parse_str(id).map_err(|error| corrupt("attempts.message_id", error)))
                    .collect::<Result<_, _>>()?,
            });
        }
        Ok(tasks)
    }

    /// Records what came of a recall; of one that DingTalk made, its recipients are RECALLED.
    pub async fn record_recall(
        &self,
        task: &RecallTask,
        state: RecallState,
        detail: Option<&str>,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let transaction = self.begin().await?;
        let messages = messages_of(&transaction, task.call_id).await?;
        hold_messages(&transaction, &messages).await?;
        attempt::Entity::update_many()
            .col_expr(attempt::Column::RecallState, Expr::val(name_of(&state)))
            .col_expr(
                attempt::Column::RecallDetail,
                Expr::val(without_nul_opt(detail.map(ToOwned::to_owned).as_ref())),
            )
            .filter(attempt::Column::CallId.eq(task.call_id.to_string()))
            .filter(attempt::Column::RecallState.eq(name_of(&RecallState::Requested)))
            .exec(&transaction)
            .await?;
        if state == RecallState::Done {
            let had = [
                RecipientState::Accepted,
                RecipientState::DeliveredUnread,
                RecipientState::Read,
            ];
            recipient::Entity::update_many()
                .col_expr(recipient::Column::State, Expr::val(name_of(&RecipientState::Recalled)))
                .col_expr(recipient::Column::UpdatedAt, Expr::val(now))
                .filter(recipient::Column::AttemptId.eq(task.call_id.to_string()))
                .filter(recipient::Column::State.is_in(had.iter().map(name_of)))
                .exec(&transaction)
                .await?;
        }
        settle_messages(&transaction, &messages, now).await?;
        Ok(transaction.commit().await?)
    }
}

/// Of messages that were taken back: who waits is CANCELLED, and what may have arrived isn't repeated any more; without a task
/// id it can't be taken back either.
pub(super) async fn stop_waiting(
    transaction: &DatabaseTransaction,
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
