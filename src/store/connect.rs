//! Opening the database: where it is, and the handles to it.

use std::{
    fs::File,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use sea_orm::{ConnectionTrait, DatabaseConnection};
use secrecy::SecretString;
use tokio::{
    sync::{Mutex, OnceCell},
    time::Instant,
};

use super::{
    dialect, epoch::Standing, error::StoreError, former::Met, health::Health, patience::in_time, postgres,
    question::Questions, single::Single, sqlite, transaction::Transaction,
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

/// How often a transaction is begun anew because the server became another one meanwhile, or isolates it otherwise. As
/// many connections may lead to the one that it was.
pub(super) const BEGINNINGS: u32 = 16;

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pub(super) clock: Clock,
    /// Writes. SQLite: one connection, so that writers queue up here and not in the file's lock.
    pub(super) write: Single,
    /// Reads.
    pub(super) read: Single,
    /// Where people ask.
    pub(super) questions: Questions,
    /// Whoever makes rows of lists: others wait here and not in the database, where each would keep a connection.
    pub(super) unfolding: Arc<Mutex<()>>,
    /// Whoever takes a message in, for the same reason.
    pub(super) taking_in: Arc<Mutex<()>>,
    pub(super) health: Arc<Health>,
    /// Whether the server tells where it is: see `epoch`.
    pub(super) tells_server: Arc<OnceCell<bool>>,
    /// The epochs that this process met.
    pub(super) met: Arc<std::sync::Mutex<Met>>,
    /// When this process was last in step with the database.
    pub(super) in_step: Arc<std::sync::Mutex<Option<Instant>>>,
    /// Whether transactions have to ask for their isolation, because the database's own is another one.
    isolated: Arc<AtomicBool>,
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
                let health = Health::new(Some(opened.files));
                let mut store = Self::over(
                    (opened.write, opened.read),
                    opened.questions,
                    health,
                    opened.place,
                    clock,
                );
                store._lock = Some(Arc::new(opened.lock));
                Ok(store)
            }
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
            tells_server: Arc::default(),
            met: Arc::default(),
            in_step: Arc::default(),
            isolated: Arc::default(),
            place: place.into(),
            _lock: None,
        }
    }

    /// Kind and place of the database, never a password: `SQLite in …` or `Postgres at host:port/database`.
    pub fn describe(&self) -> String {
        self.place.to_string()
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(in_time(self.read.get_database_backend(), self.read.pool().ping()).await?)
    }

    pub(super) async fn begin(&self) -> Result<Transaction, StoreError> {
        self.health.check_files()?;
        if !self.is_postgres() {
            return Ok(dialect::begin_write(self.write.pool()).await?.watched_by(&self.health));
        }

        // Asked before a connection is held, for it takes another one.
        self.tells_server().await?;
        for _ in 0..BEGINNINGS {
            let isolated = self.isolated.load(Ordering::Acquire);
            let transaction = dialect::begin_write_standing(self.write.pool(), isolated)
                .await?
                .watched_by(&self.health);
            match self.standing(&transaction).await? {
                Standing::Good => return Ok(transaction),
                Standing::SeesNobody => self.isolated.store(true, Ordering::Release),
                Standing::FormerServer => dialect::end_session(transaction).await,
                Standing::OtherServer => {
                    // Its epoch begins before anything else is written.
                    drop(transaction);
                    self.epoch().await?;
                }
            }
        }

        Err(StoreError::Unavailable)
    }

    pub(super) async fn begin_read(&self) -> Result<Transaction, StoreError> {
        Ok(dialect::begin_read(self.read.pool()).await?)
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
