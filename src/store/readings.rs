//! Who was read when, by numbers that the database gives: no two clocks agree, and a reading that changed nothing is
//! one, too.
//!
//! Whoever asks DingTalk takes a number before. Whatever was applied since is under a larger one: it was read later, or
//! at the same time, and which of the two is newer only DingTalk knows.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Set, sea_query::OnConflict};
use uuid::Uuid;

use super::{
    column::{AsText, CleanText, Named},
    entity::{reading, reading_count},
    error::{StoreError, corrupt},
    handle::Store,
    numbers,
    revision::present_revision,
    transaction::Transaction,
};
use crate::directory::{AskedAt, DeptId, EntityKind, Readings, Trace, UserId};

/// Rows a statement.
const CHUNK: usize = 1_000;
/// `entity` of a run's end.
const RUN: &str = "RUN";

impl Store {
    /// Takes a number, and tells the moment: what is asked from now on is newer than whatever was applied by now.
    pub async fn begin_reading(&self) -> Result<AskedAt, StoreError> {
        repeated!(async {
            let transaction = self.begin().await?;
            let reading = next(&transaction).await?;
            let revision = present_revision(&transaction).await?;
            transaction.commit().await?;
            Ok(AskedAt { reading, revision })
        })
    }

    /// What was applied under larger numbers than this one.
    pub async fn readings_since(&self, number: i64) -> Result<Readings, StoreError> {
        since(&self.read, number).await
    }

    /// Forgets at most a thousand readings of before this time; how many.
    pub async fn forget_readings(&self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        let old: Vec<i64> = reading::Entity::find()
            .select_only()
            .column(reading::Column::Reading)
            .filter(reading::Column::At.lt(before))
            .limit(CHUNK as u64)
            .into_tuple()
            .all(&self.read)
            .await?;
        if old.is_empty() {
            return Ok(0);
        }

        let forgotten = reading::Entity::delete_many()
            .filter(reading::Column::Reading.is_in(old.into_iter().collect::<BTreeSet<_>>()))
            .filter(reading::Column::At.lt(before))
            .exec(&self.write)
            .await?;
        Ok(forgotten.rows_affected)
    }
}

/// The next number. Others wait for this transaction's end.
async fn next(transaction: &Transaction) -> Result<i64, StoreError> {
    use reading_count::{Column, Entity};
    numbers::take::<Entity>(transaction, (Column::Id, Column::Newest), 1).await
}

pub(super) async fn since(db: &impl ConnectionTrait, number: i64) -> Result<Readings, StoreError> {
    let rows = reading::Entity::find()
        .filter(reading::Column::Reading.gt(number))
        .all(db)
        .await?;

    let (user, department) = (Named(EntityKind::User).text(), Named(EntityKind::Department).text());
    let mut readings = Readings::default();
    for row in rows {
        if row.entity == user {
            readings.users.insert(UserId::from(row.entity_id), row.reading);
        } else if row.entity == department {
            let id = row
                .entity_id
                .parse()
                .map_err(|error| corrupt("readings.entity_id", error))?;
            readings.departments.insert(DeptId(id), row.reading);
        } else if row.entity == RUN {
            let run = Uuid::parse_str(&row.entity_id).map_err(|error| corrupt("readings.entity_id", error))?;
            readings.runs.insert(run, row.reading);
        }
    }
    Ok(readings)
}

/// Notes what a batch stands for, under a number that is taken now.
pub(super) async fn note(transaction: &Transaction, trace: &Trace, at: DateTime<Utc>) -> Result<(), StoreError> {
    let number = next(transaction).await?;
    let keys: BTreeSet<(String, String)> = match trace {
        Trace::Run(id) => [(RUN.to_owned(), id.to_string())].into(),
        Trace::Records { departments, users } => {
            let department = |id: &DeptId| (Named(EntityKind::Department).text(), id.to_string());
            let user = |id: &UserId| (Named(EntityKind::User).text(), CleanText::from(id.as_str()).into());
            departments
                .iter()
                .map(department)
                .chain(users.iter().map(user))
                .collect()
        }
    };

    let keys: Vec<_> = keys.into_iter().collect();
    for chunk in keys.chunks(CHUNK) {
        let rows = chunk.iter().map(|(entity, entity_id)| reading::ActiveModel {
            entity: Set(entity.clone()),
            entity_id: Set(entity_id.clone()),
            reading: Set(number),
            at: Set(at),
        });

        reading::Entity::insert_many(rows)
            .on_conflict(
                OnConflict::columns([reading::Column::Entity, reading::Column::EntityId])
                    .update_columns([reading::Column::Reading, reading::Column::At])
                    .to_owned(),
            )
            .exec_without_returning(transaction)
            .await?;
    }
    Ok(())
}
