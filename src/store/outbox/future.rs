//! Rows of the future: written while a clock was ahead that is set right by now.
//!
//! A plan ("not before", "asked again at") is a duration from the moment in which it was made. Where that moment is yet
//! to come, the duration counts from now, so that nothing is blocked for longer than it was meant to be. What ends the
//! other way round, because the clock was behind and is set right, ends later by as much.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};

use super::{CHUNK, queue::waiting_at_all, stop::locked_stop};
use crate::{
    clock::FUTURE,
    message::{MessageState, RecallState, RecipientState},
    store::{
        column::{Named, UuidText},
        entity::{attempt, delivery_state, frozen_recipients, mark, message, recipient},
        error::StoreError,
        handle::Store,
        marks,
        transaction::Transaction,
    },
};

/// When the ends of what waits were put off last: replicas see the database's clock being set a few seconds after one
/// another.
const PUT_OFF: &str = "clock-set-forward";
/// For so long they count as one.
const SEEN_WITHIN: TimeDelta = TimeDelta::minutes(2);
/// Calls that ended in the last minute before the clock was set back count against the pace.
const MINUTE: TimeDelta = TimeDelta::minutes(1);
/// A recall is asked for again after an hour at the latest.
const LONGEST_RECALL: TimeDelta = TimeDelta::minutes(70);

impl Store {
    /// Brings what a clock that was ahead has planned back to now; how many rows that were. `claim_ttl`: how long a
    /// claim is good for. Done again it finds nothing.
    pub async fn bring_back(&self, claim_ttl: Duration) -> Result<u64, StoreError> {
        let now = self.clock.now();
        let mut brought = self.bring_back_stop().await?;
        for part in waiting_at_all() {
            brought += self.bring_back_waiting(part, now).await?;
        }
        brought += self.bring_back_claims(claim_ttl, now).await?;
        brought += self.bring_back_attempts(now).await?;
        brought += self.bring_back_messages(now).await?;
        Ok(brought)
    }

    async fn bring_back_stop(&self) -> Result<u64, StoreError> {
        repeated!(async {
            let transaction = self.begin().await?;
            locked_stop(&transaction).await?;
            let now = self.clock.now();
            let row = delivery_state::Entity::find_by_id(1).one(&transaction).await?;
            let times = row.and_then(|row| Some((row.stopped_at?, row.stopped_until?)));
            let Some((at, until)) = times.filter(|(at, _)| *at > now + FUTURE) else {
                drop(transaction);
                return Ok(0);
            };

            delivery_state::Entity::update_many()
                .col_expr(delivery_state::Column::StoppedAt, Expr::val(now))
                .col_expr(delivery_state::Column::StoppedUntil, Expr::val(now + lasts(at, until)))
                .exec(&transaction)
                .await?;
            transaction.commit().await?;
            Ok(1)
        })
    }

    /// Who waits is due as long after now as after the moment that is yet to come. What may have arrived isn't repeated
    /// any more: on which of DingTalk's days it was sent, nobody knows.
    async fn bring_back_waiting(&self, part: Condition, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let mut brought = 0;
        let future = now + FUTURE;
        let of_the_future = part
            .add(recipient::Column::NotBefore.gt(future))
            .add(recipient::Column::UpdatedAt.gt(future));

        loop {
            let rows: Vec<(i64, DateTime<Utc>, DateTime<Utc>)> = recipient::Entity::find()
                .select_only()
                .columns([
                    recipient::Column::Id,
                    recipient::Column::UpdatedAt,
                    recipient::Column::NotBefore,
                ])
                .filter(of_the_future.clone())
                .order_by_asc(recipient::Column::NotBefore)
                .limit(CHUNK as u64)
                .into_tuple()
                .all(&self.read)
                .await?;
            if rows.is_empty() {
                return Ok(brought);
            }

            let mut by_wait: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
            for (id, at, until) in rows {
                by_wait.entry(lasts(at, until).num_seconds()).or_default().push(id);
            }

            for (seconds, ids) in by_wait {
                // The sweep ends what could be repeated until now, and says so.
                let repeated = Expr::case(Expr::col(recipient::Column::RepeatUntil).is_not_null(), now)
                    .finally(Expr::val(None::<DateTime<Utc>>));
                let updated = recipient::Entity::update_many()
                    .col_expr(
                        recipient::Column::NotBefore,
                        Expr::val(now + TimeDelta::seconds(seconds)),
                    )
                    .col_expr(recipient::Column::RepeatUntil, repeated.into())
                    .col_expr(recipient::Column::UpdatedAt, Expr::val(now))
                    .filter(recipient::Column::Id.is_in(ids))
                    .filter(of_the_future.clone())
                    .exec(&self.write)
                    .await?;
                brought += updated.rows_affected;
            }
        }
    }

