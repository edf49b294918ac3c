//! Reading what events name, a batch at a time; one that takes long, say of a large department that was removed, keeps
//! the next ones from nothing.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use super::Taken;
use crate::{
    dingtalk::Connection,
    directory::Cause,
    store::Lease,
    sync::{
        SyncEngine,
        refresh::{Claim, RefreshError, Refreshed, Wanted},
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
pub(super) struct Read {
    pub(super) turn: u64,
    pub(super) batch: Vec<Taken>,
    /// `None`: the settings don't say where to ask.
    pub(super) outcome: Result<Option<Refreshed>, RefreshError>,
}

/// When the next batch may be begun: in a storm each waits for the one before, so that nothing is taken that may be
/// named again before it can be read.
#[derive(Debug)]
pub(super) struct Turns {
    long: Duration,
    under_way: usize,
    begun: u64,
    /// When the newest batch was begun, while it is being read.
    newest: Option<Instant>,
}

impl Turns {
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
    pub(super) async fn read(self, claim: Claim, batch: Vec<Taken>, events: String, fence: Lease) -> Read {
        let inner = &self.0;
        let settings = inner.settings.current();
        let outcome = match Connection::from_settings(&settings) {
            Err(_) => Ok(None),
            Ok(connection) => {
                let session = inner.client.with(Arc::new(connection));
                let refresher = self.refresher(&session, &settings, Some(&claim));
                let wanted = Wanted::just(batch.iter().map(|taken| taken.subject.clone()));
                let refreshed = refresher.refresh(wanted, Cause::Event(events), Some(&fence));
                refreshed.await.map(Some)
            }
        };

        let turn = claim.turn;
        Read { turn, batch, outcome }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_batch_waits_for_the_one_before_unless_that_takes_long() {
        let mut turns = Turns::new(20, 20);
        let first = turns.begin();
        assert!(!turns.is_open());
        turns.end(first);
        assert!(turns.is_open());

        for begun in 1..=AT_ONCE {
            assert!(turns.is_open(), "{begun}");
            turns.begin();
            tokio::time::advance(Duration::from_secs(2)).await;
        }

        assert!(!turns.is_open(), "too many are being read");
        turns.end(2);
        assert!(turns.is_open());
        let newest = turns.begin();
        assert!(!turns.is_open());
        turns.end(3);
        assert!(!turns.is_open(), "the newest goes on");
        turns.end(newest);
        assert!(turns.is_open());
    }
}
