//! Runs that were left behind: by a process that died or was shut down, or because DingTalk was away.

use chrono::{DateTime, Utc};

use super::SyncEngine;
use crate::{
    directory::{COMMAND_LINE, RunMode, SyncRun},
    store::StoreError,
    sync::run::{is_resumable, rests},
};

/// Runs that can be gone on with: the newest of those that write, and the newest dry run.
pub(super) struct LeftBehind {
    pub(super) writing: Option<SyncRun>,
    pub(super) dry: Option<SyncRun>,
    /// Whether they are left alone, because they found DingTalk away.
    rest: [bool; 2],
}

impl LeftBehind {
    /// The one that a server goes on with unasked. What was asked for in a terminal is for whoever sits there, or for
    /// the next sync that is due.
    pub(super) fn unasked(self) -> Option<SyncRun> {
        let is_free = |(run, rests): &(Option<SyncRun>, bool)| {
            let asked_by = run.as_ref().and_then(|run| run.requested_by.as_deref());
            !rests && asked_by != Some(COMMAND_LINE)
        };

        let both = [self.writing, self.dry].into_iter().zip(self.rest);
        both.filter(is_free).find_map(|(run, _)| run)
    }
}

impl SyncEngine {
    /// What can be gone on with.
    pub(super) async fn left_behind(&self, settings_version: i64) -> Result<LeftBehind, StoreError> {
        let (store, now) = (&self.0.store, self.0.clock.now());
        let writing = store.newest_writing_run().await?;
        let dry = store.newest_dry_run().await?;
        let (writing, writing_rests) = self.resumable(writing, settings_version, now).await?;
        let (dry, dry_rests) = self.resumable(dry, settings_version, now).await?;

        Ok(LeftBehind {
            writing,
            dry,
            rest: [writing_rests, dry_rests],
        })
    }

    /// The run under way, or the last one. By their numbers a dry run may be newer than the run that is gone on with
    /// after it.
    pub(super) async fn newest(&self) -> Result<Option<SyncRun>, StoreError> {
        let store = &self.0.store;
        let newest = store.newest_run().await?;
        if newest.as_ref().is_none_or(|run| run.mode != RunMode::DryRun) {
            return Ok(newest);
        }
        let writing = store.newest_writing_run().await?;
        // Without an end it is under way.
        let key = |run: &SyncRun| (run.finished_at.is_none(), run.finished_at);
        Ok(newest.into_iter().chain(writing).max_by_key(key))
    }

    /// `run`, where it can be gone on with, and whether it is to be left alone for now.
    async fn resumable(
        &self,
        run: Option<SyncRun>,
        settings_version: i64,
        now: DateTime<Utc>,
    ) -> Result<(Option<SyncRun>, bool), StoreError> {
        let Some(run) = run else {
            return Ok((None, false));
        };
        let plan = self.0.store.run_plan(run.id).await?;
        let is_resumable = is_resumable(&run, plan.as_deref(), settings_version, now);
        Ok((is_resumable.then_some(run), rests(plan.as_deref(), now)))
    }
}
