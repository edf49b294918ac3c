//! Opening the database: where it is, and the handles to it.

use std::{path::PathBuf, sync::Arc};

use sea_orm::DatabaseConnection;
use secrecy::SecretString;

use super::{
    error::StoreError,
    handle::Store,
    health::Health,
    postgres,
    questions::Questions,
    single::Single,
    sqlite::{self, OpenedSqlite},
};
use crate::clock::Clock;

/// Where the database is.
#[derive(Debug, Clone)]
pub enum Target {
    /// `dingmirror.db` in this directory, for one process.
    Sqlite {
        /// The data directory; made if it doesn't exist.
        data_dir: PathBuf,
    },
    /// A Postgres server, for any number of processes.
    Postgres {
        /// `postgres://user:password@host/database`.
        url: SecretString,
        /// Connections at most.
        max_connections: u32,
    },
}

impl Store {
    /// Opens the database; makes SQLite's file. Tables are [`Store::migrate`]'s.
    pub async fn connect(target: Target, clock: Clock) -> Result<Self, StoreError> {
        match target {
            Target::Sqlite { data_dir } => Ok(Self::over_sqlite(sqlite::open(&data_dir).await?, clock)),
            Target::Postgres { url, max_connections } => {
                let (pool, place) = postgres::open(&url, max_connections).await?;
                let questions = Questions::sharing(pool.clone(), max_connections);
                let store = Self::over((pool.clone(), pool), questions, Health::new(None), place, clock);
                // Before anything is planned by the machine's.
                store.follow_time().await?;
                Ok(store)
            }
        }
    }

    /// Opens a database that is there already, also SQLite's file that a server has: for a command that reads and
    /// writes a few rows.
    pub async fn connect_beside(target: Target, clock: Clock) -> Result<Self, StoreError> {
        match target {
            Target::Sqlite { data_dir } => Ok(Self::over_sqlite(sqlite::open_beside(&data_dir).await?, clock)),
            Target::Postgres { .. } => Self::connect(target, clock).await,
        }
    }

    fn over_sqlite(opened: OpenedSqlite, clock: Clock) -> Self {
        let health = Health::new(Some(opened.files));
        let pools = (opened.write, opened.read);
        Self {
            _lock: opened.lock.map(Arc::new),
            ..Self::over(pools, opened.questions, health, opened.place, clock)
        }
    }

    /// Opens the database to read what is in it, beside whoever uses it: SQLite's without its lock, and without a way
    /// to write.
    pub async fn connect_to_read(target: Target, clock: Clock) -> Result<Self, StoreError> {
        match target {
            Target::Sqlite { data_dir } => {
                let (opened, questions, place) = sqlite::open_to_read(&data_dir).await?;
                Ok(Self::over(
                    (opened.clone(), opened),
                    questions,
                    Health::new(None),
                    place,
                    clock,
                ))
            }
            Target::Postgres { .. } => Self::connect(target, clock).await,
        }
    }

    fn over(
        (write, read): (DatabaseConnection, DatabaseConnection),
        questions: Questions,
        health: Arc<Health>,
        place: String,
        clock: Clock,
    ) -> Self {
        Self {
            clock,
            write: Single::writing(write, health.clone()),
            read: Single::reading(read),
            questions,
            unfolding: Arc::default(),
            taking_in: Arc::default(),
            health,
            attempt_ids: Arc::default(),
            tells_server: Arc::default(),
            met: Arc::default(),
            in_step: Arc::default(),
            isolated: Arc::default(),
            place: place.into(),
            _lock: None,
        }
    }
}
