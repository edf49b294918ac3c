//! Figures that have to be fetched or remembered: kept up in the background, so that a scrape of `/metrics` waits for
//! nothing.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{
    directory::{RunMode, RunState, SyncRun, Verdict},
    graphql::Services,
    message::Quota,
    store::OutboxFigures,
};

/// How often the outbox is counted; a count that takes long is made less often still.
const COUNTED_EVERY: Duration = Duration::from_secs(10);
/// Counting takes at most this part of the time.
const SHARE: u32 = 100;

/// What was fetched and remembered last. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct Watched(Arc<Mutex<Seen>>);

/// The figures.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    /// How the last sync ended that wasn't a dry run; `None` before the first.
    pub(super) last_sync: Option<LastSync>,
    /// The outbox.
    pub(super) outbox: OutboxFigures,
    /// The month's quota; `None` before it was read.
    pub(super) quota: Option<Quota>,
    /// Until when nothing is sent.
    pub(super) stopped_until: Option<DateTime<Utc>>,
}

/// How a sync ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct LastSync {
    pub(super) ended_at: DateTime<Utc>,
    pub(super) is_complete: bool,
}

impl LastSync {
    /// `None` where the run goes on, or says nothing about the mirror.
    fn of(run: &SyncRun) -> Option<Self> {
        let has_ended = run.state != RunState::Running && run.mode != RunMode::DryRun;
        has_ended.then(|| Self {
            ended_at: run.finished_at.unwrap_or(run.started_at),
            is_complete: run.verdict == Some(Verdict::Complete),
        })
    }
}

impl Watched {
    /// What was seen last.
    pub(super) fn seen(&self) -> Seen {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn change(&self, change: impl FnOnce(&mut Seen)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Keeps the figures up until `shutdown`.
    pub(super) async fn run(self, services: Services, shutdown: CancellationToken) {
        let work = async { tokio::join!(self.remember_syncs(&services), self.count_outbox(&services)) };
        shutdown.run_until_cancelled(work).await;
    }

    /// A sync that runs, or a dry run, doesn't make the one before it unseen.
    async fn remember_syncs(&self, services: &Services) {
        let mut runs = services.sync.progress();
        if let Ok(Some(run)) = services.store.last_finished_run().await {
            self.change(|seen| seen.last_sync = LastSync::of(&run));
        }

        loop {
            let ended = runs.borrow_and_update().as_deref().and_then(LastSync::of);
            if ended.is_some() {
                self.change(|seen| seen.last_sync = ended);
            }
            if runs.changed().await.is_err() {
                return;
            }
        }
    }

    async fn count_outbox(&self, services: &Services) {
        loop {
            let began = Instant::now();
            // A database that is away leaves the figures as they were; others tell of it.
            if let Ok(outbox) = services.store.outbox_figures().await {
                self.change(|seen| seen.outbox = outbox);
            }
            if let Ok(quota) = services.delivery.quota().await {
                self.change(|seen| seen.quota = Some(quota));
            }
            if let Ok(stop) = services.store.sending_stopped(services.clock.now()).await {
                self.change(|seen| seen.stopped_until = stop.map(|stop| stop.until));
            }
            tokio::time::sleep(COUNTED_EVERY.max(began.elapsed() * SHARE)).await;
        }
    }
}
