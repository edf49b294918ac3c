//! One run: crawl, verify, plan, apply, publish.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    apply::apply,
    crawl::{self, CrawlError, Crawled},
    lease::Kept,
    report::{Report, save_progress},
};
use crate::{
    clock::Clock,
    dingtalk::{CallStats, Client, Connection},
    directory::{
        Removals, RunCounts, RunPhase, RunProgress, RunState, RunTrigger, SnapshotHandle, SyncRun, Verdict, absence,
        judge,
    },
    store::{Lease, Store, StoreError},
};

/// How long a run's end may take to be recorded: the process may be waiting to end, too.
const LAST_WRITE: Duration = Duration::from_secs(5);

/// A run that has just been started.
pub(super) fn started(trigger: RunTrigger, requested_by: Option<String>, now: DateTime<Utc>) -> SyncRun {
    SyncRun {
        id: Uuid::now_v7(),
        trigger,
        requested_by,
        strategy: None,
        phase: RunPhase::Planning,
        state: RunState::Running,
        verdict: None,
        findings: Vec::new(),
        started_at: now,
        finished_at: None,
        progress: RunProgress::default(),
        counts: RunCounts::default(),
        revision: None,
        error: None,
    }
}

/// Why a run did not finish.
enum Stop {
    /// Shut down, or the lease was lost.
    Interrupted(&'static str),
    /// It can't go on; the sentence is fit for a caller's eyes.
    Failed(String),
}

impl From<CrawlError> for Stop {
    fn from(error: CrawlError) -> Self {
        match error {
            CrawlError::Fatal(error) => Self::Failed(error.message),
            CrawlError::Cancelled => Self::Interrupted("The server was shut down during the run."),
        }
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::LeaseLost => Self::Interrupted("Another replica took the sync over."),
            error => Self::Failed(format!("The mirror's database failed: {error}.")),
        }
    }
}

/// What a run works with.
pub(super) struct Tools {
    pub(super) store: Store,
    pub(super) client: Client,
    pub(super) connection: Connection,
    pub(super) snapshots: SnapshotHandle,
    pub(super) clock: Clock,
    pub(super) width: usize,
}

/// Runs to the end, and records how it ended; showing that is the caller's. `cancelled` ends it early; so does the loss of the lease.
pub(super) async fn execute(tools: Tools, report: &mut Report, lease: &Kept, cancelled: &CancellationToken) {
    let before = tools.client.stats();
    tracing::info!(sync.run_id = %report.run().id, sync.trigger = ?report.run().trigger, "sync started");
    let ended = go(&tools, report, lease, cancelled, &before).await;
    let calls = tools.client.stats();
    report.change_unseen(|run| {
        count_calls(&mut run.counts, &before, &calls);
        run.finished_at = Some(tools.clock.now());
        run.progress.eta_seconds = None;
        match ended {
            Ok(()) => {
                run.state = RunState::Finished;
                run.phase = RunPhase::Finished;
            }
            Err(Stop::Interrupted(why)) => {
                run.state = RunState::Interrupted;
                run.error = Some(why.into());
            }
            Err(Stop::Failed(why)) => {
                run.state = RunState::Failed;
                run.error = Some(why);
            }
        }
    });
    let run = report.run();
    tracing::info!(
        sync.run_id = %run.id,
        sync.state = ?run.state,
        sync.verdict = ?run.verdict,
        sync.revision = run.revision,
        sync.departments = run.progress.departments_read,
        sync.users = run.progress.users_read,
        sync.changed = run.counts.departments_changed + run.counts.users_changed,
        sync.findings = ?run.findings,
        sync.error = run.error,
        "sync ended"
    );
    let saved = tokio::time::timeout(LAST_WRITE, report.save(&tools.store, Some(lease.lease()))).await;
    if !matches!(saved, Ok(Ok(()))) {
        // Whoever takes the lease next marks the run as interrupted.
        tracing::warn!(sync.run_id = %report.run().id, "the run's end could not be recorded");
    }
}

