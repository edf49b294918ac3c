//! Opening the database: where it is, and the handles to it.

use std::{fs::File, path::PathBuf, sync::Arc};

use sea_orm::DatabaseConnection;
use secrecy::SecretString;
use tokio::sync::Mutex;

use super::{dialect, error::StoreError, health::Health, postgres, sqlite, transaction::Transaction};
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

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pub(super) clock: Clock,
    /// Writes. SQLite: one connection, so that writers queue up here and not in the file's lock.
    pub(super) write: DatabaseConnection,
    /// Reads.
    pub(super) read: DatabaseConnection,
    /// Whoever makes rows of lists: others wait here and not in the database, where each would keep a connection.
    pub(super) unfolding: Arc<Mutex<()>>,
    pub(super) health: Arc<Health>,
    place: Arc<str>,
    /// The lock on SQLite's directory, held as long as the store lives.
    _lock: Option<Arc<File>>,
}

impl Store {
    /// Opens the database; makes SQLite's file. Tables are [`Store::migrate`]'s.
    pub async fn connect(target: Target, clock: Clock) -> Result<Self, StoreError> {
        match target {
            Target::Sqlite { data_dir } => {
                let opened = sqlite::open(&data_dir).await?;
                Ok(Self {
                    clock,
                    write: opened.write,
                    read: opened.read,
                    unfolding: Arc::default(),
                    health: Health::new(Some(opened.files)),
                    place: opened.place.into(),
                    _lock: Some(Arc::new(opened.lock)),
                })
            }
            Target::Postgres { url, max_connections } => {
                let (pool, place) = postgres::open(&url, max_connections).await?;
                Ok(Self {
                    clock,
                    write: pool.clone(),
                    read: pool,
                    unfolding: Arc::default(),
                    health: Health::new(None),
                    place: place.into(),
                    _lock: None,
                })
            }
        }
    }

    /// Kind and place of the database, never a password: `SQLite in …` or `Postgres at host:port/database`.
    pub fn describe(&self) -> String {
        self.place.to_string()
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.read.ping().await?)
    }

    pub(super) async fn begin(&self) -> Result<Transaction, StoreError> {
        self.health.check_files()?;
        Ok(dialect::begin_write(&self.write).await?)
    }

    pub(super) async fn begin_read(&self) -> Result<Transaction, StoreError> {
        Ok(dialect::begin_read(&self.read).await?)
    }

    pub(super) fn is_postgres(&self) -> bool {
        self.write.get_database_backend() == sea_orm::DbBackend::Postgres
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Store").field(&self.place).finish()
    }
}
