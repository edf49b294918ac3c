//! Whether the database takes writes, proved by one.

use std::{
    pin::pin,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use tokio::time::{Instant, timeout};

use super::{error::StoreError, handle::Store, health::Proof, marks};
use crate::id::random_id;

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

/// What is told of a database that refuses a write. Its own words are in the log: whoever asks has shown no token.
const REFUSED: &str = "the database takes no writes (disk full, read-only, damaged or away); the log has its own words";

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
            text.extend((0..ROOM).map(|_| random_id().simple().to_string()));
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
}

fn told(error: StoreError) -> String {
    match error {
        // Of the files, or of opening: made for people.
        StoreError::Connect(why) => why,
        _ => REFUSED.to_owned(),
    }
}