async fn go(
    tools: &Tools,
    report: &mut Report,
    lease: &Kept,
    cancelled: &CancellationToken,
    before: &CallStats,
) -> Result<(), Stop> {
    let (shown, done) = (report.shown(), CancellationToken::new());
    let work = async {
        let mut crawled = read(tools, report, cancelled, before).await?;
        report.change(|run| {
            run.phase = RunPhase::Verifying;
            run.strategy = Some(crawled.strategy.name().into());
            run.counts.home_school_skipped = crawled.home_school_skipped;
            run.counts.entry_errors = crawled.errors.count();
        });
        verify(tools, report, &mut crawled, cancelled).await?;
        report.change(|run| run.phase = RunPhase::Applying);
        write(tools, report, crawled, lease.lease(), cancelled).await
    };
    let work = async {
        let ended = tokio::select! {
            biased;
            () = lease.lost().cancelled() => Err(Stop::Interrupted("The lease was lost: the database was away too long, or another replica took the sync over.")),
            ended = work => ended,
        };
        done.cancel();
        ended
    };
    tokio::join!(work, save_progress(&shown, &tools.store, lease.lease(), &done)).0
}

async fn read(
    tools: &Tools,
    report: &mut Report,
    cancelled: &CancellationToken,
    before: &CallStats,
) -> Result<Crawled, Stop> {
    super::catch_up::catch_up(&tools.store, &tools.snapshots).await?;
    let session = tools.client.with(Arc::new(tools.connection.clone()));
    let snapshot = tools.snapshots.current();
    let crawled = crawl::crawl(&session, snapshot, tools.width, cancelled, |step| {
        let calls = tools.client.stats();
        report.change(|run| {
            run.phase = RunPhase::Crawling;
            run.progress = step.progress;
            run.strategy = step.strategy.map(|strategy| strategy.name().into());
            count_calls(&mut run.counts, before, &calls);
        });
    });
    Ok(crawled.await?)
}

/// The verdict, with every absence asked about before anything is removed.
async fn verify(
    tools: &Tools,
    report: &mut Report,
    crawled: &mut Crawled,
    cancelled: &CancellationToken,
) -> Result<(), Stop> {
    let snapshot = tools.snapshots.current();
    let (observed, evidence) = (
        std::mem::take(&mut crawled.observed),
        std::mem::take(&mut crawled.evidence),
    );
    // A hundred thousand people from both sides: not on a thread that answers requests.
    let judged = tokio::task::spawn_blocking(move || {
        let judgement = judge(&snapshot, &observed, &evidence);
        let absent = absence(&snapshot, &observed);
        (observed, evidence, judgement, absent)
    });
    let Ok((observed, evidence, mut judgement, absent)) = judged.await else {
        return Err(Stop::Failed("What was read could not be judged: see the log.".into()));
    };
    (crawled.observed, crawled.evidence) = (observed, evidence);
    if judgement.verdict == Verdict::Complete && !absent.is_empty() {
        let session = tools.client.with(Arc::new(tools.connection.clone()));
        crawl::confirm(&session, absent, tools.width, crawled, &mut judgement, cancelled).await?;
    }
    if judgement.verdict == Verdict::Complete {
        crawled.observed.removals = Removals::Absent;
    }
    report.change(|run| {
        run.verdict = Some(judgement.verdict);
        run.findings = judgement.findings;
        run.findings.append(&mut crawled.notes);
        run.counts.entry_errors = crawled.errors.count();
    });
    Ok(())
}

/// What differs, in one transaction, and the entry errors beside it.
async fn write(
    tools: &Tools,
    report: &mut Report,
    crawled: Crawled,
    fence: &Lease,
    cancelled: &CancellationToken,
) -> Result<(), Stop> {
    let run = report.run().id;
    let applied = apply(tools, run, Arc::new(crawled.observed), fence, cancelled).await?;
    if !crawled.errors.kept().is_empty() {
        tools.store.add_entry_errors(run, crawled.errors.kept()).await?;
    }
    report.change(|run| {
        run.revision = applied.revision;
        run.counts.departments_changed = applied.departments;
        run.counts.users_changed = applied.users;
        run.counts.removed = applied.removed;
    });
    Ok(())
}

/// The calls since the run began, as the client counts them: sending by this process at the same time is among them.
fn count_calls(counts: &mut RunCounts, before: &CallStats, now: &CallStats) {
    let since = now
        .calls
        .iter()
        .map(|(api, calls)| (api, calls - before.calls.get(api).copied().unwrap_or(0).min(*calls)));
    counts.calls = since
        .filter(|(_, calls)| *calls > 0)
        .map(|(api, calls)| {
            (
                serde_json::to_value(api)
                    .ok()
                    .and_then(|it| it.as_str().map(Into::into))
                    .unwrap_or_default(),
                calls,
            )
        })
        .collect();
    counts.throttled = now.throttled.saturating_sub(before.throttled);
}
