//! A sync run as a record: what started it, how far it is, and how it ended.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::ids::Revision;
use crate::catalogue::Statement;

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

/// Who asked for a run, where it was asked for in a terminal (`dingmirror sync`).
pub const COMMAND_LINE: &str = "command line";

/// What a run reads, and whether it writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RunMode {
    /// Everything that the strategy's lists tell, and the records of whoever is new or differs; everybody's where there
    /// are no lists.
    #[default]
    Full,
    /// The whole structure (departments and who is in them), the records of whoever is new or differs, and the records
    /// that were not verified for longest, as many as the budget of calls an hour allows.
    Reconcile,
    /// As a full run, but nothing is written: what would change is kept with the run.
    DryRun,
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
    /// The process ended under it, or DingTalk was away for long; what it has read is kept.
    Interrupted,
}

/// What a finished run is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verdict {
    /// Everything that can be seen was read, and both sides agree.
    Complete,
    /// Some of it could not be read. What was read is applied, and whoever DingTalk says is gone, asked by their id, is
    /// removed.
    Partial,
    /// The answers contradict each other or are implausible. Nobody is removed but who DingTalk says is gone, asked by
    /// their id; where very much is missing, that waits for approval.
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

/// Since when a run is in a phase, or how long it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhaseTimes {
    /// The phase; never [`RunPhase::Finished`].
    pub phase: RunPhase,
    /// When it was entered for the first time.
    pub started_at: DateTime<Utc>,
    /// When it was left for the last time; `None` while the run is in it.
    pub finished_at: Option<DateTime<Utc>>,
}

/// What a verdict rests on: both sides of every cross-check as numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RunEvidence {
    /// Departments that anything named, the home-school directory left out.
    pub departments_seen: u64,
    /// Departments whose children and people could both be listed.
    pub departments_readable: u64,
    /// Departments whose children or people could not be listed, by DingTalk's code or the kind of failure.
    pub departments_unreadable: BTreeMap<String, u64>,
    /// Home-school departments (ids at or below 0), skipped.
    pub home_school_departments: u64,
    /// Departments whose parent was not found.
    pub orphan_departments: u64,
    /// People whom the departments' lists name, each once.
    pub users_by_departments: u64,
    /// People who were read, by list or by record.
    pub users_read: u64,
    /// Of those, how many by list alone: what only their own record tells is as it was when that was last read.
    pub users_by_list_alone: u64,
    /// People whose own departments and the departments' lists do not agree.
    pub one_sided_users: u64,
    /// Of these: whom a department's list names, and their own record doesn't name that department. This and what else
    /// is an `Option` here is `None` in runs of earlier versions.
    pub users_only_in_lists: Option<u64>,
    /// Of these: whose own record names a department, and its list doesn't name them.
    pub users_only_in_records: Option<u64>,
    /// People who were listed, but whose record could not be read.
    pub users_unreadable: u64,
    /// People who were listed, but lie outside the app's contact scope (50002).
    pub users_out_of_scope: u64,
    /// `user/count`, where it could be asked: the whole company, whatever the scope.
    pub user_count: Option<u64>,
    /// People whom the mirror had before the run.
    pub users_in_mirror: u64,
    /// Departments that the mirror had before the run.
    pub departments_in_mirror: u64,
    /// Records of the mirror that the run did not come across.
    pub absent: u64,
    /// Of those: people.
    pub absent_users: Option<u64>,
    /// Of those: departments.
    pub absent_departments: Option<u64>,
    /// Of those, how many DingTalk says are gone, each asked for by its id.
    pub confirmed_gone: u64,
    /// Of those: people.
    pub confirmed_gone_users: Option<u64>,
    /// Of those: departments.
    pub confirmed_gone_departments: Option<u64>,
    /// Fields that DingTalk no longer says of anybody, by the permission that is missing.
    pub fields_withheld: Vec<String>,
    /// Of how many who were read the mirror keeps such a field from before, by the permission.
    pub users_withheld: Option<BTreeMap<String, u64>>,
}

