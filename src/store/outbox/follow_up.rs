//! What became of sends that DingTalk took.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use uuid::Uuid;

use super::{call::messages_of, hold_messages, settle_messages};
use crate::{
    catalogue::{
        Statement,
        delivery::{FIRST_SEND_PROVEN, NOT_NAMED, READ_SINCE_UNKNOWN},
    },
    directory::UserId,
    message::{FollowUpPolicy, RecipientState},
    store::{
        column::{CleanText, Named, UuidText},
        entity::{attempt, recipient},
        error::StoreError,
        handle::Store,
        message_rows::follow_up_of,
        transaction::Transaction,
    },
};

/// How long DingTalk answers for a task.
const FOLLOW_UP_FOR: TimeDelta = TimeDelta::hours(24);

/// A claim or a clock may have put a question off by so much, or brought it forward.
const LATE: TimeDelta = TimeDelta::hours(1);

/// Sends a statement.
const STEP: u64 = 1_000;

/// Why a repetition that DingTalk dropped is good news.
pub(super) fn proven_first() -> Statement {
    FIRST_SEND_PROVEN {}.into()
}

/// A send whose fate DingTalk may still tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowUpTask {
    /// The call.
    pub call_id: Uuid,
    /// DingTalk's task id.
    pub task_id: i64,
    /// When DingTalk took it.
    pub accepted_at: DateTime<Utc>,
    /// How many recipients the task has.
    pub recipients: u32,
    /// Since when DingTalk is to be asked about it.
    pub due_at: DateTime<Utc>,
    /// How much is spent on asking.
    pub policy: FollowUpPolicy,
    /// Whether what became of it is in doubt.
    pub in_doubt: bool,
}

impl Store {
    /// Sends of the last 24 hours that DingTalk is to be asked about by `now`, the longest due first. It tells them to
    /// the app that made them: those of other apps than `app` are left out.
    pub async fn tasks_to_follow_up(
        &self,
        limit: u32,
        now: DateTime<Utc>,
        app: &str,
    ) -> Result<Vec<FollowUpTask>, StoreError> {
        /// Attempt, call, task, end, when to ask, recipients, policy, doubt.
        type Row = (
            UuidText,
            Option<UuidText>,
            Option<i64>,
            Option<DateTime<Utc>>,
            Option<DateTime<Utc>>,
            i64,
            Option<Named<FollowUpPolicy>>,
            Option<bool>,
        );
        let rows: Vec<Row> = attempt::Entity::find()
            .select_only()
            .columns([
                attempt::Column::Id,
                attempt::Column::CallId,
                attempt::Column::TaskId,
                attempt::Column::FinishedAt,
                attempt::Column::FollowUpAt,
                attempt::Column::Recipients,
                attempt::Column::FollowUp,
                attempt::Column::InDoubt,
            ])
            .filter(attempt::Column::FollowUpAt.lte(now))
            // Due after it was sent: what was due before is over, and is not looked through.
            .filter(attempt::Column::FollowUpAt.gt(now - FOLLOW_UP_FOR - LATE))
            .filter(attempt::Column::TaskId.is_not_null())
            .filter(attempt::Column::FinishedAt.gt(now - FOLLOW_UP_FOR))
            .filter(attempt::Column::App.is_null().or(attempt::Column::App.eq(app)))
            .order_by_asc(attempt::Column::FollowUpAt)
            .limit(u64::from(limit))
            .into_tuple()
            .all(&self.read)
            .await?;

        // Before there were calls of several messages, an attempt was a call of its own.
        let calls: Vec<UuidText> = rows.iter().map(|(id, call, ..)| call.unwrap_or(*id)).collect();
        let sizes: BTreeMap<Option<UuidText>, i64> = attempt::Entity::find()
            .select_only()
            .column(attempt::Column::CallId)
            .column_as(attempt::Column::Recipients.sum().cast_as("bigint"), "recipients")
            .filter(attempt::Column::CallId.is_in(&calls))
            .group_by(attempt::Column::CallId)
            .into_tuple()
            .all(&self.read)
            .await?
            .into_iter()
            .collect();

        let task = |(id, call, task_id, finished_at, follow_up_at, recipients, policy, in_doubt): Row| {
            let size = sizes.get(&call).copied().unwrap_or(recipients);
            Some(FollowUpTask {
                call_id: call.unwrap_or(id).into(),
                task_id: task_id?,
                accepted_at: finished_at?,
                due_at: follow_up_at?,
                recipients: u32::try_from(size).unwrap_or(u32::MAX),
                policy: follow_up_of(policy),
                in_doubt: in_doubt.unwrap_or(false),
            })
        };
        Ok(rows.into_iter().filter_map(task).collect())
    }

