//! Reading what events name, a batch at a time; one that takes long, say of a large department that was removed, keeps
//! the next ones from nothing.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use super::InFlightRecord;
use crate::{
    dingtalk::Connection,
    directory::Cause,
    store::Lease,
    sync::{
        SyncEngine,
        refresh::{ReadClaim, RefreshError, Refreshed},
    },
};

/// So many batches are being read at most, all but the newest of them for long.
const AT_ONCE: usize = 4;
/// A batch takes long from so many times on that its own records need at the legal speed; what it leads to comes on
/// top.
const LONG: f64 = 2.0;
const SHORTEST_LONG: Duration = Duration::from_secs(1);
const LONGEST_LONG: Duration = Duration::from_secs(10);

/// A batch that was read.
pub(super) struct BatchRead {
    pub(super) turn: u64,
    pub(super) batch: Vec<InFlightRecord>,
    /// `None`: the settings don't say where to ask.
    pub(super) outcome: Result<Option<Refreshed>, RefreshError>,
}

/// When the next batch may be begun: in a storm each waits for the one before, so that nothing is taken that may be
/// named again before it can be read.
#[derive(Debug)]
pub(super) struct BatchGate {
    long: Duration,
    under_way: usize,
    begun: u64,
    /// When the newest batch was begun, while it is being read.
    newest: Option<Instant>,
}

impl BatchGate {
    pub(super) fn new(batch: usize, per_second: usize) -> Self {
        let seconds = batch as f64 / per_second.max(1) as f64;
        let long = Duration::from_secs_f64(seconds * LONG);
        Self {
            long: long.clamp(SHORTEST_LONG, LONGEST_LONG),
            under_way: 0,
            begun: 0,
            newest: None,
        }
    }

    /// Whether another batch may be begun.
    pub(super) fn is_open(&self) -> bool {
        self.under_way < AT_ONCE && self.newest.is_none_or(|begun| begun.elapsed() >= self.long)
    }

    /// A batch is begun; its number.
    pub(super) fn begin(&mut self) -> u64 {
        self.under_way += 1;
        self.begun += 1;
        self.newest = Some(Instant::now());
        self.begun
    }

    /// A batch has ended.
    pub(super) fn end(&mut self, turn: u64) {
        self.under_way -= 1;
        if turn == self.begun {
            self.newest = None;
        }
    }
}

impl SyncEngine {
    /// Reads a batch and applies what differs, with `events` as the cause.
    pub(super) async fn read(
        self,
        claim: ReadClaim,
        batch: Vec<InFlightRecord>,
        events: String,
        fence: Lease,
    ) -> BatchRead {
        let inner = &self.0;
        let settings = inner.settings.current();
        let outcome = match Connection::from_settings(&settings) {
            Err(_) => Ok(None),
            Ok(connection) => {
                let session = inner.client.with(Arc::new(connection));
                let refresher = self.refresher(&session, &settings, Some(&claim));
                let wanted = batch.iter().map(|taken| taken.record.clone()).collect();
                let refreshed = refresher.refresh(wanted, Cause::Event(events), Some(&fence));
                refreshed.await.map(Some)
            }
        };

        let turn = claim.turn;
        BatchRead { turn, batch, outcome }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_batch_waits_for_the_one_before_unless_that_takes_long() {
        let mut gate = BatchGate::new(20, 20);
        let first = gate.begin();
        assert!(!gate.is_open());
        gate.end(first);
        assert!(gate.is_open());

        for begun in 1..=AT_ONCE {
            assert!(gate.is_open(), "{begun}");
            gate.begin();
            tokio::time::advance(Duration::from_secs(2)).await;
        }

        assert!(!gate.is_open(), "too many are being read");
        gate.end(2);
        assert!(gate.is_open());
        let newest = gate.begin();
        assert!(!gate.is_open());
        gate.end(3);
        assert!(!gate.is_open(), "the newest goes on");
        gate.end(newest);
        assert!(gate.is_open());
    }
}
