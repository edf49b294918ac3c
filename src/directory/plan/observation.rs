//! What a crawl saw, ready to be compared with the mirror.

use std::collections::{BTreeMap, BTreeSet};

use crate::directory::{DepartmentFacts, DeptId, GoneCause, Holds, Revision, Standing, UserFacts, UserId};

/// Which call a user's facts come from: what it never says is not blanked by its silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserSource {
    /// `user/get`: says everything.
    Detail,
    /// `user/list`: says neither `senior`, `real_authed`, `manager_userid` nor the roles.
    List,
}

/// Which call a department's facts come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DepartmentSource {
    /// `department/get`: says everything.
    Detail,
    /// `department/listsub`: says the id, the name, the parent and the two group flags.
    ListSub,
}

/// Whether what wasn't seen is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Removals {
    /// Nothing is removed: the crawl was not complete.
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
    /// Whether these are single records, and not a pass over the company: too few to tell a withdrawn permission from a value
    /// that somebody cleared, however many they are.
    pub single_records: bool,
    /// The mirror's revision when the reading began: a record that changed since knows better than what was read.
    pub base: Option<Revision>,
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

    /// Whether a record changed since the reading began.
    pub fn is_older_than(&self, standing: &Standing) -> bool {
        self.base.is_some_and(|base| standing.revision > base)
    }
}
