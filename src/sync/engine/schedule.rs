//! Runs that nobody asks for: on start, by the timer, and as soon as the settings allow one.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{RunRequest, SyncEngine, lease};
use crate::{
    backoff::Backoff,
    dingtalk::Connection,
    directory::{RunState, RunTrigger, SyncRun},
    store::StoreError,
    sync::{StartError, Started, catch_up::LOOK_EVERY, timer},
};

/// How long to wait before a start is tried again.
const AGAIN: Duration = Duration::from_secs(5);
/// How long the timer sleeps at most before it looks whether somebody else has synced meanwhile.
const LOOKS_AGAIN: Duration = Duration::from_secs(60);

impl RunRequest {
    /// Whichever run is due.
    fn due(trigger: Option<RunTrigger>) -> Self {
        Self {
            trigger,
            mode: None,
            requested_by: None,
            author: None,
        }
    }
}

impl SyncEngine {
    /// Goes on with runs that other processes left behind: soon after their lease ran out, and not only when the timer
    /// fires.
    pub(super) async fn take_over(&self) {
        if self.0.config.interval.is_none() && !self.0.config.on_start {
            return std::future::pending().await;
        }

        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            if self.is_left_behind().await {
                match self.start_as(RunRequest::due(None)).await {
                    Ok(Started {
                        run,
                        already_running: false,
                    }) => {
                        tracing::warn!(sync.run_id = %run.id, "a run that another process left behind goes on here");
                    }
                    Ok(_) | Err(StartError::NothingToResume | StartError::Busy) => {}
                    Err(error) => tracing::debug!(%error, "a run that was left behind can't be gone on with yet"),
                }
            }
        }
    }

    /// Whether there is a run to go on with unasked, and nobody who does.
    async fn is_left_behind(&self) -> bool {
        if self.here().is_some() {
            return false;
        }

        let store = &self.0.store;
        let version = self.0.settings.current().version;
        let is_left = self
            .left_behind(version)
            .await
            .is_ok_and(|left| left.unasked().is_some());
        is_left && matches!(store.is_lease_free(lease::NAME).await, Ok(true))
    }

    /// On start, by the timer, and as soon as settings that lacked something (or made a run fail) are changed.
    pub(super) async fn start_by_itself(&self) {
        let mut settings = self.0.settings.subscribe();
        let mut pending = self.0.config.on_start;

        loop {
            let configured = Connection::from_settings(&settings.borrow_and_update()).is_ok();
            if configured && pending {
                pending = self.start_first().await;
            }

            let timer = async {
                match self.0.config.interval {
                    Some(interval) if configured => self.tick(interval).await,
                    _ => std::future::pending().await,
                }
            };

            tokio::select! {
                changed = settings.changed() => {
                    if changed.is_err() {
                        return std::future::pending().await;
                    }
                    let is_unfinished = |run: &SyncRun| matches!(run.state, RunState::Failed | RunState::Interrupted);
                    let unfinished = self.0.shown.borrow().as_deref().is_some_and(is_unfinished);
                    pending |= !configured || unfinished;
                }
                () = timer => {}
            }
        }
    }

    /// Starts the first run; `true` where the settings no longer allow one.
    ///
    /// A run that is RUNNING already may be a dead process': it is asked for again until it ended, or its lease ran
    /// out.
    async fn start_first(&self) -> bool {
        let mut told = None;
        loop {
            match self.start_as(RunRequest::due(Some(RunTrigger::Startup))).await {
                Ok(Started {
                    already_running: false, ..
                }) => return false,
                Ok(Started { run, .. }) => told = Some(run.id),
                Err(StartError::NotConfigured(_)) => return true,
                Err(error) => tracing::warn!(%error, "the first sync could not be started yet"),
            }

            tokio::time::sleep(AGAIN).await;
            let finished = match told {
                Some(id) => matches!(self.0.store.run(id).await, Ok(Some(run)) if run.state == RunState::Finished),
                None => false,
            };
            if finished {
                return false;
            }
        }
    }

    /// When the timer's next run is due, by the settings and the runs as they stand; it begins a little later. `None`:
    /// there is no timer, or the settings lack something.
    pub async fn next_run_due(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        let Some(interval) = self.0.config.interval else {
            return Ok(None);
        };
        if Connection::from_settings(&self.0.settings.current()).is_err() {
            return Ok(None);
        }
        let last = self.0.store.newest_writing_run().await?;
        Ok(Some(timer::next_due(last.as_ref(), interval, self.0.clock.now())))
    }

    /// Waits for the timer's next run and starts it.
    async fn tick(&self, interval: Duration) {
        let jitter = timer::longest_jitter(interval);
        let late = Backoff::new(jitter, jitter).delay(0);

        loop {
            let Ok(last) = self.0.store.newest_writing_run().await else {
                tokio::time::sleep(AGAIN).await;
                continue;
            };

            let wait = timer::wait(last.as_ref(), interval, late, self.0.clock.now());
            if wait.is_zero() {
                if let Err(error) = self.start_as(RunRequest::due(Some(RunTrigger::Timer))).await {
                    tracing::warn!(%error, "the timer's sync could not be started yet");
                }
                // Where no run began, one is due again at once: without a rest the timer would spin.
                tokio::time::sleep(AGAIN.min(interval)).await;
                return;
            }

            // A run that somebody requests meanwhile puts the next one off: look again.
            tokio::time::sleep(wait.min(LOOKS_AGAIN)).await;
        }
    }
}
