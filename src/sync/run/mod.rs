//! One run: plan, crawl, verify, apply, publish.

mod again;
mod calls;
mod outside;
mod plan;
mod verify;
mod write;

use std::{sync::Arc, time::Duration};

pub(super) use again::{Again, MOST_ROUNDS, newest};
use chrono::{DateTime, Utc};
pub(super) use plan::{RunPlan, is_resumable, rests};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use uuid::{NoContext, Timestamp, Uuid};

use self::calls::CallCount;
use super::{
    crawl::{self, CrawlError, Crawled, Former, Journal, Pace},
    lease::Kept,
    report::{Report, WAITS, save_progress, tell_of_silence},
};
use crate::{
    clock::Clock,
    dingtalk::{Client, Connection, Session},
    directory::{
        DepartmentSelection, RemovalLimits, RunCounts, RunMode, RunPhase, RunProgress, RunState, RunTrigger,
        SnapshotHandle, SyncRun, Verdict,
    },
    store::{Store, StoreError},
    word::word,
};

/// No run goes on for longer: what it read first is too old by then, and something is wrong.
const LONGEST: Duration = Duration::from_hours(24);

/// How long a run's end may take to be recorded: the process may be waiting to end, too.
const LAST_WRITE: Duration = Duration::from_secs(5);

/// A run that has just been started.
pub(super) fn started(trigger: RunTrigger, mode: RunMode, requested_by: Option<String>, now: DateTime<Utc>) -> SyncRun {
    let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
    SyncRun {
        // Runs are sorted by it: it tells the same time as `started_at`.
        id: Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, now.timestamp_subsec_nanos())),
        trigger,
        mode,
        requested_by,
        strategy: None,
        phase: RunPhase::Planning,
        state: RunState::Running,
        verdict: None,
        findings: Vec::new(),
        evidence: None,
        resumed: 0,
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
    /// DingTalk is away: what was read is kept, and the run goes on after a while.
    SetAside(String),
    /// It can't go on; the sentence is fit for a caller's eyes.
    Failed(String),
}

