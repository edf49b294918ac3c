//! The change log by time. Its order is that of the places; times follow it, but where a clock was ahead and was set
//! right: there they go back, and such steps are noted. So the last entry by a moment is found by a few looks, and a
//! later moment never has an earlier one.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, Set, sea_query::SimpleExpr,
};

use super::{
    entity::{change, change_step},
    error::StoreError,
    transaction::Transaction,
};
use crate::{clock::FUTURE, directory::Revision};

/// An entry of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogPlace {
    /// Its place.
    pub seq: i64,
    /// Its revision.
    pub revision: Revision,
    /// When it was written.
    pub at: DateTime<Utc>,
}

/// Which entries are early enough.
#[derive(Debug, Clone, Copy)]
pub(super) enum Until {
    /// Written at this moment or before.
    At(DateTime<Utc>),
    /// Written before this moment.
    Before(DateTime<Utc>),
}

impl Until {
    fn holds(self, column: impl ColumnTrait) -> SimpleExpr {
        match self {
            Self::At(at) => column.lte(at),
            Self::Before(at) => column.lt(at),
        }
    }

    fn takes(self, written: DateTime<Utc>) -> bool {
        match self {
            Self::At(at) => written <= at,
            Self::Before(at) => written < at,
        }
    }
}

/// The place of the next entry, and when it is said to be written, as far as that is `now`. The batch holds the
/// revision row, so nobody else writes at the same time.
pub(super) async fn next(transaction: &Transaction, now: DateTime<Utc>) -> Result<(i64, DateTime<Utc>), StoreError> {
    let newest = change::Entity::find()
        .select_only()
        .columns([change::Column::Seq, change::Column::At])
        .order_by_desc(change::Column::Seq)
        .limit(1)
        .into_tuple()
        .one(transaction)
        .await?;
    let Some((newest, last)): Option<(i64, DateTime<Utc>)> = newest else {
        return Ok((1, now));
    };

    let seq = newest + 1;
    if last <= now {
        return Ok((seq, now));
    }
    // Replicas' clocks differ a little, and what comes later is not earlier.
    if last <= now + FUTURE {
        return Ok((seq, last));
    }
    let step = change_step::ActiveModel {
        seq: Set(seq),
        at: Set(now),
    };
    change_step::Entity::insert_many([step])
        .exec_without_returning(transaction)
        .await?;
    Ok((seq, now))
}

/// The last entry by place that was written early enough: everything behind it was written later.
pub(super) async fn last(db: &impl ConnectionTrait, until: Until) -> Result<Option<LogPlace>, StoreError> {
    let by_time = change::Entity::find()
        .select_only()
        .columns([change::Column::Seq, change::Column::Revision, change::Column::At])
        .filter(until.holds(change::Column::At))
        .order_by_desc(change::Column::At)
        .order_by_desc(change::Column::Seq)
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    let Some((seq, revision, at)) = by_time else {
        return Ok(None);
    };

    // Behind it there is an earlier one only where time went back. Of the last such stretch the first is early enough,
    // and in it times follow the places.
    let Some((first, end)) = last_stretch(db, seq, until).await? else {
        return Ok(Some(LogPlace { seq, revision, at }));
    };
    let (mut low, mut high) = (first, end);
    while low < high {
        let middle = low + (high - low + 1) / 2;
        // What is forgotten is old.
        let is_early = entry(db, middle).await?.is_none_or(|it| until.takes(it.at));
        if is_early {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    entry(db, low).await
}

/// The first and the last place between two steps of the time, or a step and the log's end: the last that begins behind
/// `seq` and early enough.
async fn last_stretch(db: &impl ConnectionTrait, seq: i64, until: Until) -> Result<Option<(i64, i64)>, StoreError> {
    let steps = || {
        change_step::Entity::find()
            .select_only()
            .column(change_step::Column::Seq)
    };
    let first: Option<i64> = steps()
        .filter(change_step::Column::Seq.gt(seq))
        .filter(until.holds(change_step::Column::At))
        .order_by_desc(change_step::Column::Seq)
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    let Some(first) = first else { return Ok(None) };

    let next: Option<i64> = steps()
        .filter(change_step::Column::Seq.gt(first))
        .order_by_asc(change_step::Column::Seq)
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    let end = match next {
        Some(next) => next - 1,
        None => last_seq(db).await?,
    };
    Ok(Some((first, end)))
}

/// The place of the oldest entry that is kept.
pub(super) async fn first_seq(db: &impl ConnectionTrait) -> Result<Option<i64>, StoreError> {
    end_seq(db, Order::Asc).await
}

/// The newest entry's place; 0 where there is none.
pub(super) async fn last_seq(db: &impl ConnectionTrait) -> Result<i64, StoreError> {
    Ok(end_seq(db, Order::Desc).await?.unwrap_or(0))
}

/// The first place in this order.
async fn end_seq(db: &impl ConnectionTrait, order: Order) -> Result<Option<i64>, StoreError> {
    let end = change::Entity::find()
        .select_only()
        .column(change::Column::Seq)
        .order_by(change::Column::Seq, order)
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    Ok(end)
}

async fn entry(db: &impl ConnectionTrait, seq: i64) -> Result<Option<LogPlace>, StoreError> {
    let found = change::Entity::find_by_id(seq)
        .select_only()
        .columns([change::Column::Revision, change::Column::At])
        .into_tuple()
        .one(db)
        .await?;
    Ok(found.map(|(revision, at)| LogPlace { seq, revision, at }))
}
