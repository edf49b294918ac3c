//! How the database stands with writes, as far as they have shown it.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use sea_orm::DbErr;
use tokio::{sync::Mutex, time::Instant};

use super::{driver_error::told, error::StoreError, files::DataFiles};

/// What was proved last. Shared by the clones of a store.
#[derive(Debug)]
pub(super) struct Health {
    files: Option<DataFiles>,
    /// A write found no room, or could not be made. Until a large one is taken, a small one proves nothing: Postgres
    /// has room for it on pages that it has already.
    pub(super) short_of_room: AtomicBool,
    pub(super) proof: Mutex<Proof>,
}

/// The last proof that a write is taken.
#[derive(Debug)]
pub(super) struct Proof {
    /// When a write was last seen to be taken.
    pub(super) taken: Instant,
    /// The last answer, and when.
    pub(super) answer: Option<(Instant, Result<(), String>)>,
}

impl Health {
    /// `files`: those of SQLite.
    pub(super) fn new(files: Option<DataFiles>) -> Arc<Self> {
        Arc::new(Self {
            files,
            short_of_room: AtomicBool::new(false),
            proof: Mutex::new(Proof {
                taken: Instant::now(),
                answer: None,
            }),
        })
    }

    /// Refuses what would be written to a file that no start will find again.
    pub(super) fn check_files(&self) -> Result<(), StoreError> {
        self.missing_files().map_or(Ok(()), |why| Err(StoreError::Connect(why)))
    }

    /// Takes notice of a write's error.
    pub(super) fn notice(&self, error: &DbErr) {
        if let StoreError::Fault { kind, .. } = told(error)
            && kind.may_spare_small_writes()
        {
            self.short_of_room.store(true, Ordering::Release);
        }
    }

    /// What is wrong with SQLite's files, in a sentence with the remedy.
    pub(super) fn missing_files(&self) -> Option<String> {
        self.files.as_ref().and_then(DataFiles::missing)
    }
}
