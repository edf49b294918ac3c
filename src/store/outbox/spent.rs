//! What the calls of the last minutes used up of DingTalk's limits.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect};

use crate::{
    clock::FUTURE,
    message::{AttemptOutcome, Pace, RecentCall},
    store::{
        column::{Named, UuidText},
        entity::attempt,
        error::StoreError,
        transaction::Transaction,
    },
};

/// The calls that count against the pace.
pub(super) async fn spent(transaction: &Transaction, now: DateTime<Utc>) -> Result<Vec<RecentCall>, StoreError> {
    let horizon = Pace::horizon(now);
    // Claims expire: what began long ago is over, recorded or not.
    let long_ago = horizon - TimeDelta::hours(1);
    /// Call, start, end, recipients.
    type Row = (Option<UuidText>, DateTime<Utc>, Option<DateTime<Utc>>, i64);
    // Both ends are found by the index of ends. A bound of the start would tempt SQLite, which doesn't know how few
    // these are, to read the attempts of the last hour: it is looked at here.
    let rows: Vec<Row> = attempt::Entity::find()
        .select_only()
        .column(attempt::Column::CallId)
        .column(attempt::Column::StartedAt)
        .column(attempt::Column::FinishedAt)
        .column(attempt::Column::Recipients)
        .filter(
            attempt::Column::Outcome
                .is_null()
                .or(attempt::Column::Outcome.ne(Named(AttemptOutcome::NotMade))),
        )
        // What ended in the future was recorded by a clock that was ahead; the last of it was brought back, and the
        // rest is over.
        .filter(
            attempt::Column::FinishedAt.is_null().or(attempt::Column::FinishedAt
                .gt(horizon)
                .and(attempt::Column::FinishedAt.lte(now + FUTURE))),
        )
        .into_tuple()
        .all(transaction)
        .await?;

    let mut calls: BTreeMap<Option<UuidText>, RecentCall> = BTreeMap::new();
    let recent = rows
        .into_iter()
        .filter(|(_, started_at, ..)| *started_at > long_ago && *started_at <= now + FUTURE);
    for (call, started_at, finished_at, recipients) in recent {
        let entry = calls.entry(call).or_insert(RecentCall {
            started_at,
            finished_at,
            recipients: 0,
        });
        entry.recipients = entry
            .recipients
            .saturating_add(u32::try_from(recipients).unwrap_or(u32::MAX));
    }
    Ok(calls.into_values().collect())
}
