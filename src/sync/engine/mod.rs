//! What starts runs: the start of the process, the timer, a request; and what tells how they go.

mod basis;
mod left;
mod schedule;

use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use arc_swap::ArcSwap;
use tokio::sync::watch;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::basis::Basis;
use super::{
    StartError, Started, SyncConfig,
    catch_up::LOOK_EVERY,
    crawl::CrawlBounds,
    lease::{self, LeaseGuard},
    report::{Report, Shown},
    run::{RunContext, execute, started},
    timer, verification,
};
use crate::{
    audit::Author,
    clock::Clock,
    dingtalk::{Client, Connection},
    directory::{DepartmentSelection, RunMode, RunPhase, RunState, RunTrigger, SnapshotHandle, SyncRun, Verification},
    id::random_id,
    settings::{Settings, SettingsHandle},
    store::{BegunRun, Lease, RunBeginning, Store, StoreError},
};

/// How often, and how long apart, to look for the lease or for the row of the run that holds it.
const LOOKS_FOR_ROW: u32 = 20;
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// What the settings leave out.
pub(super) fn selection(settings: &Settings) -> DepartmentSelection {
    DepartmentSelection::of_ids(&settings.include_departments, &settings.exclude_departments)
}

/// What is asked of the engine.
struct RunRequest {
    /// `None`: only to go on with a run that was left behind.
    trigger: Option<RunTrigger>,
    /// `None`: whichever is due.
    mode: Option<RunMode>,
    requested_by: Option<String>,
    /// Who asks for it now, for the audit log; nobody does where the program begins it by itself.
    author: Option<Author>,
}

/// Starts syncs and tells how they go. Cheap to clone.
#[derive(Clone)]
pub struct SyncEngine(pub(super) Arc<EngineShared>);