    async fn bring_back_claims(&self, ttl: Duration, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let ends = now + TimeDelta::from_std(ttl).unwrap_or(TimeDelta::MAX);
        let updated = recipient::Entity::update_many()
            .col_expr(recipient::Column::ClaimExpiresAt, Expr::val(ends))
            .filter(recipient::Column::State.eq(Named(RecipientState::Sending)))
            .filter(recipient::Column::ClaimExpiresAt.gt(ends + FUTURE))
            .exec(&self.write)
            .await?;
        Ok(updated.rows_affected)
    }

    /// Calls of which DingTalk is yet to be asked, and those of the last minute before the clock was set back: what is
    /// planned for them, and what they count for, is counted from their ends. The others stay as they were recorded.
    async fn bring_back_attempts(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let future = now + FUTURE;
        let last: Option<Option<DateTime<Utc>>> = attempt::Entity::find()
            .select_only()
            .column(attempt::Column::FinishedAt)
            .filter(attempt::Column::FinishedAt.gt(future))
            .order_by_desc(attempt::Column::FinishedAt)
            .limit(1)
            .into_tuple()
            .one(&self.read)
            .await?;
        let Some(last) = last.flatten() else { return Ok(0) };

        let asked = Condition::any()
            .add(attempt::Column::FollowUpAt.is_not_null())
            .add(attempt::Column::RecallState.eq(Named(RecallState::Requested)))
            .add(attempt::Column::FinishedAt.gt(last - MINUTE));
        let of_the_future = Condition::all().add(asked).add(attempt::Column::FinishedAt.gt(future));

        let mut brought = 0;
        loop {
            let rows: Vec<(UuidText, DateTime<Utc>, Option<DateTime<Utc>>)> = attempt::Entity::find()
                .select_only()
                .columns([
                    attempt::Column::Id,
                    attempt::Column::FinishedAt,
                    attempt::Column::FollowUpAt,
                ])
                .filter(of_the_future.clone())
                .limit(CHUNK as u64)
                .into_tuple()
                .all(&self.read)
                .await?;
            if rows.is_empty() {
                return Ok(brought);
            }

            let mut by_wait: BTreeMap<Option<i64>, Vec<UuidText>> = BTreeMap::new();
            for (id, at, until) in rows {
                let wait = until.map(|until| lasts(at, until).num_seconds());
                by_wait.entry(wait).or_default().push(id);
            }

            for (wait, ids) in by_wait {
                let again = wait.map(|seconds| now + TimeDelta::seconds(seconds));
                let is_late = attempt::Column::RecallAt.gt(now + LONGEST_RECALL);
                let recall = Expr::case(is_late, now).finally(Expr::col(attempt::Column::RecallAt));
                let started =
                    Expr::case(attempt::Column::StartedAt.gt(now), now).finally(Expr::col(attempt::Column::StartedAt));
                let updated = attempt::Entity::update_many()
                    .col_expr(attempt::Column::StartedAt, started.into())
                    .col_expr(attempt::Column::FinishedAt, Expr::val(now))
                    .col_expr(attempt::Column::FollowUpAt, Expr::val(again))
                    .col_expr(attempt::Column::RecallAt, recall.into())
                    .filter(attempt::Column::Id.is_in(ids))
                    .filter(of_the_future.clone())
                    .exec(&self.write)
                    .await?;
                brought += updated.rows_affected;
            }
        }
    }

