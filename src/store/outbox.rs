//! The outbox: recipients are claimed, their attempt is on record before the call, and its outcome after it.

use std::{collections::BTreeSet, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, Set,
    sea_query::{Expr, LockBehavior, LockType},
};
use uuid::Uuid;

use super::{
    connect::Store,
    entity::{attempt, message, recipient},
    error::{StoreError, corrupt},
    messages::{message_value, recipient_value},
    text::{name_of, without_nul, without_nul_opt},
};
use crate::{
    directory::UserId,
    message::{AttemptOutcome, Message, MessageState, Recipient, RecipientState},
};

/// Why a recipient of a dead process's attempt is UNKNOWN.
const DIED: &str = "the process that sent it ended before it could record DingTalk's answer: it may have arrived";

/// Rows a statement.
const CHUNK: usize = 1_000;

/// How long DingTalk answers for a task.
const FOLLOW_UP_FOR: TimeDelta = TimeDelta::hours(24);

/// Recipients of one message that nobody else sends to until the claim expires.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimedBatch {
    /// The attempt that is on record as started.
    pub attempt_id: Uuid,
    /// The message.
    pub message: Message,
    /// The recipients.
    pub recipients: Vec<Recipient>,
    /// The most attempts that one of them had before.
    pub former_attempts: u32,
}

/// How an attempt ended, and where its recipients go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptResult {
    /// How it ended.
    pub outcome: AttemptOutcome,
    /// DingTalk's task id.
    pub task_id: Option<i64>,
    /// DingTalk's effective code.
    pub code: Option<String>,
    /// What happened, in words.
    pub detail: Option<String>,
    /// Where the recipients go: back to QUEUED, to ACCEPTED, FAILED, UNKNOWN or SUPPRESSED.
    pub recipient_state: RecipientState,
    /// Of QUEUED: not before this.
    pub not_before: Option<DateTime<Utc>>,
    /// Why, for the recipients.
    pub reason: Option<String>,
    /// Of an accepted send: when DingTalk is first asked what became of it.
    pub follow_up_at: Option<DateTime<Utc>>,
}

/// A send whose fate DingTalk may still tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowUp {
    /// The message.
    pub message: Uuid,
    /// DingTalk's task id.
    pub task_id: i64,
    /// When DingTalk took it.
    pub accepted_at: DateTime<Utc>,
    /// How many recipients the task has.
    pub recipients: u32,
}

impl Store {
    /// Claims up to `limit` recipients of one message that are due, for `ttl`, and records their attempt as started.
    ///
    /// `None`: nothing is due.
    pub async fn claim_batch(
        &self,
        limit: u32,
        owner: &str,
        ttl: Duration,
    ) -> Result<Option<ClaimedBatch>, StoreError> {
        let now = self.clock.now();
        let transaction = self.begin().await?;
        let due = self.due(&transaction, limit, now).await?;
        let Some(first) = due.first() else {
            transaction.rollback().await?;
            return Ok(None);
        };
        let message_id = first.message_id.clone();
        let attempt_id = Uuid::now_v7();
        let former_attempts = due.iter().map(|row| row.attempts).max().unwrap_or(0);
        attempt::ActiveModel {
            id: Set(attempt_id.to_string()),
            message_id: Set(message_id.clone()),
            owner: Set(owner.to_owned()),
            recipients: Set(i64::try_from(due.len()).unwrap_or(i64::MAX)),
            started_at: Set(now),
            finished_at: Set(None),
            outcome: Set(None),
            task_id: Set(None),
            code: Set(None),
            detail: Set(None),
            checked_at: Set(None),
            follow_up_at: Set(None),
        }
        .insert(&transaction)
        .await?;
        let expires = now + TimeDelta::from_std(ttl).unwrap_or(TimeDelta::MAX);
        let claimed = recipient::Entity::update_many()
            .col_expr(recipient::Column::State, Expr::val(name_of(&RecipientState::Sending)))
            .col_expr(recipient::Column::AttemptId, Expr::val(attempt_id.to_string()))
            .col_expr(recipient::Column::ClaimExpiresAt, Expr::val(expires))
            .col_expr(
                recipient::Column::Attempts,
                Expr::col(recipient::Column::Attempts).add(1_i64),
            )
            .col_expr(recipient::Column::UpdatedAt, Expr::val(now))
            .filter(recipient::Column::Id.is_in(due.iter().map(|row| row.id)))
            .filter(recipient::Column::State.eq(name_of(&RecipientState::Queued)))
            .exec(&transaction)
            .await?;
        if claimed.rows_affected != due.len() as u64 {
            // Somebody else took some of them in between: he has the rest's turn, too.
            transaction.rollback().await?;
            return Ok(None);
        }
        let message = message::Entity::find_by_id(&message_id).one(&transaction).await?;
        let rows = recipient::Entity::find().filter(recipient::Column::AttemptId.eq(attempt_id.to_string()));
        let rows = rows.order_by_asc(recipient::Column::Position).all(&transaction).await?;
        transaction.commit().await?;
        let message = message.ok_or_else(|| StoreError::Corrupt(format!("message {message_id} is missing")))?;
        Ok(Some(ClaimedBatch {
            attempt_id,
            message: message_value(message)?,
            recipients: rows.into_iter().map(recipient_value).collect::<Result<_, _>>()?,
            former_attempts: u32::try_from(former_attempts).unwrap_or(u32::MAX),
        }))
    }

