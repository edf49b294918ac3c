//! The record of a run that has just been started.

use chrono::{DateTime, Utc};
use uuid::{NoContext, Timestamp, Uuid};

use crate::directory::{RunCounts, RunMode, RunPhase, RunProgress, RunState, RunTrigger, SyncRun};

/// A run that has just been started.
pub(in crate::sync) fn started(
    trigger: RunTrigger,
    mode: RunMode,
    requested_by: Option<String>,
    now: DateTime<Utc>,
) -> SyncRun {
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
