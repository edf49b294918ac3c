//! When something was asked, and who was read since: by numbers of the database, for no two clocks agree.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::directory::{DeptId, Revision, Standing, UserId};

/// A moment before a question to DingTalk, as a watermark: what the database counted until then.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedAt {
    /// The newest reading of anybody: whatever was applied under a larger number was applied later, and may be newer.
    pub reading: i64,
    /// The mirror's revision.
    pub revision: Revision,
}

/// When each record of an observation was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AskTimes {
    /// Before everything else was asked: of whatever isn't named below.
    pub first: AskedAt,
    /// Of these departments.
    pub departments: BTreeMap<DeptId, AskedAt>,
    /// Of these people.
    pub users: BTreeMap<UserId, AskedAt>,
    /// The run that asked: its own end, of before a restart, overtakes nothing.
    pub run: Option<Uuid>,
}

impl AskTimes {
    /// When this department was asked for.
    pub fn of_department(&self, id: DeptId) -> AskedAt {
        self.departments.get(&id).copied().unwrap_or(self.first)
    }

    /// When this person was asked for.
    pub fn of_user(&self, id: &str) -> AskedAt {
        self.users.get(id).copied().unwrap_or(self.first)
    }
}

/// The newest reading of each record that anybody applied since a moment, whether it changed anything or not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Readings {
    /// Of departments.
    pub departments: HashMap<DeptId, i64>,
    /// Of people.
    pub users: HashMap<UserId, i64>,
    /// Of everybody: the ends of runs.
    pub runs: HashMap<Uuid, i64>,
    /// Revisions that whoever compares made of these very readings: a commit whose answer was lost overtakes nothing.
    pub own: BTreeSet<Revision>,
}

impl Readings {
    /// Without the end of this run.
    #[must_use]
    pub fn except(mut self, run: Option<Uuid>) -> Self {
        if let Some(run) = run {
            self.runs.remove(&run);
        }
        self
    }

    /// Whether somebody else's reading of a department may be newer than one that was asked for then; `standing`: as
    /// the mirror has it.
    pub fn overtake_department(&self, id: DeptId, asked: AskedAt, standing: Option<&Standing>) -> bool {
        self.overtake(self.departments.get(&id), asked, standing)
    }

    /// As [`Self::overtake_department`], of a person.
    pub fn overtake_user(&self, id: &str, asked: AskedAt, standing: Option<&Standing>) -> bool {
        self.overtake(self.users.get(id), asked, standing)
    }

    fn overtake(&self, read: Option<&i64>, asked: AskedAt, standing: Option<&Standing>) -> bool {
        let everybody = self.runs.values().copied().max().unwrap_or(0);
        let newest = read.copied().unwrap_or(0).max(everybody);
        // What wrote without leaving a number is told by the revision: a decision, and an older version beside this
        // one.
        let is_newer = |revision: Revision| revision > asked.revision && !self.own.contains(&revision);
        newest > asked.reading || standing.is_some_and(|standing| is_newer(standing.revision))
    }
}

/// Whose reading a batch stands for, for others to compare theirs with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trace {
    /// These records were read, or found to be gone.
    Records {
        /// Departments.
        departments: Vec<DeptId>,
        /// People.
        users: Vec<UserId>,
    },
    /// This run read everything.
    Run(Uuid),
}
