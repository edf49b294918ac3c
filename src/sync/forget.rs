//! Forgetting what is older than it shall be kept: events, sync runs, the change log, and the audit log.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{SyncEngine, events::GIVEN_UP_AFTER};
use crate::{directory::RunMode, settings::Api, store::StoreError};

/// DingTalk repeats an event for minutes; so long it is known again.
const EVENTS: Duration = Duration::from_hours(48);
/// How often to look for what is old.
const EVERY: Duration = Duration::from_hours(1);
/// How often DingTalk is asked what time it is, where it hasn't told yet.
const ASK_EVERY: Duration = Duration::from_secs(10);
/// Between two deletions: the events and requests of the day come before the past.
const REST: Duration = Duration::from_millis(20);

impl SyncEngine {
    /// Forgets at the start and then each hour. Every replica does: there is little to do for the second.
    pub(super) async fn forget_the_past(&self) {
        let mut said = false;
        loop {
            self.compare_clocks().await;
            match self.give_up_events().await {
                Ok(0) => said = false,
                // Said once; what ails is said by whoever can't act.
                Ok(given_up) if !said => {
                    said = true;
                    tracing::warn!(
                        given_up,
                        "events that could not be acted upon for a week are given up; the runs that read everything make up for them"
                    );
                }
                Ok(_) => {}
                Err(error) => tracing::debug!(%error, "old events can't be given up yet"),
            }

            if let Err(error) = self.forget_once().await {
                tracing::debug!(%error, "what is old can't be forgotten yet");
            }

            tokio::time::sleep(EVERY).await;
        }
    }

    /// Before anything is forgotten for good: a clock that is ahead would take what is young for old.
    async fn compare_clocks(&self) {
        let inner = &self.0;
        while !inner.clock.may_forget() {
            let settings = inner.settings.current();
            if settings.app_key.is_some()
                && let Some(url) = settings.urls.get(&Api::GetToken)
            {
                inner.client.hear_time(url).await;
            }

            if !inner.clock.may_forget() {
                tokio::time::sleep(ASK_EVERY).await;
            }
        }
    }

    /// While DingTalk refuses for weeks, events would pile up; how many are given up.
    async fn give_up_events(&self) -> Result<u64, StoreError> {
        let mut given_up = 0;
        let Some(before) = self.ago(GIVEN_UP_AFTER) else {
            return Ok(0);
        };
        loop {
            match self.0.store.give_up_events(before).await? {
                0 => return Ok(given_up),
                more => given_up += more,
            }
            tokio::time::sleep(REST).await;
        }
    }

    async fn forget_once(&self) -> Result<(), StoreError> {
        let (store, kept) = (&self.0.store, self.0.config.retention);

        if let Some(before) = self.ago(EVENTS) {
            while store.forget_events(before).await? > 0 {
                tokio::time::sleep(REST).await;
            }
        }

        // No run compares with what is older: none is gone on with for so long.
        if let Some(before) = self.ago(EVENTS) {
            while store.forget_readings(before).await? > 0 {
                tokio::time::sleep(REST).await;
            }
        }

        if let Some(before) = kept.runs.and_then(|kept| self.ago(kept)) {
            while store.forget_runs(before).await? > 0 {
                tokio::time::sleep(REST).await;
            }
        }
        if let Some(before) = kept.changes.and_then(|kept| self.ago(kept)) {
            while store.forget_changes(before).await? > 0 {
                tokio::time::sleep(REST).await;
            }
        }

        if let Some(before) = kept.audit_log.and_then(|kept| self.ago(kept)) {
            while store.forget_audit_log(before).await? > 0 {
                tokio::time::sleep(REST).await;
            }
        }

        // A full run has made up for what was lost before it.
        if let Some(full) = store.last_complete(RunMode::Full).await? {
            store.forget_lost_failed_pushes(full.started_at).await?;
        }
        Ok(())
    }

    /// `None`: before there were clocks.
    fn ago(&self, time: Duration) -> Option<DateTime<Utc>> {
        let time = chrono::Duration::from_std(time).ok()?;
        self.0.clock.earliest().checked_sub_signed(time)
    }
}
