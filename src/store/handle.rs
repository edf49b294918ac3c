//! The handles to an open database. What can be done with them stands by subject in the other files.

use std::{
    fs::File,
    sync::{Arc, atomic::AtomicBool},
};

use sea_orm::ConnectionTrait;
use tokio::{
    sync::{Mutex, OnceCell},
    time::Instant,
};

use super::{
    error::StoreError, former::MetEpochs, health::Health, patience::in_time, questions::Questions, single::Single,
};
use crate::{clock::Clock, id::IdSequence};

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
    /// Of attempts: those of a message are shown in the order in which they were started.
    pub(super) attempt_ids: Arc<IdSequence>,
    /// Whether the server tells where it is: see `epoch`.
    pub(super) tells_server: Arc<OnceCell<bool>>,
    /// The epochs that this process met.
    pub(super) met: Arc<std::sync::Mutex<MetEpochs>>,
    /// When this process was last in step with the database.
    pub(super) in_step: Arc<std::sync::Mutex<Option<Instant>>>,
    /// Whether transactions have to ask for their isolation, because the database's own is another one.
    pub(super) isolated: Arc<AtomicBool>,
    /// Kind and place, never a password.
    pub(super) place: Arc<str>,
    /// The lock on SQLite's directory, held as long as the store lives.
    pub(super) _lock: Option<Arc<File>>,
}

impl Store {
    /// Kind and place of the database, never a password: `SQLite in …` or `Postgres at host:port/database`.
    pub fn describe(&self) -> String {
        self.place.to_string()
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(in_time(self.read.get_database_backend(), self.read.pool().ping()).await?)
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