    /// Recipients that are due, all of the message whose recipient has waited longest. Rows that another replica is claiming
    /// are passed over on Postgres; SQLite has one writer.
    async fn due(
        &self,
        transaction: &DatabaseTransaction,
        limit: u32,
        now: DateTime<Utc>,
    ) -> Result<Vec<recipient::Model>, StoreError> {
        let waiting = recipient::Entity::find()
            .filter(recipient::Column::State.eq(name_of(&RecipientState::Queued)))
            .filter(recipient::Column::NotBefore.lte(now));
        let skip_locked = self.is_postgres();
        let mut oldest = waiting
            .clone()
            .order_by_asc(recipient::Column::NotBefore)
            .order_by_asc(recipient::Column::Id);
        if skip_locked {
            oldest = oldest.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        }
        let Some(oldest) = oldest.limit(1).one(transaction).await? else {
            return Ok(Vec::new());
        };
        let mut of_message = waiting
            .filter(recipient::Column::MessageId.eq(oldest.message_id))
            .order_by_asc(recipient::Column::Position)
            .limit(u64::from(limit));
        if skip_locked {
            of_message = of_message.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        }
        Ok(of_message.all(transaction).await?)
    }

    /// Records how an attempt ended, and moves the recipients that still belong to it. A message that nobody waits for any
    /// more is DONE.
    pub async fn finish_attempt(&self, attempt: Uuid, result: AttemptResult) -> Result<(), StoreError> {
        let now = self.clock.now();
        let transaction = self.begin().await?;
        let row = attempt::Entity::find_by_id(attempt.to_string())
            .one(&transaction)
            .await?;
        let row = row.ok_or_else(|| StoreError::Corrupt(format!("attempt {attempt} is missing")))?;
        hold_messages(&transaction, [row.message_id.as_str()].into()).await?;
        attempt::Entity::update_many()
            .col_expr(attempt::Column::FinishedAt, Expr::val(now))
            .col_expr(attempt::Column::Outcome, Expr::val(name_of(&result.outcome)))
            .col_expr(attempt::Column::TaskId, Expr::val(result.task_id))
            .col_expr(attempt::Column::Code, Expr::val(without_nul_opt(result.code.as_ref())))
            .col_expr(
                attempt::Column::Detail,
                Expr::val(without_nul_opt(result.detail.as_ref())),
            )
            .col_expr(attempt::Column::FollowUpAt, Expr::val(result.follow_up_at))
            .filter(attempt::Column::Id.eq(attempt.to_string()))
            .filter(attempt::Column::FinishedAt.is_null())
            .exec(&transaction)
            .await?;
        recipient::Entity::update_many()
            .col_expr(recipient::Column::State, Expr::val(name_of(&result.recipient_state)))
            .col_expr(
                recipient::Column::Reason,
                Expr::val(without_nul_opt(result.reason.as_ref())),
            )
            .col_expr(recipient::Column::TaskId, Expr::val(result.task_id))
            .col_expr(
                recipient::Column::NotBefore,
                Expr::val(result.not_before.unwrap_or(now)),
            )
            .col_expr(recipient::Column::ClaimExpiresAt, Expr::val(None::<DateTime<Utc>>))
            .col_expr(recipient::Column::UpdatedAt, Expr::val(now))
            .filter(recipient::Column::AttemptId.eq(attempt.to_string()))
            .filter(recipient::Column::State.eq(name_of(&RecipientState::Sending)))
            .exec(&transaction)
            .await?;
        close_message(&transaction, &row.message_id).await?;
        Ok(transaction.commit().await?)
    }

