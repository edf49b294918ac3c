//! Small facts of the sync that outlive a process, by name.

use chrono::{DateTime, SecondsFormat, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set, sea_query::OnConflict};

use super::{
    entity::mark,
    error::StoreError,
    handle::Store,
    lease::{Lease, check_fence},
};

/// In front of the reader's name, where one reads DingTalk's list of failed pushes.
const READING_FAILED: &str = "reading-failed-pushes:";
/// Longer than a page takes to be asked for and kept: whoever still has an older note did not live to keep it.
const LONGEST_READING: chrono::Duration = chrono::Duration::minutes(15);

impl Store {
    /// The text under `name`.
    pub async fn mark(&self, name: &str) -> Result<Option<String>, StoreError> {
        let row = mark::Entity::find_by_id(name).one(&self.read).await?;
        Ok(row.map(|row| row.value))
    }

    /// Puts a text under `name`, as long as the lease holds.
    pub async fn set_mark(&self, name: &str, value: &str, fence: &Lease) -> Result<(), StoreError> {
        repeated!(async {
            let transaction = self.begin().await?;
            check_fence(&transaction, fence).await?;
            put(&transaction, name, value).await?;
            Ok(transaction.commit().await?)
        })
    }

    /// Notes that `reader` asks now for a page of the list of failed pushes, which DingTalk clears thereby.
    pub async fn note_reading_failed_pushes(&self, reader: &str) -> Result<(), StoreError> {
        let now = self.clock.now().to_rfc3339_opts(SecondsFormat::Micros, true);
        put(&self.write, &format!("{READING_FAILED}{reader}"), &now).await
    }

    /// What `reader` asked for is kept, or was not given.
    pub async fn forget_reading_failed_pushes(&self, reader: &str) -> Result<(), StoreError> {
        mark::Entity::delete_by_id(format!("{READING_FAILED}{reader}"))
            .exec(&self.write)
            .await?;
        Ok(())
    }

    /// Forgets what was asked for before `until` and lost: it was made up for.
    pub async fn forget_lost_failed_pushes(&self, until: DateTime<Utc>) -> Result<(), StoreError> {
        for (name, at) in self.readings().await? {
            if at < until && at < self.clock.now() - LONGEST_READING {
                mark::Entity::delete_by_id(name).exec(&self.write).await?;
            }
        }
        Ok(())
    }

    /// When a page of failed pushes was asked for last that nobody kept: what its events told is known to nobody.
    pub async fn failed_pushes_lost_at(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        let before = self.clock.now() - LONGEST_READING;
        let times = self.readings().await?.into_iter().map(|(_, at)| at);
        Ok(times.filter(|at| *at < before).max())
    }

    /// The notes by their names, with their times.
    async fn readings(&self) -> Result<Vec<(String, DateTime<Utc>)>, StoreError> {
        let notes = mark::Entity::find()
            .filter(mark::Column::Name.starts_with(READING_FAILED))
            .all(&self.read)
            .await?;
        let read = |note: mark::Model| Some((note.name, note.value.parse().ok()?));
        Ok(notes.into_iter().filter_map(read).collect())
    }
}

pub(super) async fn put(db: &impl ConnectionTrait, name: &str, value: &str) -> Result<(), StoreError> {
    let row = mark::ActiveModel {
        name: Set(name.to_owned()),
        value: Set(value.to_owned()),
    };
    mark::Entity::insert(row)
        .on_conflict(
            OnConflict::column(mark::Column::Name)
                .update_column(mark::Column::Value)
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    Ok(())
}
