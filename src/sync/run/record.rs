//! The record of a run that has just been started.

use chrono::{DateTime, Utc};

use crate::{
    directory::{RunCounts, RunMode, RunPhase, RunProgress, RunState, RunTrigger, SyncRun},
    id::id_at,
};

/// A run that has just been started.
pub(in crate::sync) fn started(
    trigger: RunTrigger,
    mode: RunMode,
    requested_by: Option<String>,
    now: DateTime<Utc>,
) -> SyncRun {
    let mut run = SyncRun {
        // Runs are sorted by it: it tells the same time as `started_at`.
        id: id_at(now),
        // Given when it is recorded.
        number: None,
        trigger,
        mode,
        requested_by,
        strategy: None,
        phase: RunPhase::Planning,
        phases: Vec::new(),
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
        shown_from: None,
        error: None,
    };
    run.note_phase(now);
    run
}
