//! The records by key.

use std::{ops::Bound, sync::Arc};

use super::layered::{Layered, Table};
use crate::{
    directory::{Department, DeptId, User, UserId},
    page::in_order,
};

/// Users by `userid`, GONE ones included.
#[derive(Clone, Default)]
pub(super) struct UsersById {
    ordered: imbl::OrdMap<UserId, Arc<User>>,
    /// The same records for looking one up: ordered keys are compared some seventeen times, each time elsewhere in
    /// memory.
    hashed: Layered<UserId, Arc<User>>,
}

impl UsersById {
    pub(super) fn build(users: impl Iterator<Item = Arc<User>>) -> Self {
        let ordered: imbl::OrdMap<UserId, Arc<User>> = users.map(|user| (user.facts.userid.clone(), user)).collect();
        let hashed: Table<_, _> = ordered
            .iter()
            .map(|(id, record)| (id.clone(), record.clone()))
            .collect();
        Self {
            ordered,
            hashed: hashed.into(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.ordered.len()
    }

    pub(super) fn get(&self, id: &str) -> Option<&Arc<User>> {
        self.hashed.get(id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<User>> {
        self.ordered.values()
    }

    pub(super) fn after(&self, id: &str) -> impl Iterator<Item = &Arc<User>> + use<'_> {
        self.ordered
            .range::<_, str>((Bound::Excluded(id), Bound::Unbounded))
            .map(|(_, record)| record)
    }

    pub(super) fn between(
        &self,
        from: Bound<&str>,
        to: Bound<&str>,
    ) -> impl DoubleEndedIterator<Item = &Arc<User>> + use<'_> {
        let between = in_order(&from, &to).then(|| self.ordered.range::<_, str>((from, to)));
        between.into_iter().flatten().map(|(_, record)| record)
    }

    /// Puts a record in and gives the former one.
    pub(super) fn insert(&mut self, user: Arc<User>) -> Option<Arc<User>> {
        self.hashed.insert(user.facts.userid.clone(), user.clone());
        self.ordered.insert(user.facts.userid.clone(), user)
    }

    /// Takes a record out that is in no index.
    pub(super) fn remove(&mut self, id: &str) {
        self.hashed.remove(id);
        self.ordered.remove(id);
    }
}

/// Departments by `dept_id`, GONE ones included.
#[derive(Clone, Default)]
pub(super) struct DepartmentsById(imbl::OrdMap<DeptId, Arc<Department>>);

impl DepartmentsById {
    pub(super) fn build(departments: impl Iterator<Item = Arc<Department>>) -> Self {
        Self(
            departments
                .map(|department| (department.facts.dept_id, department))
                .collect(),
        )
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn get(&self, id: DeptId) -> Option<&Arc<Department>> {
        self.0.get(&id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Department>> {
        self.0.values()
    }

    pub(super) fn between(
        &self,
        from: Bound<DeptId>,
        to: Bound<DeptId>,
    ) -> impl DoubleEndedIterator<Item = &Arc<Department>> {
        let between = in_order(&from, &to).then(|| self.0.range((from, to)));
        between.into_iter().flatten().map(|(_, record)| record)
    }

    /// Puts a record in and gives the former one.
    pub(super) fn insert(&mut self, department: Arc<Department>) -> Option<Arc<Department>> {
        self.0.insert(department.facts.dept_id, department)
    }

    /// Takes a record out that is in no tree.
    pub(super) fn remove(&mut self, id: DeptId) {
        self.0.remove(&id);
    }
}