    /// Recipients whose claim ran out: their process ended after "started" was recorded, so nobody knows whether the call
    /// was made. They become UNKNOWN. Returns how many.
    pub async fn expire_claims(&self) -> Result<u64, StoreError> {
        let now = self.clock.now();
        let transaction = self.begin().await?;
        let dead = recipient::Entity::find()
            .filter(recipient::Column::State.eq(name_of(&RecipientState::Sending)))
            .filter(recipient::Column::ClaimExpiresAt.lte(now))
            .all(&transaction)
            .await?;
        let messages: BTreeSet<&str> = dead.iter().map(|row| row.message_id.as_str()).collect();
        hold_messages(&transaction, messages.clone()).await?;
        let mut expired = 0;
        for chunk in dead.chunks(CHUNK) {
            let updated = recipient::Entity::update_many()
                .col_expr(recipient::Column::State, Expr::val(name_of(&RecipientState::Unknown)))
                .col_expr(recipient::Column::Reason, Expr::val(DIED))
                .col_expr(recipient::Column::ClaimExpiresAt, Expr::val(None::<DateTime<Utc>>))
                .col_expr(recipient::Column::UpdatedAt, Expr::val(now))
                .filter(recipient::Column::Id.is_in(chunk.iter().map(|row| row.id)))
                .filter(recipient::Column::State.eq(name_of(&RecipientState::Sending)))
                // Not one that ended, was queued and claimed again since it was read.
                .filter(recipient::Column::ClaimExpiresAt.lte(now))
                .exec(&transaction)
                .await?;
            expired += updated.rows_affected;
            let attempts: BTreeSet<&str> = chunk.iter().filter_map(|row| row.attempt_id.as_deref()).collect();
            attempt::Entity::update_many()
                .col_expr(attempt::Column::FinishedAt, Expr::val(now))
                .col_expr(attempt::Column::Outcome, Expr::val(name_of(&AttemptOutcome::Unknown)))
                .col_expr(attempt::Column::Detail, Expr::val(DIED))
                .filter(attempt::Column::Id.is_in(attempts))
                .filter(attempt::Column::FinishedAt.is_null())
                .exec(&transaction)
                .await?;
        }
        for id in messages {
            close_message(&transaction, id).await?;
        }
        transaction.commit().await?;
        Ok(expired)
    }

    /// Sends of the last 24 hours that DingTalk is to be asked about by `now`, the longest due first.
    pub async fn tasks_to_follow_up(&self, limit: u32, now: DateTime<Utc>) -> Result<Vec<FollowUp>, StoreError> {
        let rows = attempt::Entity::find()
            .filter(attempt::Column::FollowUpAt.lte(now))
            .filter(attempt::Column::TaskId.is_not_null())
            .filter(attempt::Column::FinishedAt.gt(now - FOLLOW_UP_FOR))
            .order_by_asc(attempt::Column::FollowUpAt)
            .limit(u64::from(limit))
            .all(&self.read)
            .await?;
        rows.into_iter()
            .filter_map(|row| Some((row.task_id?, row.finished_at?, row)))
            .map(|(task_id, accepted_at, row)| {
                Ok(FollowUp {
                    message: Uuid::parse_str(&row.message_id).map_err(|e| corrupt("attempts.message_id", e))?,
                    task_id,
                    accepted_at,
                    recipients: u32::try_from(row.recipients).unwrap_or(u32::MAX),
                })
            })
            .collect()
    }