/// What a run changed and met.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RunCounts {
    /// Calls to DingTalk by API (`department_list_sub`, …), retries included.
    pub calls: BTreeMap<String, u64>,
    /// Calls that there will have been at the end of the phase, by API, as far as can be told; `None` while nobody
    /// knows, and once the run is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<BTreeMap<String, u64>>,
    /// Calls that were throttled.
    pub throttled: u64,
    /// Answers that were taken from before an interruption instead of asking again.
    pub resumed_answers: u64,
    /// Departments created, updated, moved, restored, removed.
    pub departments_changed: u64,
    /// Users created, updated, moved, restored, removed.
    pub users_changed: u64,
    /// Records removed.
    pub removed: u64,
    /// Records whose removal waits for approval.
    pub held: u64,
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
    /// Runs are counted from 1; `None` of one that a replica of an earlier version recorded.
    pub number: Option<i64>,
    /// What started it.
    pub trigger: RunTrigger,
    /// What it reads, and whether it writes.
    pub mode: RunMode,
    /// Who asked, of a request.
    pub requested_by: Option<String>,
    /// How people are read: `BULK` (`user/list`) or `SEVEN_URLS` (`listid` + `user/get`); `None` until it is known.
    pub strategy: Option<String>,
    /// Where it is.
    pub phase: RunPhase,
    /// The phases that it has entered, in order; empty in runs of earlier versions.
    pub phases: Vec<PhaseTimes>,
    /// How it stands.
    pub state: RunState,
    /// What it is worth, once finished.
    pub verdict: Option<Verdict>,
    /// Why it isn't COMPLETE.
    pub findings: Vec<Statement>,
    /// What the verdict rests on; `None` until there is one.
    pub evidence: Option<RunEvidence>,
    /// How often a process took it over from another, or from itself before a restart.
    pub resumed: u32,
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
    /// From which revision on the mirror shows what it has read: the one that it made, or where nothing differed the
    /// one that it was compared with. `None` where nothing was applied, and of earlier versions.
    pub shown_from: Option<Revision>,
    /// Why it failed or was interrupted, with the remedy, or what it waits for; fit for a caller's eyes.
    pub error: Option<Statement>,
}

impl SyncRun {
    /// Notes `now` where the phase differs from the one that was noted last; where the run is over, its end.
    pub fn note_phase(&mut self, now: DateTime<Utc>) {
        let (phase, is_running) = (self.phase, self.state == RunState::Running);
        let now = self.finished_at.filter(|_| !is_running).unwrap_or(now);
        let is_in = |it: &PhaseTimes| is_running && it.phase == phase;
        for left in self.phases.iter_mut().filter(|it| !is_in(it)) {
            left.finished_at.get_or_insert(now);
        }
        if !is_running || phase == RunPhase::Finished {
            return;
        }

        match self.phases.iter_mut().find(|it| it.phase == phase) {
            // It is gone on with, from the beginning.
            Some(entered) => entered.finished_at = None,
            None => self.phases.push(PhaseTimes {
                phase,
                started_at: now,
                finished_at: None,
            }),
        }
    }
}

/// One record that a run could not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryError {
    /// `department 123` or `user abc`.
    pub subject: String,
    /// DingTalk's effective code, where it gave one.
    pub code: Option<String>,
    /// What happened and what to do.
    pub message: Statement,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(second: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + chrono::Duration::seconds(second)
    }

    fn times(run: &SyncRun) -> Vec<(RunPhase, i64, Option<i64>)> {
        let seconds = |at: DateTime<Utc>| at.timestamp();
        let times = run.phases.iter();
        times
            .map(|it| (it.phase, seconds(it.started_at), it.finished_at.map(seconds)))
            .collect()
    }

    #[test]
    fn a_phase_lasts_from_its_first_entry_to_its_last_leaving() {
        use RunPhase::{Crawling, Planning};
        let mut run = super::super::fixtures::run(second(0));
        run.note_phase(second(0));
        run.phase = Crawling;
        for noted in [2, 3, 4] {
            run.note_phase(second(noted));
        }
        assert_eq!(times(&run), [(Planning, 0, Some(2)), (Crawling, 2, None)]);

        (run.state, run.finished_at) = (RunState::Interrupted, Some(second(5)));
        run.note_phase(second(6));
        assert_eq!(times(&run)[1], (Crawling, 2, Some(5)), "it ends when the run does");

        // It is gone on with.
        (run.state, run.finished_at, run.phase) = (RunState::Running, None, Planning);
        run.note_phase(second(100));
        assert_eq!(times(&run), [(Planning, 0, None), (Crawling, 2, Some(5))]);
        run.phase = Crawling;
        run.note_phase(second(101));
        assert_eq!(times(&run), [(Planning, 0, Some(101)), (Crawling, 2, None)]);

        (run.state, run.phase, run.finished_at) = (RunState::Finished, RunPhase::Finished, Some(second(110)));
        run.note_phase(second(110));
        assert_eq!(times(&run), [(Planning, 0, Some(101)), (Crawling, 2, Some(110))]);
    }
}
