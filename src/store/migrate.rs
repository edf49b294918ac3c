//! Tables: up, down, and what is applied.

use std::time::Duration;

use migration::{Migrator, is_online};
use sea_orm::DbErr;
use sea_orm_migration::{MigrationStatus, MigratorTrait};
use tokio::time::sleep;

use super::{dialect, error::StoreError, fault::FaultKind, handle::Store};
use crate::id::random_id;

/// Who makes an index beside the others' work; they take turns.
const LEASE: &str = "migrations";

/// A process that dies over it is followed by another one after so long.
const LEASE_TTL: Duration = Duration::from_secs(30);

/// How often the lease is renewed meanwhile, and looked for by those who wait.
const LOOK: Duration = Duration::from_secs(2);

/// So long a change waits for its table, and everybody else behind it.
const LOCKED: Duration = Duration::from_secs(1);

/// How often it is tried again, in about five minutes.
const TRIES: u32 = 100;

/// What there is to do next.
enum MigrationStep {
    /// Nothing.
    Nothing,
    /// So many in one transaction.
    Steps(u32),
    /// One that takes no transaction.
    Online,
}

impl Store {
    /// Brings the tables up to this version, while another one may be serving. Replicas that start together take turns.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let mut in_the_way = 0;
        loop {
            let transaction = dialect::begin_write(self.write.pool()).await?;
            dialect::lock_migrations(&transaction).await?;
            let all = Migrator::get_migration_with_status_read_only(transaction.bare())
                .await
                .map_err(told)?;

            let pending = all.iter().filter(|it| it.status() == MigrationStatus::Pending);
            let pending: Vec<&str> = pending.map(|it| it.name()).collect();

            match self.next(&pending, all.len()) {
                MigrationStep::Nothing => return Ok(transaction.commit().await?),
                MigrationStep::Steps(steps) => {
                    // Who waits for a table keeps everybody who comes after from it.
                    dialect::wait_for_locks(&transaction, LOCKED).await?;
                    match Migrator::up(transaction.bare(), Some(steps)).await.map_err(told) {
                        Err(error) if error.is_conflict() && in_the_way < TRIES => {
                            in_the_way += 1;
                            drop(transaction);
                            tracing::warn!("a long transaction keeps a table from being changed: it is tried again");
                            sleep(LOOK).await;
                        }
                        ended => {
                            ended?;
                            transaction.commit().await?;
                            in_the_way = 0;
                        }
                    }
                }
                MigrationStep::Online => {
                    // It would wait for everybody who has begun before it.
                    transaction.commit().await?;
                    self.migrate_online().await?;
                }
            }
        }
    }

    fn next(&self, pending: &[&str], all: usize) -> MigrationStep {
        let Some(first) = pending.first() else {
            return MigrationStep::Nothing;
        };
        // Nobody uses a new database, and a file is this process's alone.
        if pending.len() == all || !self.is_postgres() {
            return MigrationStep::Steps(u32::try_from(pending.len()).unwrap_or(u32::MAX));
        }
        // Short ones: each keeps its locks until it ends.
        if is_online(first) {
            MigrationStep::Online
        } else {
            MigrationStep::Steps(1)
        }
    }

    /// Makes the next one, which takes no transaction, unless somebody else is making it.
    async fn migrate_online(&self) -> Result<(), StoreError> {
        let owner = format!("migrations-{}", random_id());
        let Some(lease) = self.acquire_lease(LEASE, &owner, LEASE_TTL).await? else {
            sleep(LOOK).await;
            return Ok(());
        };

        tracing::info!(
            "indexes are being made beside the work of others, which takes a while where there are many rows"
        );
        let renewal = async {
            loop {
                sleep(LOOK).await;
                match self.renew_lease(&lease, LEASE_TTL).await {
                    Ok(true) => {}
                    Ok(false) => return Err(StoreError::LeaseLost),
                    Err(error) if error.may_pass() => {}
                    Err(error) => return Err(error),
                }
            }
        };

        let pool = self.write.pool();
        let made = tokio::select! {
            made = Migrator::up(pool, Some(1)) => made.map_err(told),
            lost = renewal => lost,
        };

        // Also after an error: nobody has to wait for the end of the lease.
        let released = self.release_lease(&lease).await;
        made.and(released)
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

    /// In words, whether a newer version has migrated the database meanwhile, as happens while replicas are replaced
    /// one by one. Both work on it until then: migrations only add.
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
