//! What somebody types, found.

use std::sync::Arc;

use super::{DepartmentsById, Snapshot, UsersById};
use crate::directory::{
    Department, User,
    search::{Asked, Hit, Matching, Query, Record, Records, SearchIndex},
};

impl Snapshot {
    /// The present people and departments that match best, the best first.
    pub fn search(&self, query: &Query, asked: Asked) -> Vec<Hit> {
        self.search.search(query, asked, self.by_id(query))
    }

    /// Everybody and every department that matches, GONE ones included. Present people are those whom [`Self::search`]
    /// finds where it looks for people alone, and so are departments; those who are GONE are found by the same rule.
    pub fn matching(&self, query: &Query, contact: bool) -> Arc<Matching> {
        self.search.matching(query, contact, &self.by_id(query))
    }

    /// Makes ready what the next search needs.
    pub fn prepare_search(&self) {
        self.search.prepare();
    }

    /// Whether the next search is answered at once.
    pub fn is_search_ready(&self) -> bool {
        self.search.is_ready()
    }

    fn by_id(&self, query: &Query) -> Vec<Record> {
        let user = self.users.get(query.raw()).cloned().map(Record::User);
        let department = query.dept_id().and_then(|id| self.departments.get(id));
        let department = department.cloned().map(Record::Department);
        user.into_iter().chain(department).collect()
    }
}

/// The index of these records.
pub(super) fn index_of(departments: &DepartmentsById, users: &UsersById) -> SearchIndex {
    SearchIndex::new(departments.len() + users.len(), records(departments, users))
}

/// The index after these were changed. `departments` and `users` have them already.
pub(super) fn index_with(
    former: &SearchIndex,
    changed: &[Record],
    departments: &DepartmentsById,
    users: &UsersById,
) -> SearchIndex {
    former.with(departments.len() + users.len(), changed, || records(departments, users))
}

fn records(departments: &DepartmentsById, users: &UsersById) -> Records {
    let (departments, users) = (departments.clone(), users.clone());
    Box::new(move || {
        let departments = departments.iter().cloned().map(Record::Department);
        departments.chain(users.iter().cloned().map(Record::User)).collect()
    })
}

/// Changed records.
pub(super) fn changed(departments: &[Arc<Department>], users: &[Arc<User>]) -> Vec<Record> {
    let departments = departments.iter().cloned().map(Record::Department);
    departments.chain(users.iter().cloned().map(Record::User)).collect()
}
