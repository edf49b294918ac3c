//! One run, phase by phase: prepare, crawl, verify (judge, confirm absences), write (read once more, apply), end.

mod again;
mod apply;
mod calls;
mod context;
mod end;
mod outside;
mod plan;
mod record;
mod verify;
mod write;

use std::time::Duration;

pub(super) use context::RunContext;
pub(super) use plan::{is_resumable, rests};
pub(super) use record::started;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use uuid::Uuid;

use self::{calls::CallCount, end::EarlyEnd, plan::RunPlan};
use super::{
    catch_up::catch_up,
    crawl::{self, CrawlError, CrawlTask, Crawled, Journal},
    lease::LeaseGuard,
    report::{Report, save_progress, tell_of_silence},
};
use crate::{
    catalogue::sync::{RUN_LEASE_LOST, RUN_TOO_LONG},
    dingtalk::Session,
    directory::{RunPhase, SyncRun},
    settings::Api,
    store::Lease,
    word::word,
};

/// No run goes on for longer: what it read first is too old by then, and something is wrong.
const LONGEST: Duration = Duration::from_hours(24);

/// Runs to the end, and records how it ended; showing that is the caller's. `cancelled` ends it early; so does the loss
/// of the lease. `is_outdated`: whether other settings than the run's are in force.
pub(super) async fn execute(
    context: RunContext,
    report: &mut Report,
    guard: &LeaseGuard,
    cancelled: &CancellationToken,
    is_outdated: impl Fn() -> bool,
) {
    let calls = CallCount::new(&context.client, report.run());
    tracing::info!(
        sync.run_id = %report.run().id,
        sync.trigger = word(&report.run().trigger),
        sync.mode = word(&report.run().mode),
        sync.resumed = report.run().resumed,
        "sync started"
    );

    let mut run = Run {
        session: context.session(),
        context: &context,
        report,
        guard,
        cancelled,
        calls,
    };
    let ended = run.supervised().await;
    run.end(ended, is_outdated).await;
}

/// A run under way in this process.
struct Run<'a> {
    context: &'a RunContext,
    /// What DingTalk is asked by.
    session: Session,
    /// The run's record, and how it is shown and saved.
    report: &'a mut Report,
    /// Keeps the lease that its writes are fenced with.
    guard: &'a LeaseGuard,
    /// Ends it from outside.
    cancelled: &'a CancellationToken,
    calls: CallCount,
}

/// What a run has before it crawls.
struct Prepared {
    plan: RunPlan,
    /// The answers of before, and those that come.
    journal: Journal,
}

impl<'a> Run<'a> {
    fn record(&self) -> &SyncRun {
        self.report.run()
    }

    fn id(&self) -> Uuid {
        self.record().id
    }

    /// What writes are fenced with.
    fn fence(&self) -> &'a Lease {
        self.guard.lease()
    }

    /// The phases, with what goes on beside them: the progress is saved, silence is told of, the lease may be lost.
    async fn supervised(&mut self) -> Result<(), EarlyEnd> {
        let (context, guard) = (self.context, self.guard);
        let (shown, done) = (self.report.shown(), CancellationToken::new());
        // Not on the run's own task: a transaction that waits for its turn while the run computes would hold the
        // lease's row meanwhile, and the lease could not be renewed.
        let saving = AbortOnDropHandle::new(tokio::spawn(save_progress(
            shown.clone(),
            context.store.clone(),
            guard.lease().clone(),
            done.clone(),
        )));

        let phases = async {
            let ended = tokio::select! {
                // A lost lease comes first: another replica may be at work by then.
                biased;
                () = guard.lost().cancelled() => Err(EarlyEnd::Interrupted(RUN_LEASE_LOST {}.into())),
                ended = self.phases() => ended,
                () = tokio::time::sleep(LONGEST) => Err(EarlyEnd::Failed(RUN_TOO_LONG {}.into())),
            };
            done.cancel();
            ended
        };

        let (ended, ()) = tokio::join!(phases, tell_of_silence(&shown, &context.client, &done));
        // A write that is under way ends before the run's last one begins.
        if saving.await.is_err() {
            tracing::error!("what saves the run's progress was ended: see the log");
        }
        ended
    }

    async fn phases(&mut self) -> Result<(), EarlyEnd> {
        let mut prepared = self.prepare().await?;
        let mut crawled = self.crawl(&mut prepared).await?;
        self.verify(&mut prepared.journal, &mut crawled).await?;
        self.write(crawled).await
    }

    /// So many more calls are to come in this phase.
    fn expect_more(&mut self, calls: impl IntoIterator<Item = (Api, u64)>) {
        let made = &self.calls;
        self.report.change(|run| {
            made.put(&mut run.counts);
            made.expect_more(&mut run.counts, calls);
        });
    }

    /// What the run sets out to do, and what it has been answered already.
    async fn prepare(&mut self) -> Result<Prepared, EarlyEnd> {
        let context = self.context;
        catch_up(&context.store, &context.snapshots).await?;
        let plan = tokio::select! {
            biased;
            () = self.cancelled.cancelled() => return Err(CrawlError::Cancelled.into()),
            plan = self.plan() => plan?,
        };

        let journal = Journal::open(&context.store, &context.clock, self.id(), self.fence()).await?;
        let replayed = journal.replayed_count() as u64;
        self.report.change(|run| run.counts.resumed_answers += replayed);
        Ok(Prepared { plan, journal })
    }

    /// Reads what the plan says.
    async fn crawl(&mut self, Prepared { plan, journal }: &mut Prepared) -> Result<Crawled, EarlyEnd> {
        let (report, calls) = (&mut self.report, &self.calls);
        let task = CrawlTask {
            snapshot: self.context.snapshots.current(),
            outline: &plan.outline,
            bounds: self.context.bounds,
        };
        let crawled = crawl::crawl(&self.session, task, journal, self.cancelled, |progress| {
            report.change(|run| {
                run.phase = RunPhase::Crawling;
                run.progress = progress.progress;
                run.error = progress.waits_for;
                run.strategy = progress.strategy.map(|strategy| strategy.name().into());
                calls.put(&mut run.counts);
                calls.expect(&mut run.counts, progress.expected);
            });
        });
        let mut crawled = crawled.await?;

        self.report.change(|run| {
            run.phase = RunPhase::Verifying;
            run.error = None;
            run.strategy = Some(crawled.strategy.name().into());
            run.counts.home_school_skipped = crawled.home_school_skipped;
            run.counts.entry_errors = crawled.errors.count();
        });

        let asked = crawled.observed.asked.get_or_insert_default();
        (asked.first, asked.run) = (plan.first, Some(self.id()));
        crawled.unasked.clone_from(&plan.outline.outside);
        crawled.evidence.selection.clone_from(&self.context.selection);
        crawled.evidence.authorised_users = plan.outline.users.iter().cloned().collect();
        Ok(crawled)
    }
}
