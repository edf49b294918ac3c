//! Small facts of the sync that outlive a process, by name.

use sea_orm::{EntityTrait, Set, sea_query::OnConflict};

use super::{
    connect::Store,
    entity::mark,
    error::StoreError,
    lease::{Lease, check_fence},
};

impl Store {
    /// The text under `name`.
    pub async fn mark(&self, name: &str) -> Result<Option<String>, StoreError> {
        let row = mark::Entity::find_by_id(name).one(&self.read).await?;
        Ok(row.map(|row| row.value))
    }

    /// Puts a text under `name`, as long as the lease holds.
    pub async fn set_mark(&self, name: &str, value: &str, fence: &Lease) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        check_fence(&transaction, fence).await?;
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
            .exec_without_returning(&transaction)
            .await?;
        Ok(transaction.commit().await?)
    }
}
