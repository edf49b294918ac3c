//! What starts runs: the start of the process, the timer, a request; and what tells how they go.

mod schedule;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::watch;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use super::{
    StartError, Started, SyncConfig,
    catch_up::LOOK_EVERY,
    lease::{self, Kept},
    report::{Report, Shown},
    run::{Tools, execute, started},
};
use crate::{
    clock::Clock,
    dingtalk::{Client, Connection},
    directory::{RunTrigger, SnapshotHandle, SyncRun},
    page::PageRequest,
    settings::SettingsHandle,
    store::{Store, StoreError},
};

/// How often, and how long apart, to look for the lease or for the row of the run that holds it.
const LOOKS_FOR_ROW: u32 = 20;
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// Starts syncs and tells how they go. Cheap to clone.
#[derive(Clone)]
pub struct SyncEngine(Arc<Inner>);

struct Inner {
    config: SyncConfig,
    store: Store,
    client: Client,
    settings: SettingsHandle,
    snapshots: SnapshotHandle,
    clock: Clock,
    /// Who this process is in the lease table.
    owner: String,
    shown: Shown,
    /// The run that this process executes, as it was when it started.
    here: Mutex<Option<SyncRun>>,
    /// Held while a run is being started, so that two requests don't race for one lease.
    starting: tokio::sync::Mutex<()>,
    runs: TaskTracker,
    stopping: CancellationToken,
}

/// While it lives, this process executes the run; however it ends, the next one can be started.
struct Here {
    engine: SyncEngine,
}

impl Here {
    fn new(engine: SyncEngine, run: SyncRun) -> Self {
        *engine.here() = Some(run);
        Self { engine }
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        *self.engine.here() = None;
    }
}

impl SyncEngine {
    /// An engine that does nothing until [`SyncEngine::start`] or [`SyncEngine::run`].
    pub fn new(
        config: SyncConfig,
        store: Store,
        client: Client,
        settings: SettingsHandle,
        snapshots: SnapshotHandle,
        clock: Clock,
    ) -> Self {
        Self(Arc::new(Inner {
            config,
            store,
            client,
            settings,
            snapshots,
            clock,
            owner: Uuid::new_v4().to_string(),
            shown: watch::Sender::new(None),
            here: Mutex::new(None),
            starting: tokio::sync::Mutex::new(()),
            runs: TaskTracker::new(),
            stopping: CancellationToken::new(),
        }))
    }

    /// The run under way or the last one, whichever replica runs it; runs elsewhere are looked up each second while
    /// [`SyncEngine::run`] is at work.
    pub fn progress(&self) -> watch::Receiver<Option<Arc<SyncRun>>> {
        self.0.shown.subscribe()
    }

    /// Starts a full sync, or tells the one that runs already (on any replica). Returns when the run is recorded, not when it ends.
    pub async fn start(&self, trigger: RunTrigger, requested_by: Option<String>) -> Result<Started, StartError> {
        let engine = self.clone();
        // In a task of its own: a caller who goes away must not leave a lease taken and a run recorded that nobody executes.
        let begun = self
            .0
            .runs
            .spawn(async move { engine.begin(trigger, requested_by).await });
        begun.await.unwrap_or(Err(StartError::ShuttingDown))
    }

    async fn begin(&self, trigger: RunTrigger, requested_by: Option<String>) -> Result<Started, StartError> {
        let inner = &self.0;
        let _starting = inner.starting.lock().await;
        if inner.stopping.is_cancelled() {
            return Err(StartError::ShuttingDown);
        }
        let running = |run| Started {
            run,
            already_running: true,
        };
        if let Some(run) = self.running_here() {
            return Ok(running(run));
        }
        let connection =
            Connection::from_settings(&inner.settings.current()).map_err(|missing| StartError::NotConfigured {
                missing: missing.into_iter().map(Into::into).collect(),
            })?;
        let ttl = inner.config.lease_ttl;
        let mut looks = 0;
        let lease = loop {
            if let Some(lease) = inner.store.acquire_lease(lease::NAME, &inner.owner, ttl).await? {
                break lease;
            }
            // Another replica's run; its row appears a moment after its lease, and ends a moment before it.
            if let Some(run) = inner.store.running_run().await? {
                return Ok(running(run));
            }
            looks += 1;
            if looks == LOOKS_FOR_ROW {
                return Err(StartError::Busy);
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        };
        let kept = Kept::new(inner.store.clone(), lease, ttl);
        let run = started(trigger, requested_by, inner.clock.now());
        if let Err(error) = self.record(&run).await {
            kept.release().await;
            return Err(error.into());
        }
        let tools = Tools {
            store: inner.store.clone(),
            client: inner.client.clone(),
            connection,
            snapshots: inner.snapshots.clone(),
            clock: inner.clock.clone(),
            width: inner.config.concurrency,
        };
        let here = Here::new(self.clone(), run.clone());
        let mut report = Report::new(run.clone(), inner.shown.clone());
        inner.runs.spawn(async move {
            execute(tools, &mut report, &kept, &here.engine.0.stopping).await;
            kept.release().await;
            drop(here);
            // Whoever sees the end may start the next run at once.
            report.show();
        });
        Ok(Started {
            run,
            already_running: false,
        })
    }

    /// Whoever holds the lease is alone: runs that are still RUNNING belong to processes that died.
    async fn record(&self, run: &SyncRun) -> Result<(), StoreError> {
        let interrupted = self.0.store.interrupt_running_runs(None).await?;
        if interrupted > 0 {
            tracing::warn!(
                interrupted,
                "runs of processes that ended under them were marked as interrupted"
            );
        }
        self.0.store.insert_run(run).await
    }

    fn running_here(&self) -> Option<SyncRun> {
        let here = self.here().clone()?;
        let shown = self.0.shown.borrow().clone();
        Some(shown.filter(|run| run.id == here.id).map_or(here, |run| (*run).clone()))
    }

    fn here(&self) -> MutexGuard<'_, Option<SyncRun>> {
        self.0.here.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn newest(&self) -> Result<Option<SyncRun>, StoreError> {
        Ok(self
            .0
            .store
            .runs(PageRequest::new(1, None))
            .await?
            .items
            .into_iter()
            .next())
    }

    /// Runs timer, on-start sync, and the requested ones until `shutdown`; a run under way is ended as INTERRUPTED and its lease released.
    pub async fn run(&self, shutdown: CancellationToken) {
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = self.watch() => {}
            () = self.start_by_itself() => {}
        }
        self.0.stopping.cancel();
        // A start that is under way either sees the token or has spawned its run by now.
        drop(self.0.starting.lock().await);
        self.0.runs.close();
        self.0.runs.wait().await;
    }

    /// Shows the runs of other replicas.
    async fn watch(&self) {
        loop {
            let is_here = || self.here().is_some();
            if !is_here()
                && let Ok(newest) = self.newest().await
                && !is_here()
            {
                self.0.shown.send_if_modified(|shown| {
                    let differs = newest.is_some() && shown.as_deref() != newest.as_ref();
                    if differs {
                        *shown = newest.map(Arc::new);
                    }
                    differs
                });
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}