    /// Records what DingTalk told of a task, that it was asked now, and when it is asked again; `again_at` `None`: never.
    pub async fn record_follow_up(
        &self,
        task: &FollowUp,
        states: &[(UserId, RecipientState, Option<String>)],
        again_at: Option<DateTime<Utc>>,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let transaction = self.begin().await?;
        attempt::Entity::update_many()
            .col_expr(attempt::Column::CheckedAt, Expr::val(now))
            .col_expr(attempt::Column::FollowUpAt, Expr::val(again_at))
            .filter(attempt::Column::MessageId.eq(task.message.to_string()))
            .filter(attempt::Column::TaskId.eq(task.task_id))
            .exec(&transaction)
            .await?;
        for (userid, state, reason) in states {
            recipient::Entity::update_many()
                .col_expr(recipient::Column::State, Expr::val(name_of(state)))
                .col_expr(recipient::Column::Reason, Expr::val(without_nul_opt(reason.as_ref())))
                .col_expr(recipient::Column::UpdatedAt, Expr::val(now))
                .filter(recipient::Column::MessageId.eq(task.message.to_string()))
                .filter(recipient::Column::TaskId.eq(task.task_id))
                .filter(recipient::Column::Userid.eq(without_nul(userid.as_str())))
                .filter(recipient::Column::State.ne(name_of(state)))
                .exec(&transaction)
                .await?;
        }
        Ok(transaction.commit().await?)
    }

    /// When the next recipient becomes due; `None`: nobody waits.
    pub async fn next_due(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        let next = recipient::Entity::find()
            .filter(recipient::Column::State.eq(name_of(&RecipientState::Queued)))
            .order_by_asc(recipient::Column::NotBefore)
            .limit(1)
            .one(&self.read)
            .await?;
        Ok(next.and_then(|row| row.not_before))
    }
}

/// Takes the messages' rows, in order, until the transaction ends. Two attempts of one message that end at the same moment
/// would each still see the other's recipients as SENDING on Postgres, and leave the message open for ever; and they would
/// wait for each other's rows. On SQLite there is one writer, and nothing to take.
async fn hold_messages(transaction: &DatabaseTransaction, ids: BTreeSet<&str>) -> Result<(), StoreError> {
    for chunk in ids.into_iter().collect::<Vec<_>>().chunks(CHUNK) {
        message::Entity::find()
            .filter(message::Column::Id.is_in(chunk.iter().copied()))
            .order_by_asc(message::Column::Id)
            // Weaker than UPDATE: a claim that appends an attempt of the same message need not wait.
            .lock(LockType::NoKeyUpdate)
            .all(transaction)
            .await?;
    }
    Ok(())
}

/// A message is DONE when no recipient waits or is being sent to.
async fn close_message(transaction: &DatabaseTransaction, id: &str) -> Result<(), StoreError> {
    let open = [RecipientState::Queued, RecipientState::Sending];
    let waiting = recipient::Entity::find()
        .filter(recipient::Column::MessageId.eq(id))
        .filter(recipient::Column::State.is_in(open.iter().map(name_of)))
        .count(transaction)
        .await?;
    if waiting == 0 {
        message::Entity::update_many()
            .col_expr(message::Column::State, Expr::val(name_of(&MessageState::Done)))
            .filter(message::Column::Id.eq(id))
            .filter(message::Column::State.eq(name_of(&MessageState::Queued)))
            .exec(transaction)
            .await?;
    }
    Ok(())
}