    /// Messages are worth sending for as long from now as they were from the moment that is yet to come.
    async fn bring_back_messages(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let future = now + FUTURE;
        let waiting = Condition::all()
            .add(message::Column::State.eq(Named(MessageState::Queued)))
            .add(message::Column::CreatedAt.gt(future))
            .add(message::Column::UpdatedAt.gt(future));
        let rows: Vec<(UuidText, DateTime<Utc>, Option<DateTime<Utc>>)> = message::Entity::find()
            .select_only()
            .columns([
                message::Column::Id,
                message::Column::CreatedAt,
                message::Column::ExpiresAt,
            ])
            .filter(waiting.clone())
            .into_tuple()
            .all(&self.read)
            .await?;

        let mut brought = 0;
        for (id, at, expires) in rows {
            let expires = expires.map(|expires| now + lasts(at, expires));
            let updated = message::Entity::update_many()
                .col_expr(message::Column::ExpiresAt, Expr::val(expires))
                .col_expr(message::Column::UpdatedAt, Expr::val(now))
                .filter(message::Column::Id.eq(id))
                .filter(waiting.clone())
                .exec(&self.write)
                .await?;
            brought += updated.rows_affected;
        }

        // The rows of a list are due from when it was written.
        frozen_recipients::Entity::update_many()
            .col_expr(frozen_recipients::Column::CreatedAt, Expr::val(now))
            .filter(frozen_recipients::Column::CreatedAt.gt(future))
            .exec(&self.write)
            .await?;
        Ok(brought)
    }

    /// The clock was behind and was set forward by so much: what waits ends later by as much, for its time has not
    /// passed. Once, whichever replicas noticed. How many messages that were. `claim_ttl`: for how long calls are
    /// claimed.
    pub async fn put_off(&self, by: TimeDelta, claim_ttl: Duration) -> Result<u64, StoreError> {
        let ttl = TimeDelta::from_std(claim_ttl).unwrap_or(TimeDelta::zero());
        repeated!(async {
            let transaction = self.begin().await?;
            let now = self.clock.now();
            if !is_first(&transaction, now).await? {
                drop(transaction);
                return Ok(0);
            }
            marks::put(&transaction, PUT_OFF, &now.to_rfc3339()).await?;

            // Those that were taken in by the former time.
            let waiting = Condition::all()
                .add(message::Column::State.eq(Named(MessageState::Queued)))
                .add(message::Column::CreatedAt.lte(now - by + FUTURE));
            let rows: Vec<(UuidText, Option<DateTime<Utc>>)> = message::Entity::find()
                .select_only()
                .columns([message::Column::Id, message::Column::ExpiresAt])
                .filter(waiting)
                .into_tuple()
                .all(&transaction)
                .await?;

            let mut put_off = 0;
            for (id, expires) in rows {
                let Some(expires) = expires else { continue };
                let updated = message::Entity::update_many()
                    .col_expr(message::Column::ExpiresAt, Expr::val(expires + by))
                    .filter(message::Column::Id.eq(id))
                    .exec(&transaction)
                    .await?;
                put_off += updated.rows_affected;
            }

            // Nor is the time over of calls that are under way. Later ends are of calls that were claimed since.
            let ends = Expr::col(recipient::Column::ClaimExpiresAt);
            let later: Vec<(i64, Option<DateTime<Utc>>)> = recipient::Entity::find()
                .select_only()
                .columns([recipient::Column::Id, recipient::Column::ClaimExpiresAt])
                .filter(recipient::Column::State.eq(Named(RecipientState::Sending)))
                .filter(ends.lte(now - by + ttl))
                .into_tuple()
                .all(&transaction)
                .await?;
            for (id, expires) in later {
                recipient::Entity::update_many()
                    .col_expr(recipient::Column::ClaimExpiresAt, Expr::val(expires.map(|at| at + by)))
                    .filter(recipient::Column::Id.eq(id))
                    .exec(&transaction)
                    .await?;
            }

            transaction.commit().await?;
            Ok(put_off)
        })
    }
}

/// Whether nobody put the ends off for the same setting of the clock.
async fn is_first(transaction: &Transaction, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let before = mark::Entity::find_by_id(PUT_OFF)
        .lock_exclusive()
        .one(transaction)
        .await?;
    let before: Option<DateTime<Utc>> = before.and_then(|row| row.value.parse().ok());
    Ok(before.is_none_or(|before| (now - before).abs() > SEEN_WITHIN))
}

fn lasts(from: DateTime<Utc>, until: DateTime<Utc>) -> TimeDelta {
    (until - from).max(TimeDelta::zero())
}