pub(super) struct EngineShared {
    pub(super) config: SyncConfig,
    pub(super) store: Store,
    pub(super) client: Client,
    pub(super) settings: SettingsHandle,
    pub(super) snapshots: SnapshotHandle,
    pub(super) clock: Clock,
    /// Who this process is in the lease table.
    pub(super) owner: String,
    shown: Shown,
    /// What was verified when, as the database had it a second ago.
    verification: ArcSwap<Verification>,
    /// The run that this process executes, as it was when it started.
    here: Mutex<Option<SyncRun>>,
    /// Held while a run is being started, so that two requests don't race for one lease.
    starting: tokio::sync::Mutex<()>,
    pub(super) runs: TaskTracker,
    pub(super) stopping: CancellationToken,
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
        Self(Arc::new(EngineShared {
            config,
            store,
            client,
            settings,
            snapshots,
            clock,
            owner: random_id().to_string(),
            shown: watch::Sender::new(None),
            verification: ArcSwap::default(),
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

    /// How long a change that no event told of can stay unseen: the longest time between two syncs by the timer, and
    /// however many of them the round of re-reading takes. `None`: there is no timer.
    pub fn verification_cycle(&self) -> Option<Duration> {
        let interval = self.0.config.interval?;
        let per_run = f64::from(self.0.config.verify_per_hour) * interval.as_secs_f64().min(3_600.0) / 3_600.0;
        let people = self.0.snapshots.current().user_count() as f64;
        if per_run < 1.0 {
            return None;
        }
        Some(timer::longest_lap(interval).mul_f64((people / per_run).ceil().max(1.0)))
    }

    /// What was verified when, whichever replica did it.
    pub fn verification(&self) -> Arc<Verification> {
        self.0.verification.load_full()
    }

    /// Starts a sync, or tells the one that runs already (on any replica). Returns when the run is recorded, not when
    /// it ends.
    ///
    /// A run of the same mode that an earlier process left behind is gone on with instead: what it asked is not asked
    /// again.
    pub async fn start(&self, trigger: RunTrigger, mode: RunMode, by: Option<Author>) -> Result<Started, StartError> {
        self.start_as(RunRequest {
            trigger: Some(trigger),
            mode: Some(mode),
            requested_by: by.as_ref().map(|by| by.subject.clone()),
            author: by,
        })
        .await
    }

    async fn start_as(&self, request: RunRequest) -> Result<Started, StartError> {
        let engine = self.clone();
        // In a task of its own: a caller who goes away must not leave a lease taken and a run recorded that nobody
        // executes.
        let begun = self.0.runs.spawn(async move { engine.begin(request).await });
        begun.await.unwrap_or(Err(StartError::ShuttingDown))
    }

    async fn begin(&self, request: RunRequest) -> Result<Started, StartError> {
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

        let settings = inner.settings.current();
        let connection = Connection::from_settings(&settings)
            .map_err(|missing| StartError::NotConfigured(settings.incomplete(&missing)))?;

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

        let guard = LeaseGuard::new(inner.store.clone(), lease, ttl);
        let run = match self.record(&request, settings.version, guard.lease()).await {
            Ok(Some(run)) => run,
            Ok(None) => {
                guard.release().await;
                return Err(StartError::NothingToResume);
            }
            Err(error) => {
                guard.release().await;
                return Err(error.into());
            }
        };

        let context = RunContext {
            store: inner.store.clone(),
            client: inner.client.clone(),
            connection,
            snapshots: inner.snapshots.clone(),
            clock: inner.clock.clone(),
            bounds: CrawlBounds {
                width: inner.config.concurrency,
                patience: inner.config.patience,
            },
            limits: inner.config.limits,
            verify_per_hour: inner.config.verify_per_hour,
            settings_version: settings.version,
            selection: selection(&settings),
        };

        let here = Here::new(self.clone(), run.clone());
        let mut report = Report::new(
            run.clone(),
            inner.shown.clone(),
            inner.client.clone(),
            inner.clock.clone(),
        );
        let basis = Basis::new(&context, inner.settings.clone());
        inner.runs.spawn(async move {
            let engine = here.engine.clone();
            let cancelled = engine.0.stopping.child_token();
            tokio::select! {
                () = execute(context, &mut report, &guard, &cancelled, || basis.is_outdated()) => {}
                () = basis.until_outdated(&cancelled) => {}
            }

            guard.release().await;
            drop(here);
            // Whoever sees the end may start the next run at once.
            report.show();
            if report.run().state == RunState::Interrupted && basis.is_outdated() {
                engine.begin_anew(report.run()).await;
            }
        });

        Ok(Started {
            run,
            already_running: false,
        })
    }

    /// Does what a run that began by former settings was asked to do. Boxed, because a beginning spawns what ends by
    /// this.
    fn begin_anew(&self, former: &SyncRun) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let request = RunRequest {
            trigger: Some(former.trigger),
            mode: Some(former.mode),
            requested_by: former.requested_by.clone(),
            author: None,
        };
        Box::pin(async move {
            if let Err(error) = self.begin(request).await {
                tracing::warn!(%error, "no sync begins with the new settings yet");
            }
        })
    }

    /// Whoever holds the lease is alone: runs that are still RUNNING belong to processes that died. The newest of them
    /// is gone on with where that is possible; `None` where only that was asked for, and it is not.
    async fn record(
        &self,
        request: &RunRequest,
        settings_version: i64,
        fence: &Lease,
    ) -> Result<Option<SyncRun>, StoreError> {
        let left = self.left_behind(settings_version).await?;
        // A dry run comes in between: it takes nothing from the run that is gone on with after it.
        let is_dry = |run: &SyncRun| run.mode == RunMode::DryRun;
        let writing = left.writing.as_ref().map(|run| run.id);
        let resumed = match (request.mode, request.trigger) {
            (None, None) => left.unasked(),
            (Some(RunMode::DryRun), _) => left.dry,
            (mode, _) => left.writing.filter(|run| mode.is_none_or(|mode| mode == run.mode)),
        };

        let begun = match (resumed, request.trigger) {
            (Some(mut run), _) => {
                run.state = RunState::Running;
                run.phase = RunPhase::Planning;
                run.resumed += 1;
                run.finished_at = None;
                run.error = None;
                run.note_phase(self.0.clock.now());
                Some(BegunRun::Resumed(run))
            }
            (None, Some(trigger)) => {
                let mode = match request.mode {
                    Some(mode) => mode,
                    None => self.mode_due().await?,
                };
                let run = started(trigger, mode, request.requested_by.clone(), self.0.clock.now());
                Some(BegunRun::New(run))
            }
            (None, None) => None,
        };

        let kept = begun.as_ref().and_then(|begun| {
            let (BegunRun::New(run) | BegunRun::Resumed(run)) = begun;
            writing.filter(|_| is_dry(run))
        });
        let asked_by = request.author.as_ref();
        let beginning = self.0.store.begin_run(begun.as_ref(), kept, fence, asked_by);
        let RunBeginning { interrupted, number } = beginning.await?;
        if interrupted > 0 {
            tracing::warn!(
                interrupted,
                "runs of processes that ended under them can't be gone on with"
            );
        }

        Ok(begun.map(|(BegunRun::New(run) | BegunRun::Resumed(run))| SyncRun { number, ..run }))
    }

    /// A full run where the last one is old or there is none, or where events were lost since; otherwise a
    /// reconciliation.
    async fn mode_due(&self) -> Result<RunMode, StoreError> {
        let lost = self.0.store.failed_pushes_lost_at().await?;
        let full = self.0.store.last_finished(RunMode::Full).await?;
        let is_due = timer::is_full_due(full.as_ref(), lost, self.0.config.full_every, self.0.clock.now());
        Ok(if is_due { RunMode::Full } else { RunMode::Reconcile })
    }

    fn running_here(&self) -> Option<SyncRun> {
        let here = self.here().clone()?;
        let shown = self.0.shown.borrow().clone();
        Some(shown.filter(|run| run.id == here.id).map_or(here, |run| (*run).clone()))
    }

    fn here(&self) -> MutexGuard<'_, Option<SyncRun>> {
        self.0.here.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs timer, on-start sync, and the requested ones, and acts on events, until `shutdown`; a run under way is
    /// ended as INTERRUPTED, and both leases are released.
    pub async fn run(&self, shutdown: CancellationToken) {
        let runs = async {
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = self.watch() => {}
                () = self.start_by_itself() => {}
                () = self.take_over() => {}
                () = self.forget_the_past() => {}
            }

            self.0.stopping.cancel();
            // A start that is under way either sees the token or has spawned its run by now.
            drop(self.0.starting.lock().await);
            self.0.runs.close();
            self.0.runs.wait().await;
        };

        // Told to stop, and not dropped: it has a lease to give back.
        tokio::join!(runs, self.act_on_events());
    }

    /// Shows the runs of other replicas.
    async fn watch(&self) {
        loop {
            let is_here = || self.here().is_some();
            if !is_here()
                && let Ok(newest) = self.newest().await
            {
                self.0.shown.send_if_modified(|shown| {
                    // Looked at while nobody else can show anything: a run that begins here must not be shown as it
                    // ended before.
                    let differs = !is_here() && newest.is_some() && shown.as_deref() != newest.as_ref();
                    if differs {
                        *shown = newest.map(Arc::new);
                    }
                    differs
                });
            }

            if let Ok(verification) = verification::load(&self.0.store).await {
                self.0.verification.store(Arc::new(verification));
            }

            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}
