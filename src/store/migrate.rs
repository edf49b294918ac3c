//! Tables: up, down, and what is applied.

use migration::Migrator;
use sea_orm_migration::{MigrationStatus, MigratorTrait};

use super::{connect::Store, dialect, error::StoreError};

impl Store {
    /// Brings the tables up to this version. Replicas that start together take turns.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        dialect::lock_migrations(&transaction).await?;
        Migrator::up(transaction.bare(), None).await?;
        Ok(transaction.commit().await?)
    }

    /// Takes the last `steps` migrations back.
    pub async fn migrate_down(&self, steps: u32) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        dialect::lock_migrations(&transaction).await?;
        Migrator::down(transaction.bare(), Some(steps)).await?;
        Ok(transaction.commit().await?)
    }

    /// Every migration by name, oldest first, and whether it is applied. Writes nothing.
    pub async fn migration_status(&self) -> Result<Vec<(String, bool)>, StoreError> {
        let all = Migrator::get_migration_with_status_read_only(&self.read).await?;
        Ok(all
            .iter()
            .map(|m| (m.name().to_owned(), m.status() == MigrationStatus::Applied))
            .collect())
    }
}