    /// Gives up asking about sends that DingTalk has nothing to say of any more, at most a thousand; how many.
    pub async fn give_up_follow_ups(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let over = attempt::Column::FollowUpAt.lte(now - FOLLOW_UP_FOR - LATE);
        let ids: Vec<UuidText> = attempt::Entity::find()
            .select_only()
            .column(attempt::Column::Id)
            .filter(over.clone())
            .order_by_asc(attempt::Column::FollowUpAt)
            .limit(STEP)
            .into_tuple()
            .all(&self.read)
            .await?;
        if ids.is_empty() {
            return Ok(0);
        }

        let given_up = attempt::Entity::update_many()
            .col_expr(attempt::Column::FollowUpAt, Expr::val(None::<DateTime<Utc>>))
            .filter(attempt::Column::Id.is_in(ids))
            .filter(over)
            .exec(&self.write)
            .await?;
        Ok(given_up.rows_affected)
    }

    /// Makes asking about a task this process's, until `until`; false where somebody else has asked, or is about to.
    /// Whoever dies over it is followed by another one then.
    pub async fn claim_follow_up(&self, task: &FollowUpTask, until: DateTime<Utc>) -> Result<bool, StoreError> {
        self.move_follow_up(task, task.due_at, until).await
    }

    /// Gives a [claimed](Self::claim_follow_up) task back unasked; it is not asked about before `again_at`.
    pub async fn put_follow_up_back(
        &self,
        task: &FollowUpTask,
        until: DateTime<Utc>,
        again_at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.move_follow_up(task, until, again_at).await
    }

    async fn move_follow_up(
        &self,
        task: &FollowUpTask,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let moved = attempt::Entity::update_many()
            .col_expr(attempt::Column::FollowUpAt, Expr::val(to))
            .filter(attempt::Column::Id.eq(UuidText(task.call_id)))
            .filter(attempt::Column::FollowUpAt.eq(from))
            .exec(&self.write)
            .await?;
        Ok(moved.rows_affected == 1)
    }

    /// Puts a [claimed](Self::claim_follow_up) task's question off, or, with `again_at` `None`, leaves it at what is
    /// known. `why`: what is told of the recipients of whom nothing is.
    pub async fn leave_unasked(
        &self,
        task: &FollowUpTask,
        again_at: Option<DateTime<Utc>>,
        why: &Statement,
    ) -> Result<(), StoreError> {
        repeated!(async {
            let transaction = self.begin().await?;
            let now = self.clock.now();
            let messages = messages_of(&transaction, task.call_id).await?;
            hold_messages(&transaction, &messages).await?;

            attempt::Entity::update_many()
                .col_expr(attempt::Column::FollowUpAt, Expr::val(again_at))
                .filter(attempt::Column::Id.eq(UuidText(task.call_id)))
                .exec(&transaction)
                .await?;
            let mut changed = explain(&transaction, task, RecipientState::Accepted, why, now).await?;
            if again_at.is_none() {
                let why = READ_SINCE_UNKNOWN {}.into();
                changed += explain(&transaction, task, RecipientState::DeliveredUnread, &why, now).await?;
            }

            if changed > 0 {
                settle_messages(&transaction, &messages, now).await?;
            }
            Ok(transaction.commit().await?)
        })
    }

    /// Records what DingTalk told of a task, that it was asked so many times just now, how far the task is, and when it
    /// is asked again; `again_at` `None`: never.
    pub async fn record_follow_up(
        &self,
        task: &FollowUpTask,
        states: &[(UserId, RecipientState, Option<Statement>)],
        progress: Option<u8>,
        again_at: Option<DateTime<Utc>>,
    ) -> Result<(), StoreError> {
        repeated!(async {
            let transaction = self.begin().await?;
            // A writer may have waited for its turn.
            let now = self.clock.now();
            let messages = messages_of(&transaction, task.call_id).await?;
            hold_messages(&transaction, &messages).await?;

            if let Some(percent) = progress {
                attempt::Entity::update_many()
                    .col_expr(attempt::Column::Progress, Expr::val(i32::from(percent)))
                    .filter(attempt::Column::CallId.eq(UuidText(task.call_id)))
                    .exec(&transaction)
                    .await?;
            }
            attempt::Entity::update_many()
                .col_expr(attempt::Column::CheckedAt, Expr::val(now))
                .col_expr(attempt::Column::FollowUpAt, Expr::val(again_at))
                .col_expr(
                    attempt::Column::Checks,
                    Expr::expr(Expr::col(attempt::Column::Checks).if_null(0_i64))
                        .add(1 + i64::from(progress.is_some())),
                )
                .filter(attempt::Column::Id.eq(UuidText(task.call_id)))
                .exec(&transaction)
                .await?;

            // A statement for each kind of fate, not for each person.
            let mut by_fate: BTreeMap<(RecipientState, Option<CleanText>), Vec<&str>> = BTreeMap::new();
            for (userid, state, reason) in states {
                by_fate
                    .entry((*state, CleanText::said_of(reason.as_ref())))
                    .or_default()
                    .push(userid.as_str());
            }

            let mut changed = 0;
            for ((state, reason), mut users) in by_fate {
                if state == RecipientState::DroppedDuplicate {
                    let proven = proven(&transaction, task, &users).await?;
                    let arrived = (RecipientState::DeliveredUnread, Some(CleanText::said(&proven_first())));
                    let people: Vec<&str> = users.iter().copied().filter(|user| proven.contains(*user)).collect();
                    changed += move_to(&transaction, task, &people, arrived, now).await?;
                    users.retain(|user| !proven.contains(*user));
                }
                changed += move_to(&transaction, task, &users, (state, reason), now).await?;
            }

            // What isn't known stays so, and that is told.
            if again_at.is_none() && task.policy != FollowUpPolicy::Live {
                for (state, why) in [
                    (RecipientState::Accepted, NOT_NAMED {}.into()),
                    (RecipientState::DeliveredUnread, READ_SINCE_UNKNOWN {}.into()),
                ] {
                    changed += explain(&transaction, task, state, &why, now).await?;
                }
            }

            // Where nobody's state changed, the messages have no update to tell.
            if changed > 0 {
                settle_messages(&transaction, &messages, now).await?;
            }
            Ok(transaction.commit().await?)
        })
    }
}

