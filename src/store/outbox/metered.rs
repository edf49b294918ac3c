//! Calls that count against DingTalk's monthly quota. Each is counted before it is made, so that a process that dies
//! over it has counted it, and taken off again where it provably did not count at DingTalk's.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect, Set,
    sea_query::{Expr, OnConflict},
};

use crate::{
    message::{AttemptOutcome, CallPurpose, Day, MeteredCalls, month_of},
    store::{
        column::{AsText, Named},
        entity::{
            attempt,
            metered_calls::{ActiveModel, Column, Entity},
        },
        error::StoreError,
        handle::Store,
    },
};

/// Counts of so many days are kept: this month's and the last whole week before it, and as many again for who wonders.
const KEPT_DAYS: i32 = 400;

/// Counts `calls` of the day of `at`; below zero: takes them off.
pub(super) async fn meter(
    db: &impl ConnectionTrait,
    at: DateTime<Utc>,
    purpose: CallPurpose,
    calls: i64,
) -> Result<(), StoreError> {
    let row = ActiveModel {
        day: Set(Day::of(at).0),
        purpose: Set(Named(purpose).text()),
        calls: Set(calls),
    };
    let sum = Expr::col((Entity, Column::Calls)).add(Expr::col(("excluded", Column::Calls)));
    Entity::insert(row)
        .on_conflict(
            OnConflict::columns([Column::Day, Column::Purpose])
                .value(Column::Calls, sum)
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// All calls of the month of `now`, those of purposes too that this version doesn't know.
pub(super) async fn used_this_month(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<u64, StoreError> {
    let (began, ends) = month_of(now);
    let sum: Option<Option<i64>> = Entity::find()
        .select_only()
        .column_as(Expr::col(Column::Calls).sum().cast_as("bigint"), "calls")
        .filter(Column::Day.gte(Day::of(began).0))
        .filter(Column::Day.lt(Day::of(ends).0))
        .into_tuple()
        .one(db)
        .await?;
    Ok(sum.flatten().and_then(|calls| u64::try_from(calls).ok()).unwrap_or(0))
}

/// Whether a send that ended so counts: what did not reach DingTalk, or was throttled by it, does not.
pub(super) fn is_metered(outcome: AttemptOutcome) -> bool {
    !matches!(outcome, AttemptOutcome::Retry | AttemptOutcome::NotMade)
}

impl Store {
    /// Counts metered calls that are about to be made; below zero: that were not made, or don't count.
    pub async fn meter(&self, purpose: CallPurpose, calls: i64) -> Result<(), StoreError> {
        meter(&self.write, self.clock.now(), purpose, calls).await
    }

    /// Metered calls since a day, by all replicas.
    pub async fn metered_calls(&self, since: Day) -> Result<MeteredCalls, StoreError> {
        let rows: Vec<(i32, String, i64)> = Entity::find()
            .select_only()
            .columns([Column::Day, Column::Purpose, Column::Calls])
            .filter(Column::Day.gte(since.0))
            .into_tuple()
            .all(&self.read)
            .await?;

        let count = |(day, purpose, calls): (i32, String, i64)| {
            let purpose = Named::<CallPurpose>::of_text(purpose).ok()?;
            Some((Day(day), purpose.0, u64::try_from(calls).unwrap_or(0)))
        };
        Ok(rows.into_iter().filter_map(count).collect())
    }

    /// How many messages were sent since `since`, as far as a call for them was begun.
    pub async fn messages_sent(&self, since: DateTime<Utc>) -> Result<u64, StoreError> {
        let count: Option<i64> = attempt::Entity::find()
            .select_only()
            .column_as(Expr::col(attempt::Column::MessageId).count_distinct(), "messages")
            .filter(attempt::Column::StartedAt.gte(since))
            .into_tuple()
            .one(&self.read)
            .await?;
        Ok(count.unwrap_or(0).unsigned_abs())
    }

    /// Forgets the counts of more than a year ago.
    pub async fn forget_metered_calls(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        Entity::delete_many()
            .filter(Column::Day.lt(Day::of(now).0 - KEPT_DAYS))
            .exec(&self.write)
            .await?;
        Ok(())
    }
}
