//! A sync run as a record: what started it, how far it is, and how it ended.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::ids::Revision;

/// What started a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RunTrigger {
    /// The server started.
    Startup,
    /// The timer.
    Timer,
    /// `startSync` or `dingmirror sync`.
    Request,
}

/// Where a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RunPhase {
    /// Asking where the visible tree starts.
    Planning,
    /// Reading departments and people.
    Crawling,
    /// Cross-checking from both sides.
    Verifying,
    /// Writing what differs.
    Applying,
    /// Over.
    Finished,
}

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RunState {
    /// Still at work.
    Running,
    /// Ended with a verdict.
    Finished,
    /// Could not go on; `error` says why and what to do.
    Failed,
    /// The process ended under it.
    Interrupted,
}

/// What a finished run is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verdict {
    /// Everything that can be seen was read, and both sides agree.
    Complete,
    /// Some of it could not be read; what was read is applied, nobody is removed.
    Partial,
    /// The answers contradict each other or are implausible; nobody is removed.
    Suspect,
}

/// How far a run is. Totals grow while the tree is discovered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RunProgress {
    /// Departments discovered.
    pub departments_found: u64,
    /// Departments read.
    pub departments_read: u64,
    /// People discovered, each once.
    pub users_found: u64,
    /// People read.
    pub users_read: u64,
    /// Seconds to go, as far as can be told.
    pub eta_seconds: Option<u64>,
}

/// What a run changed and met.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RunCounts {
    /// Calls to DingTalk by API (`department_list_sub`, …), retries included.
    pub calls: BTreeMap<String, u64>,
    /// Calls that were throttled.
    pub throttled: u64,
    /// Departments created, updated, moved, restored, removed.
    pub departments_changed: u64,
    /// Users created, updated, moved, restored, removed.
    pub users_changed: u64,
    /// Records removed.
    pub removed: u64,
    /// Departments skipped because they are the home-school directory.
    pub home_school_skipped: u64,
    /// Records that could not be read: the run's entry errors.
    pub entry_errors: u64,
}

/// One run.
#[derive(Debug, Clone, PartialEq)]
pub struct SyncRun {
    /// Its id (UUID v7: sorts by time).
    pub id: Uuid,
    /// What started it.
    pub trigger: RunTrigger,
    /// Who asked, of a request.
    pub requested_by: Option<String>,
    /// How people are read: `BULK` (`user/list`) or `SEVEN_URLS` (`listid` + `user/get`); `None` until it is known.
    pub strategy: Option<String>,
    /// Where it is.
    pub phase: RunPhase,
    /// How it stands.
    pub state: RunState,
    /// What it is worth, once finished.
    pub verdict: Option<Verdict>,
    /// Why it isn't COMPLETE, a sentence each.
    pub findings: Vec<String>,
    /// When it started.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// How far it is.
    pub progress: RunProgress,
    /// What it changed and met.
    pub counts: RunCounts,
    /// The revision it made; `None` where nothing differed.
    pub revision: Option<Revision>,
    /// Why it failed, with the remedy; fit for a caller's eyes.
    pub error: Option<String>,
}

/// One record that a run could not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryError {
    /// `department 123` or `user abc`.
    pub subject: String,
    /// DingTalk's effective code, where it gave one.
    pub code: Option<String>,
    /// What happened and what to do.
    pub message: String,
}