fn of_task(task: &FollowUpTask, users: &[&str]) -> Condition {
    Condition::all()
        .add(recipient::Column::AttemptId.eq(UuidText(task.call_id)))
        .add(recipient::Column::TaskId.eq(task.task_id))
        .add(recipient::Column::Userid.is_in(users.iter().copied()))
}

/// Says of the task's recipients in this state why no more is known; how many those are. What is told of somebody who
/// has it is left.
async fn explain(
    transaction: &Transaction,
    task: &FollowUpTask,
    state: RecipientState,
    why: &Statement,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let mut update = recipient::Entity::update_many();
    if state != RecipientState::Accepted {
        update = update.filter(recipient::Column::Reason.is_null());
    }
    let updated = update
        .col_expr(recipient::Column::Reason, Expr::val(CleanText::said(why)))
        .col_expr(recipient::Column::UpdatedAt, Expr::val(now))
        .filter(recipient::Column::AttemptId.eq(UuidText(task.call_id)))
        .filter(recipient::Column::TaskId.eq(task.task_id))
        .filter(recipient::Column::State.eq(Named(state)))
        .exec(transaction)
        .await?;
    Ok(updated.rows_affected)
}

async fn move_to(
    transaction: &Transaction,
    task: &FollowUpTask,
    users: &[&str],
    (state, reason): (RecipientState, Option<CleanText>),
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    if users.is_empty() {
        return Ok(0);
    }

    let mut update = recipient::Entity::update_many();
    if state == RecipientState::DeliveredUnread {
        // Nobody unreads: that answer is older than the one that told of the reading.
        update = update.filter(recipient::Column::State.ne(Named(RecipientState::Read)));
    }

    let updated = update
        .col_expr(recipient::Column::State, Expr::val(Named(state)))
        .col_expr(recipient::Column::Reason, Expr::val(reason))
        .col_expr(recipient::Column::UpdatedAt, Expr::val(now))
        .filter(of_task(task, users))
        .filter(recipient::Column::State.ne(Named(state)))
        // What was taken back stays so, whatever DingTalk's lists still say.
        .filter(recipient::Column::State.ne(Named(RecipientState::Recalled)))
        // A repetition that was taken back leaves its people UNKNOWN: no task tells of their first send.
        .filter(recipient::Column::State.ne(Named(RecipientState::Unknown)))
        .exec(transaction)
        .await?;
    Ok(updated.rows_affected)
}

/// Of people whose repetition was dropped as a duplicate, those who can only have had the content by the send whose
/// answer was lost: no other send of ours carried it to them that day.
async fn proven(
    transaction: &Transaction,
    task: &FollowUpTask,
    users: &[&str],
) -> Result<BTreeSet<String>, StoreError> {
    /// Row, userid, day, digest of the content.
    type Row = (i64, Option<String>, Option<i32>, Option<String>);
    let repeated: Vec<Row> = recipient::Entity::find()
        .select_only()
        .columns([
            recipient::Column::Id,
            recipient::Column::Userid,
            recipient::Column::SentDay,
            recipient::Column::ContentDigest,
        ])
        .filter(of_task(task, users))
        .filter(recipient::Column::Repeats.gt(0_i64))
        .into_tuple()
        .all(transaction)
        .await?;
    let Some((.., day, digest)) = repeated.first().cloned() else {
        return Ok(BTreeSet::new());
    };

    let mut proven: BTreeSet<String> = repeated.iter().filter_map(|(_, userid, ..)| userid.clone()).collect();
    let others: Vec<Option<String>> = recipient::Entity::find()
        .select_only()
        .column(recipient::Column::Userid)
        .filter(recipient::Column::Userid.is_in(&proven))
        .filter(recipient::Column::SentDay.eq(day))
        .filter(recipient::Column::ContentDigest.eq(digest))
        .filter(recipient::Column::Id.is_not_in(repeated.iter().map(|(id, ..)| *id)))
        .filter(recipient::Column::Attempts.gt(0_i64))
        .into_tuple()
        .all(transaction)
        .await?;

    for other in others.into_iter().flatten() {
        proven.remove(&other);
    }
    Ok(proven)
}
