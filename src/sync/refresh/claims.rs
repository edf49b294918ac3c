//! Who is being read.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::time::Instant;

use crate::directory::RecordId;

/// Which records are being read, or will be, by which of the readings that go on beside each other: nobody is read by
/// two of them, so no answer is overtaken by another one's.
#[derive(Debug, Default)]
pub(in crate::sync) struct ReadClaims(Mutex<HashMap<RecordId, (u64, Instant)>>);

/// One reading's part of them.
#[derive(Debug)]
pub(in crate::sync) struct ReadClaim {
    pub(in crate::sync) claims: Arc<ReadClaims>,
    pub(in crate::sync) turn: u64,
}

impl ReadClaims {
    /// Whether somebody reads it.
    pub(in crate::sync) fn has(&self, record: &RecordId) -> bool {
        self.lock().contains_key(record)
    }

    /// A reading is over: what it had claimed, and when it began to ask for it.
    pub(in crate::sync) fn release(&self, turn: u64) -> HashMap<RecordId, Instant> {
        let mut claims = self.lock();
        let over = claims.extract_if(|_, (by, _)| *by == turn);
        over.map(|(record, (_, since))| (record, since)).collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<RecordId, (u64, Instant)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ReadClaim {
    /// It is going to be read. Whoever claimed it first keeps it.
    pub(in crate::sync) fn add(&self, record: &RecordId) {
        let now = || (self.turn, Instant::now());
        self.claims.lock().entry(record.clone()).or_insert_with(now);
    }

    /// It is asked for now: whatever was heard of it before is in the answer.
    pub(in crate::sync) fn begin(&self, record: &RecordId) {
        if let Some((by, since)) = self.claims.lock().get_mut(record)
            && *by == self.turn
        {
            *since = Instant::now();
        }
    }
}