impl From<CrawlError> for Stop {
    fn from(error: CrawlError) -> Self {
        match error {
            CrawlError::Fatal(error) => Self::Failed(error.message),
            CrawlError::Away(error) => Self::SetAside(error.message),
            CrawlError::Endless(why) => Self::Failed(why),
            CrawlError::Cancelled => Self::Interrupted(
                "The process was ended during the run; the next one goes on with it, where the settings are the same.",
            ),
            CrawlError::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::LeaseLost => Self::Interrupted("Another replica took the sync over."),
            StoreError::Unavailable => Self::Interrupted(
                "The mirror's database does not answer; the run goes on when it does, with what it has read.",
            ),
            // Nothing is lost, and whoever goes on with it finds out whether it is better.
            error if error.may_pass() => Self::SetAside(format!("The mirror's database failed: {error}.")),
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
    pub(super) pace: Pace,
    pub(super) limits: RemovalLimits,
    /// `user/get` calls an hour for the rolling verification.
    pub(super) verify_per_hour: u32,
    /// What the settings leave out.
    pub(super) selection: DepartmentSelection,
    /// The settings that the connection was made of.
    pub(super) settings_version: i64,
}

impl Tools {
    fn session(&self) -> Session {
        self.client.with(Arc::new(self.connection.clone())).bulk()
    }
}

/// Why a run by former settings ends.
const OUTDATED: &str = "The settings that the run read by were changed; another one begins with the new ones.";

/// Runs to the end, and records how it ended; showing that is the caller's. `cancelled` ends it early; so does the loss
/// of the lease. `is_outdated`: whether other settings than the run's are in force.
pub(super) async fn execute(
    tools: Tools,
    report: &mut Report,
    lease: &Kept,
    cancelled: &CancellationToken,
    is_outdated: impl Fn() -> bool,
) {
    let counting = CallCount::new(&tools.client, report.run());
    tracing::info!(
        sync.run_id = %report.run().id,
        sync.trigger = word(&report.run().trigger),
        sync.mode = word(&report.run().mode),
        sync.resumed = report.run().resumed,
        "sync started"
    );

    let ended = go(&tools, report, lease, cancelled, &counting).await;
    let (is_over, is_set_aside) = match &ended {
        Ok(()) | Err(Stop::Failed(_)) => (true, false),
        Err(Stop::Interrupted(_)) => (false, false),
        Err(Stop::SetAside(_)) => (false, true),
    };

    report.change_unseen(|run| {
        counting.put(&mut run.counts);
        run.finished_at = Some(tools.clock.now());
        run.progress.eta_seconds = None;
        match ended {
            Ok(()) => {
                run.state = RunState::Finished;
                run.phase = RunPhase::Finished;
                run.error = None;
            }
            Err(Stop::Interrupted(why)) => {
                run.state = RunState::Interrupted;
                run.error = Some(if is_outdated() { OUTDATED } else { why }.into());
            }
            Err(Stop::SetAside(why)) => {
                run.state = RunState::Interrupted;
                run.error = Some(format!(
                    "{why} What was read is kept: the run goes on with the next sync, by itself in some minutes where a server \
                     syncs by itself."
                ));
            }
            Err(Stop::Failed(why)) => {
                run.state = RunState::Failed;
                // Nothing of what it had read was applied: the last good mirror is served on.
                if run.phase != RunPhase::Planning {
                    run.verdict = Some(Verdict::Suspect);
                    run.findings
                        .push(format!("The run could not be finished, and nothing was applied: {why}"));
                }
                run.error = Some(why);
            }
        }
    });

    tell(report.run());
    let end = async {
        if is_set_aside {
            plan::rest(tools.store.clone(), report.run().id, tools.clock.now(), lease.lease()).await?;
        }
        report.save(&tools.store, Some(lease.lease())).await?;
        if is_over {
            tools.store.forget_way(report.run().id).await?;
        }
        Ok::<_, StoreError>(())
    };

    if !matches!(tokio::time::timeout(LAST_WRITE, end).await, Ok(Ok(()))) {
        // Whoever takes the lease next goes on with it, or marks it as interrupted.
        tracing::warn!(sync.run_id = %report.run().id, "the run's end could not be recorded");
    }
}

/// One line: an error where the run failed, a warning where it was interrupted.
fn tell(run: &SyncRun) {
    macro_rules! ended {
        ($level:ident) => {
            tracing::$level!(
                sync.run_id = %run.id,
                sync.mode = word(&run.mode),
                sync.state = word(&run.state),
                sync.verdict = run.verdict.as_ref().map(word),
                sync.revision = run.revision,
                sync.departments = run.progress.departments_read,
                sync.users = run.progress.users_read,
                sync.changed = run.counts.departments_changed + run.counts.users_changed,
                sync.held = run.counts.held,
                sync.findings = run.findings.join(" "),
                sync.error = run.error,
                "sync ended"
            )
        };
    }

    match run.state {
        RunState::Failed => ended!(error),
        RunState::Interrupted => ended!(warn),
        RunState::Finished | RunState::Running => ended!(info),
    }
}

async fn go(
    tools: &Tools,
    report: &mut Report,
    lease: &Kept,
    cancelled: &CancellationToken,
    counting: &CallCount,
) -> Result<(), Stop> {
    let (shown, done) = (report.shown(), CancellationToken::new());
    // Not on the run's own task: a transaction that waits for its turn while the run computes would hold the lease's
    // row meanwhile, and the lease could not be renewed.
    let saving = AbortOnDropHandle::new(tokio::spawn(save_progress(
        shown.clone(),
        tools.store.clone(),
        lease.lease().clone(),
        done.clone(),
    )));

    let work = async {
        let ended = tokio::select! {
            // A lost lease comes first: another replica may be at work by then.
            biased;
            () = lease.lost().cancelled() => Err(Stop::Interrupted("The lease was lost: the database was away too long, or another replica took the sync over.")),
            ended = work(tools, report, lease, cancelled, counting) => ended,
            () = tokio::time::sleep(LONGEST) => Err(Stop::Failed("It took longer than a day: see the log for what it waited for.".into())),
        };
        done.cancel();
        ended
    };

    let (ended, ()) = tokio::join!(work, tell_of_silence(&shown, &tools.client, &done));
    // A write that is under way ends before the run's last one begins.
    if saving.await.is_err() {
        tracing::error!("what saves the run's progress was ended: see the log");
    }
    ended
}

async fn work(
    tools: &Tools,
    report: &mut Report,
    lease: &Kept,
    cancelled: &CancellationToken,
    counting: &CallCount,
) -> Result<(), Stop> {
    super::catch_up::catch_up(&tools.store, &tools.snapshots).await?;
    let session = tools.session();
    let plan = tokio::select! {
        biased;
        () = cancelled.cancelled() => return Err(CrawlError::Cancelled.into()),
        plan = plan::made_or_kept(tools, &session, report.run(), lease.lease()) => plan?,
    };

    let run = report.run().id;
    let (mut journal, mut former) = Journal::open(&tools.store, &tools.clock, run, lease.lease()).await?;
    let resumed = former.len() as u64;
    report.change(|run| run.counts.resumed_answers += resumed);
    let mut crawled = read(
        tools,
        report,
        &session,
        &plan,
        (&mut journal, &mut former),
        cancelled,
        counting,
    )
    .await?;

    report.change(|run| {
        run.phase = RunPhase::Verifying;
        run.error = None;
        run.strategy = Some(crawled.strategy.name().into());
        run.counts.home_school_skipped = crawled.home_school_skipped;
        run.counts.entry_errors = crawled.errors.count();
    });

    let asked = crawled.observed.asked.get_or_insert_default();
    (asked.first, asked.run) = (plan.first, Some(run));
    crawled.unasked.clone_from(&plan.outline.outside);
    crawled.evidence.selection.clone_from(&tools.selection);
    crawled.evidence.authorised_users = plan.outline.users.iter().cloned().collect();
    verify::verify(
        tools,
        report,
        &session,
        (&mut journal, &mut former),
        &mut crawled,
        lease.lease(),
        cancelled,
    )
    .await?;

    report.change(|run| run.phase = RunPhase::Applying);
    write::write(tools, report, &session, crawled, lease.lease(), cancelled).await
}

async fn read(
    tools: &Tools,
    report: &mut Report,
    session: &Session,
    plan: &RunPlan,
    kept: (&mut Journal, &mut Former),
    cancelled: &CancellationToken,
    counting: &CallCount,
) -> Result<Crawled, Stop> {
    let snapshot = tools.snapshots.current();
    let crawled = crawl::crawl(session, snapshot, &plan.outline, tools.pace, kept, cancelled, |step| {
        report.change(|run| {
            run.phase = RunPhase::Crawling;
            run.progress = step.progress;
            run.error = step.waits_for.map(|why| format!("{WAITS}{why}"));
            run.strategy = step.strategy.map(|strategy| strategy.name().into());
            counting.put(&mut run.counts);
        });
    });
    Ok(crawled.await?)
}
