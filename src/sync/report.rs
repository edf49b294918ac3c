//! The run under way as everybody sees it: at once in this process, twice a second in the database.

use std::{sync::Arc, time::Duration};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{
    catalogue::{Statement, sync::RUN_WAITS},
    clock::Clock,
    dingtalk::Client,
    directory::{RunState, SyncRun},
    settings::Api,
    store::{Lease, Store, StoreError},
};

/// How often a run's row is written while nothing but its progress changes.
const SAVED_EVERY: Duration = Duration::from_millis(500);

/// The run that everybody sees; `None` before the first.
pub(super) type Shown = watch::Sender<Option<Arc<SyncRun>>>;

/// How long an API may give no answer before the run says so. A call's own tries take longer than that.
const SILENCE: Duration = Duration::from_secs(8);
/// How often that is looked at.
const LOOKED_AT_EVERY: Duration = Duration::from_secs(2);

/// The calls of a sync.
pub(super) const CALLS: [Api; 8] = [
    Api::GetToken,
    Api::AuthScopes,
    Api::DepartmentListSub,
    Api::DepartmentGet,
    Api::UserListId,
    Api::UserGet,
    Api::UserList,
    Api::UserCount,
];

/// A run, shown and saved.
pub(super) struct Report {
    run: SyncRun,
    shown: Shown,
    client: Client,
    clock: Clock,
}

impl Report {
    pub(super) fn new(run: SyncRun, shown: Shown, client: Client, clock: Clock) -> Self {
        let report = Self {
            run,
            shown,
            client,
            clock,
        };
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
        self.change_unseen(change);
        self.show();
    }

    /// Changes the run without showing it: its end is shown when it is saved and the next run may start.
    pub(super) fn change_unseen(&mut self, change: impl FnOnce(&mut SyncRun)) {
        change(&mut self.run);
        self.run.note_phase(self.clock.now());
    }

    /// Shows the run.
    pub(super) fn show(&self) {
        let mut run = self.run.clone();
        say_what_is_waited_for(&mut run, silent(&self.client).map(|(_, why)| why));
        self.shown.send_replace(Some(Arc::new(run)));
    }

    /// Writes the run's row.
    pub(super) async fn save(&self, store: &Store, fence: Option<&Lease>) -> Result<(), StoreError> {
        store.update_run(&self.run, fence).await
    }
}

/// Writes the shown run whenever it changed, until `done`. A database that is away is asked again with the next change.
///
/// A write is never abandoned half-way: it could arrive behind the run's last one, and leave it RUNNING for ever.
pub(super) async fn save_progress(shown: Shown, store: Store, fence: Lease, done: CancellationToken) {
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
            && let Err(error) = store.update_run(&run, Some(&fence)).await
        {
            tracing::debug!(%error, "the run's progress could not be saved yet");
        }

        tokio::select! {
            () = done.cancelled() => return,
            () = tokio::time::sleep(SAVED_EVERY) => {}
        }
    }
}

/// Which call has been waited for in vain for a while, and why.
fn silent(client: &Client) -> Option<(Api, Statement)> {
    let (api, why) = client.silent(SILENCE, &CALLS)?;
    let waits = RUN_WAITS {
        path: api.path(),
        field: api.field(),
        why,
    };
    Some((api, waits.into()))
}

/// While a call is waited for, nobody knows how long the run takes.
fn say_what_is_waited_for(run: &mut SyncRun, waits: Option<Statement>) {
    if let Some(waits) = waits.filter(|_| run.state == RunState::Running && run.error.is_none()) {
        run.error = Some(waits);
        run.progress.eta_seconds = None;
    }
}

/// Says what the shown run waits for, until `done`: a run that waits for one answer changes in nothing else. The log
/// hears of each call once when it falls silent, and once when it is answered again.
pub(super) async fn tell_of_silence(shown: &Shown, client: &Client, done: &CancellationToken) {
    let mut told: Option<Api> = None;

    loop {
        tokio::select! {
            () = done.cancelled() => return,
            () = tokio::time::sleep(LOOKED_AT_EVERY) => {}
        }

        match (silent(client), told) {
            (Some((api, why)), before) => {
                if before != Some(api) {
                    tracing::warn!(dingtalk.api = api.path(), %why, "a sync waits for DingTalk");
                }
                told = Some(api);
                change_shown(shown, |run| {
                    take_back(run, before);
                    say_what_is_waited_for(run, Some(why));
                });
            }
            (None, Some(api)) if client.is_answering(api) => {
                tracing::info!(dingtalk.api = api.path(), "DingTalk answers the sync again");
                told = None;
                change_shown(shown, |run| take_back(run, Some(api)));
            }
            // While the run lets DingTalk alone for a while, nothing is better.
            (None, _) => {}
        }
    }
}

/// What was said here of `api`; what the run says itself stays.
fn take_back(run: &mut SyncRun, api: Option<Api>) {
    let Some(api) = api else { return };
    let waits_for_it = |error: &Statement| {
        let path = error.value("path").map(|path| path.text());
        error.is(&RUN_WAITS) && path.is_some_and(|path| path == api.path())
    };
    if run.error.as_ref().is_some_and(waits_for_it) {
        run.error = None;
    }
}

fn change_shown(shown: &Shown, change: impl FnOnce(&mut SyncRun)) {
    shown.send_if_modified(|run| {
        let Some(before) = run.clone() else { return false };
        let mut after = SyncRun::clone(&before);
        change(&mut after);
        let differs = after != *before;
        if differs {
            *run = Some(Arc::new(after));
        }
        differs
    });
}
