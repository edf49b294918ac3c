//! Walking the settings, one walk at a time.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio::sync::Semaphore;

use super::{
    channels::EventChannels,
    check::{Check, CheckState, Finding},
    name::CheckName,
    walk::Walk,
};
use crate::{
    catalogue::checks::TEST_OUT_OF_TIME,
    clock::Clock,
    dingtalk::Client,
    directory::SnapshotHandle,
    settings::{AllowedHosts, SettingsHandle, SettingsPatch},
};

/// How long all of it may take: less than a request may take to be answered. What wasn't tested by then is told as
/// that.
const LONGEST: Duration = Duration::from_secs(15);

/// Walks the settings. Cheap to clone.
#[derive(Clone)]
pub struct Checkup(Arc<Parts>);

struct Parts {
    client: Client,
    settings: SettingsHandle,
    snapshots: SnapshotHandle,
    hosts: AllowedHosts,
    channels: EventChannels,
    clock: Clock,
    /// One walk at a time: the calls of all are bounded by what one makes.
    turn: Semaphore,
}

/// A walk is under way already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("another test of the settings is under way: wait for its end")]
pub struct Running;

/// What a walk found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Every check, in the order of the form.
    pub checks: Vec<Check>,
    /// Calls to DingTalk that were made.
    pub calls: u64,
    /// Those of them that may count against DingTalk's monthly quota.
    pub metered_calls: u32,
    /// The version of the settings that what was not given was taken from.
    pub settings_version: i64,
}

impl Report {
    /// The worst of the checks.
    pub fn state(&self) -> CheckState {
        let states = self.checks.iter().map(|check| check.finding.state);
        states.max().unwrap_or(CheckState::Skipped)
    }
}

impl Checkup {
    /// Over these parts.
    pub fn new(
        client: Client,
        settings: SettingsHandle,
        snapshots: SnapshotHandle,
        hosts: AllowedHosts,
        channels: EventChannels,
        clock: Clock,
    ) -> Self {
        Self(Arc::new(Parts {
            client,
            settings,
            snapshots,
            hosts,
            channels,
            clock,
            turn: Semaphore::new(1),
        }))
    }

    /// Tries the settings as `patch` would make them. Nothing of it is stored, and nobody is sent anything.
    ///
    /// # Errors
    /// Somebody else is trying them out.
    pub async fn run(&self, patch: &SettingsPatch) -> Result<Report, Running> {
        let parts = &self.0;
        let _turn = parts.turn.try_acquire().map_err(|_| Running)?;

        let current = parts.settings.current();
        let (settings, problems) = patch.tried(&current, &parts.hosts, parts.clock.now());
        let snapshot = parts.snapshots.current();
        let walk = Walk::of(&parts.client, settings, problems, &snapshot, parts.channels);
        // What is found is kept as it comes: of a walk that is cut short everything but the rest is known.
        let _ = tokio::time::timeout(LONGEST, walk.run()).await;

        let (found, calls, metered_calls) = walk.ended();
        Ok(Report {
            checks: in_order(found),
            calls,
            metered_calls,
            settings_version: current.version,
        })
    }
}

fn in_order(mut found: BTreeMap<CheckName, Finding>) -> Vec<Check> {
    let untested = || Finding::skipped(TEST_OUT_OF_TIME {});
    let checks = CheckName::all().map(|name| Check {
        name,
        finding: found.remove(&name).unwrap_or_else(untested),
    });
    checks.collect()
}
