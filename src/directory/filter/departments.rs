//! Conditions on departments.

use std::{collections::BTreeSet, sync::Arc};

use super::{Filter, TextTest};
use crate::directory::{Department, DeptId, RecordState, Snapshot, UserId, search::Matching};

/// A condition on a department.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DepartmentCondition {
    /// A search of the same snapshot finds it.
    Found(Arc<Matching>),
    /// One of these.
    Ids(BTreeSet<DeptId>),
    /// The name.
    Name(TextTest),
    /// Directly below one of these.
    Parents(BTreeSet<DeptId>),
    /// This department or one below it.
    Subtree(DeptId),
    /// Managed by this user.
    Manager(UserId),
    /// In one of these states.
    States(Vec<RecordState>),
}

/// A filter of departments.
pub type DepartmentFilter = Filter<DepartmentCondition>;

impl DepartmentCondition {
    /// Whether it holds of a department.
    pub fn holds(&self, snapshot: &Snapshot, department: &Department) -> bool {
        let facts = &department.facts;
        let id = facts.dept_id;
        match self {
            Self::Found(matching) => matching.has_department(id),
            Self::Ids(ids) => ids.contains(&id),
            Self::Name(test) => test.holds(Some(&facts.name)),
            Self::Parents(ids) => snapshot.parent(id).is_some_and(|parent| ids.contains(&parent)),
            // One that is gone has no place in the tree: its last one counts.
            Self::Subtree(top) if department.standing.is_present() => snapshot.is_in_subtree(id, *top),
            Self::Subtree(top) => snapshot.was_in_subtree(id, *top),
            Self::Manager(user) => facts.manager_userids.contains(user),
            Self::States(states) => states.contains(&department.standing.state),
        }
    }
}

impl DepartmentFilter {
    /// Whether a department matches.
    pub fn matches(&self, snapshot: &Snapshot, department: &Department) -> bool {
        self.holds(&|condition| condition.holds(snapshot, department))
    }
}
