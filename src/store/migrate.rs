//! Tables: up, down, and what is applied.

use migration::Migrator;
use sea_orm::DbErr;
use sea_orm_migration::{MigrationStatus, MigratorTrait};

use super::{connect::Store, dialect, error::StoreError, fault::FaultKind};

impl Store {
    /// Brings the tables up to this version. Replicas that start together take turns.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let transaction = dialect::begin_write(self.write.pool()).await?;
        dialect::lock_migrations(&transaction).await?;
        Migrator::up(transaction.bare(), None).await.map_err(told)?;
        Ok(transaction.commit().await?)
    }

    /// Takes the last `steps` migrations back.
    pub async fn migrate_down(&self, steps: u32) -> Result<(), StoreError> {
        let transaction = dialect::begin_write(self.write.pool()).await?;
        dialect::lock_migrations(&transaction).await?;
        Migrator::down(transaction.bare(), Some(steps)).await.map_err(told)?;
        Ok(transaction.commit().await?)
    }

    /// Every migration by name, oldest first, and whether it is applied. Writes nothing.
    pub async fn migration_status(&self) -> Result<Vec<(String, bool)>, StoreError> {
        let all = Migrator::get_migration_with_status_read_only(&self.read)
            .await
            .map_err(told)?;
        Ok(all
            .iter()
            .map(|m| (m.name().to_owned(), m.status() == MigrationStatus::Applied))
            .collect())
    }

    /// In words, whether a newer version has migrated the database meanwhile, as happens while replicas are replaced one by one.
    /// Both work on it until then: migrations only add.
    pub async fn newer_schema(&self) -> Option<String> {
        match self.migration_status().await {
            Err(StoreError::Fault {
                kind: FaultKind::Schema,
                said,
            }) => Some(said),
            // Whether it can be read at all is told by others.
            _ => None,
        }
    }
}

/// The library has no error of its own for a database that a newer version has migrated.
fn told(error: DbErr) -> StoreError {
    match error {
        DbErr::Custom(why) if why.contains("its file is missing") => {
            let named = why.lines().filter_map(|line| line.split('\'').nth(1));
            let named = named.collect::<Vec<_>>().join(", ");
            StoreError::Fault {
                kind: FaultKind::Schema,
                said: format!("a newer version has migrated it ({named})"),
            }
        }
        error => error.into(),
    }
}
