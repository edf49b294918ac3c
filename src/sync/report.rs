//! The run under way as everybody sees it: at once in this process, twice a second in the database.

use std::{sync::Arc, time::Duration};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{
    directory::SyncRun,
    store::{Lease, Store, StoreError},
};

/// How often a run's row is written while nothing but its progress changes.
const SAVED_EVERY: Duration = Duration::from_millis(500);

/// The run that everybody sees; `None` before the first.
pub(super) type Shown = watch::Sender<Option<Arc<SyncRun>>>;

/// A run, shown and saved.
pub(super) struct Report {
    run: SyncRun,
    shown: Shown,
}

impl Report {
    pub(super) fn new(run: SyncRun, shown: Shown) -> Self {
        let report = Self { run, shown };
        report.show();
        report
    }

    pub(super) fn run(&self) -> &SyncRun {
        &self.run
    }

    /// Where the run is shown.
    pub(super) fn shown(&self) -> Shown {
        self.shown.clone()
    }

    /// Changes the run and shows it.
    pub(super) fn change(&mut self, change: impl FnOnce(&mut SyncRun)) {
        change(&mut self.run);
        self.show();
    }

    /// Changes the run without showing it: its end is shown when it is saved and the next run may start.
    pub(super) fn change_unseen(&mut self, change: impl FnOnce(&mut SyncRun)) {
        change(&mut self.run);
    }

    /// Shows the run.
    pub(super) fn show(&self) {
        self.shown.send_replace(Some(Arc::new(self.run.clone())));
    }

    /// Writes the run's row.
    pub(super) async fn save(&self, store: &Store, fence: Option<&Lease>) -> Result<(), StoreError> {
        store.update_run(&self.run, fence).await
    }
}

/// Writes the shown run whenever it changed, until `done`. A database that is away is asked again with the next change.
///
/// A write is never abandoned half-way: it could arrive behind the run's last one, and leave it RUNNING for ever.
pub(super) async fn save_progress(shown: &Shown, store: &Store, fence: &Lease, done: &CancellationToken) {
    let mut changes = shown.subscribe();
    changes.mark_unchanged();
    loop {
        tokio::select! {
            () = done.cancelled() => return,
            changed = changes.changed() => if changed.is_err() {
                return;
            },
        }
        let run = changes.borrow_and_update().clone();
        if let Some(run) = run
            && let Err(error) = store.update_run(&run, Some(fence)).await
        {
            tracing::debug!(%error, "the run's progress could not be saved yet");
        }
        tokio::select! {
            () = done.cancelled() => return,
            () = tokio::time::sleep(SAVED_EVERY) => {}
        }
    }
}
