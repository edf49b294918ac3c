//! How a run ends, and how its end is recorded.

use std::time::Duration;

use super::{Run, plan};
use crate::{
    catalogue::{Statement, sync as said},
    directory::{RunPhase, RunState, SyncRun, Verdict},
    store::StoreError,
    sync::crawl::CrawlError,
    word::word,
};

/// How long a run's end may take to be recorded: the process may be waiting to end, too.
const LAST_WRITE: Duration = Duration::from_secs(5);

/// How a run ends early: why it did not finish.
pub(super) enum EarlyEnd {
    /// Shut down, or the lease was lost.
    Interrupted(Statement),
    /// DingTalk is away: what was read is kept, and the run goes on after a while.
    SetAside(Statement),
    /// It can't go on; what is said is fit for a caller's eyes.
    Failed(Statement),
}

impl From<CrawlError> for EarlyEnd {
    fn from(error: CrawlError) -> Self {
        match error {
            CrawlError::Fatal(error) => Self::Failed(error.message),
            CrawlError::Away(error) => Self::SetAside(error.message),
            CrawlError::Endless(why) => Self::Failed(why),
            CrawlError::Cancelled => Self::Interrupted(said::RUN_PROCESS_ENDED {}.into()),
            CrawlError::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for EarlyEnd {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::LeaseLost => Self::Interrupted(said::RUN_TAKEN_OVER {}.into()),
            StoreError::Unavailable => Self::Interrupted(said::RUN_DATABASE_AWAY {}.into()),
            // Nothing is lost, and whoever goes on with it finds out whether it is better.
            error if error.may_pass() => Self::SetAside(failed(&error)),
            error => Self::Failed(failed(&error)),
        }
    }
}

fn failed(error: &StoreError) -> Statement {
    let fault = error.to_string();
    said::RUN_DATABASE_FAILED { fault }.into()
}

impl Run<'_> {
    /// Records how the run ended; showing that is the caller's. `is_outdated`: whether other settings than the run's
    /// are in force.
    pub(super) async fn end(&mut self, ended: Result<(), EarlyEnd>, is_outdated: impl Fn() -> bool) {
        let (is_over, is_set_aside) = match &ended {
            Ok(()) | Err(EarlyEnd::Failed(_)) => (true, false),
            Err(EarlyEnd::Interrupted(_)) => (false, false),
            Err(EarlyEnd::SetAside(_)) => (false, true),
        };

        let (calls, context) = (&self.calls, self.context);
        self.report.change_unseen(|run| {
            calls.put(&mut run.counts);
            run.finished_at = Some(context.clock.now());
            run.progress.eta_seconds = None;
            run.counts.expected = None;
            match ended {
                Ok(()) => {
                    run.state = RunState::Finished;
                    run.phase = RunPhase::Finished;
                    run.error = None;
                }
                Err(EarlyEnd::Interrupted(why)) => {
                    run.state = RunState::Interrupted;
                    let outdated = is_outdated().then(|| said::RUN_OUTDATED {}.into());
                    run.error = Some(outdated.unwrap_or(why));
                }
                Err(EarlyEnd::SetAside(why)) => {
                    run.state = RunState::Interrupted;
                    run.error = Some(said::RUN_SET_ASIDE { why }.into());
                }
                Err(EarlyEnd::Failed(why)) => {
                    run.state = RunState::Failed;
                    // Nothing of what it had read was applied: the last good mirror is served on.
                    if run.phase != RunPhase::Planning {
                        run.verdict = Some(Verdict::Suspect);
                        run.findings.push(said::RUN_UNFINISHED { why: &why }.into());
                    }
                    run.error = Some(why);
                }
            }
        });

        tell(self.record());
        let last_write = async {
            if is_set_aside {
                plan::rest(context.store.clone(), self.id(), context.clock.now(), self.fence()).await?;
            }
            self.report.save(&context.store, Some(self.fence())).await?;
            if is_over {
                context.store.forget_way(self.id()).await?;
            }
            Ok::<_, StoreError>(())
        };

        if !matches!(tokio::time::timeout(LAST_WRITE, last_write).await, Ok(Ok(()))) {
            // Whoever takes the lease next goes on with it, or marks it as interrupted.
            tracing::warn!(sync.run_id = %self.id(), "the run's end could not be recorded");
        }
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
                sync.findings = run.findings.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
                sync.error = run.error.as_ref().map(ToString::to_string),
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
