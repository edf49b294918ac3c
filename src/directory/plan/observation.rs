//! What a crawl saw, ready to be compared with the mirror.

use std::collections::{BTreeMap, BTreeSet};

use super::asked::{AskTimes, Readings};
use crate::directory::{
    DepartmentFacts, DeptId, GoneCause, Holds, MOST_LEVELS, RecordState, Snapshot, Standing, UserFacts, UserId,
};

/// Which call a user's facts come from: what it never says is not blanked by its silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserSource {
    /// `user/get`: says everything.
    Detail,
    /// `user/list`: says neither the fields that are `unlisted` in the table nor the roles.
    List,
}

/// Which call a department's facts come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DepartmentSource {
    /// `department/get`: says everything.
    Detail,
    /// `department/listsub`: says no field that is `unlisted` in the table.
    ListSub,
}

/// Whether what wasn't seen is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Removals {
    /// Nothing is removed: nobody was asked about what is missing.
    #[default]
    None,
    /// Whatever has a cause and was not read is gone: DingTalk was asked for each of them by its id.
    Confirmed,
}

/// What a crawl saw. Home-school departments (ids at or below 0) never enter.
#[derive(Debug, Clone, Default)]
pub struct Observation {
    /// Departments that were read.
    pub departments: BTreeMap<DeptId, (DepartmentFacts, DepartmentSource)>,
    /// People who were read, each once.
    pub users: BTreeMap<UserId, (UserFacts, UserSource)>,
    /// Departments that are there but could not be read: they stay as they are.
    pub kept_departments: BTreeSet<DeptId>,
    /// People who are there but could not be read: they stay as they are.
    pub kept_users: BTreeSet<UserId>,
    /// Departments that are gone, and why.
    pub department_causes: BTreeMap<DeptId, GoneCause>,
    /// People who are gone, and why.
    pub user_causes: BTreeMap<UserId, GoneCause>,
    /// Of what is gone: whose removal waits for approval.
    pub holds: Holds,
    /// Whether what is gone is removed.
    pub removals: Removals,
    /// Whether these are single records, and not a pass over the company: too few to tell a withdrawn permission from a
    /// value that somebody cleared, however many they are.
    pub single_records: bool,
    /// When what was read was asked for: a record that changed since knows better. `None`: nobody else writes.
    pub asked: Option<AskTimes>,
}

impl Observation {
    /// Whether this department was seen at all.
    pub fn has_department(&self, id: DeptId) -> bool {
        self.departments.contains_key(&id) || self.kept_departments.contains(&id)
    }

    /// Whether this person was seen at all.
    pub fn has_user(&self, id: &str) -> bool {
        self.users.contains_key(id) || self.kept_users.contains(id)
    }

    /// Whether a department changed since it was asked for.
    pub fn has_older_department(&self, id: DeptId, standing: &Standing) -> bool {
        let asked = self.asked.as_ref().map(|asked| asked.of_department(id));
        asked.is_some_and(|asked| standing.revision > asked.revision)
    }

    /// Whether a person changed since they were asked for.
    pub fn has_older_user(&self, id: &str, standing: &Standing) -> bool {
        let asked = self.asked.as_ref().map(|asked| asked.of_user(id));
        asked.is_some_and(|asked| standing.revision > asked.revision)
    }

    /// What was read, or found to be gone, and may have been read later by somebody else: which of the two is newer
    /// only DingTalk knows.
    pub fn overtaken(&self, snapshot: &Snapshot, newer: &Readings) -> (BTreeSet<DeptId>, BTreeSet<UserId>) {
        let Some(asked) = &self.asked else {
            return Default::default();
        };

        let departments = self.departments.keys().chain(self.department_causes.keys());
        let departments = departments.filter(|id| {
            let standing = snapshot.department(**id).map(|it| &it.standing);
            newer.overtake_department(**id, asked.of_department(**id), standing)
        });
        let users = self.users.keys().chain(self.user_causes.keys());
        let users = users.filter(|id| {
            let standing = snapshot.user(id.as_str()).map(|it| &it.standing);
            newer.overtake_user(id.as_str(), asked.of_user(id.as_str()), standing)
        });

        (departments.copied().collect(), users.cloned().collect())
    }

    /// Active records that have a cause and were not read after all: who would be removed.
    pub fn leaving(&self, snapshot: &Snapshot) -> (BTreeSet<DeptId>, BTreeSet<UserId>) {
        let is_active = |standing: &Standing| standing.state == RecordState::Active;
        let departments = self.department_causes.keys().filter(|id| {
            let active = snapshot.department(**id).is_some_and(|it| is_active(&it.standing));
            active && !self.has_department(**id)
        });
        let users = self.user_causes.keys().filter(|id| {
            let active = snapshot.user(id.as_str()).is_some_and(|it| is_active(&it.standing));
            active && !self.has_user(id.as_str())
        });

        (departments.copied().collect(), users.cloned().collect())
    }

    /// The way up from a department by what was read, and where it was not by the mirror, the department first.
    pub fn way_up(&self, snapshot: &Snapshot, id: DeptId) -> impl Iterator<Item = DeptId> {
        let parent = |id: &DeptId| match self.departments.get(id) {
            Some((facts, _)) => facts.parent_id,
            None => snapshot.department(*id).and_then(|it| it.facts.parent_id),
        };
        // A circle of parents has an end, too.
        std::iter::successors(Some(id), parent).take(MOST_LEVELS)
    }

    /// Forgets what was read of a department.
    pub fn forget_department(&mut self, id: DeptId) {
        self.departments.remove(&id);
        self.department_causes.remove(&id);
        self.kept_departments.remove(&id);
    }

    /// Forgets what was read of a person.
    pub fn forget_user(&mut self, id: &str) {
        self.users.remove(id);
        self.user_causes.remove(id);
        self.kept_users.remove(id);
    }
}
