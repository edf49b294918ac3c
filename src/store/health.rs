//! Whether the database takes writes, proved by one; and the end of a store.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sea_orm::DbErr;
use tokio::{
    sync::Mutex,
    time::{Instant, sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{connect::Store, dialect, error::StoreError, fault, files::DataFiles, marks};

/// The row that a proof writes.
const PROOF: &str = "write-proof";

/// A proof of room is so many times 32 characters that nobody can compress: more than any page has to spare.
const ROOM: usize = 1_024;

/// A proof counts for so long: probes may come as often as they like.
const FRESH: Duration = Duration::from_secs(1);

/// How long a proof waits for its turn behind other writers.
const TURN: Duration = Duration::from_secs(1);

/// How long its own write may take.
const WRITE: Duration = Duration::from_millis(1_500);

/// SQLite's one writer may be busy with a large batch for so long before that counts as a fault.
const LONGEST_BATCH: Duration = Duration::from_secs(120);

/// How often the data files are looked at.
const LOOK: Duration = Duration::from_secs(1);

/// How long the end waits for the log to be taken into the database file.
const LAST_CHECKPOINT: Duration = Duration::from_secs(10);

/// What is told of a database that refuses a write. Its own words are in the log: whoever asks has shown no token.
const REFUSED: &str = "the database takes no writes (disk full, read-only, damaged or away); the log has its own words";

/// What was proved last. Shared by the clones of a store.
#[derive(Debug)]
pub(super) struct Health {
    files: Option<DataFiles>,
    /// A write found no room, or could not be made. Until a large one is taken, a small one proves nothing: Postgres
    /// has room for it on pages that it has already.
    short_of_room: AtomicBool,
    proof: Mutex<Proof>,
}

#[derive(Debug)]
struct Proof {
    /// When a write was last seen to be taken.
    taken: Instant,
    /// The last answer, and when.
    answer: Option<(Instant, Result<(), String>)>,
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
        if let StoreError::Fault { kind, .. } = fault::told(error)
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

impl Store {
    /// Whether a write would be taken: one is made, at most each second; who asks in between gets the last answer. The
    /// error is a sentence for everybody.
    pub async fn prove_write(&self) -> Result<(), String> {
        let mut proof = self.health.proof.lock().await;
        if let Some((at, answer)) = &proof.answer
            && at.elapsed() < FRESH
        {
            return answer.clone();
        }

        let answer = self.write_proof(&mut proof).await;
        proof.answer = Some((Instant::now(), answer.clone()));
        answer
    }

    async fn write_proof(&self, proof: &mut Proof) -> Result<(), String> {
        let mut text = self.clock.now().to_rfc3339();
        let large = self.health.short_of_room.load(Ordering::Acquire);
        if large {
            text.extend((0..ROOM).map(|_| Uuid::new_v4().simple().to_string()));
        }

        let had_its_turn = AtomicBool::new(false);
        let written = async {
            repeated!(async {
                let transaction = self.begin().await?;
                had_its_turn.store(true, Ordering::Relaxed);
                marks::put(&transaction, PROOF, &text).await?;
                Ok(transaction.commit().await?)
            })
        };

        let mut written = pin!(written);
        let mut ended = timeout(TURN, &mut written).await;
        // The time for the write itself begins with its turn.
        if ended.is_err() && had_its_turn.load(Ordering::Relaxed) {
            ended = timeout(WRITE, written).await;
        }

        match ended {
            Ok(written) => written.map_err(told)?,
            Err(_) if had_its_turn.load(Ordering::Relaxed) => {
                return Err("the database takes too long to write".to_owned());
            }
            // The one writer is at work, which is no fault.
            Err(_) if !self.is_postgres() && proof.taken.elapsed() < LONGEST_BATCH => return Ok(()),
            Err(_) => return Err("the database takes too long to begin a write".to_owned()),
        }

        if large {
            self.health.short_of_room.store(false, Ordering::Release);
        }
        proof.taken = Instant::now();
        Ok(())
    }

    /// Looks after SQLite's files until `shutdown`, and logs when they vanish and when they are back. Writes are
    /// refused meanwhile.
    pub async fn watch_files(&self, shutdown: CancellationToken) {
        let mut known = None;
        while shutdown.run_until_cancelled(sleep(LOOK)).await.is_some() {
            let missing = self.health.missing_files();
            match (&known, &missing) {
                (None, Some(why)) => tracing::error!("{why}"),
                (Some(_), None) => tracing::info!("the data files are back: writes are taken again"),
                _ => {}
            }
            known = missing;
        }
    }

    /// The end: SQLite's log is taken into the database file, so that the file alone is a whole backup.
    pub async fn close(&self) {
        if self.is_postgres() || self.health.check_files().is_err() {
            return;
        }

        match timeout(LAST_CHECKPOINT, dialect::checkpoint(&self.write)).await {
            Ok(Ok(())) => tracing::debug!("the log is taken into the database file"),
            Ok(Err(error)) => {
                tracing::warn!(%error, "the last writes stand in the -wal file: keep it with the database")
            }
            Err(_) => tracing::warn!("the last writes stand in the -wal file: no time was left to move them"),
        }
    }
}

fn told(error: StoreError) -> String {
    match error {
        // Of the files, or of opening: made for people.
        StoreError::Connect(why) => why,
        _ => REFUSED.to_owned(),
    }
}
