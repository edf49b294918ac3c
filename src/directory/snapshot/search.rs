//! The records by key, each with its folded text, so that a search allocates nothing per record.

use std::{ops::Bound, sync::Arc};

use super::layered::{Layered, Table};
use crate::{
    directory::{Department, DeptId, User, UserId, fold::fold},
    page::in_order,
};

/// Between the searched fields; nobody can type it.
const SEPARATOR: char = '\u{0}';

#[derive(Clone)]
struct Searchable<T> {
    record: Arc<T>,
    folded: Arc<str>,
}

/// Users by `userid`, GONE ones included.
#[derive(Clone, Default)]
pub(super) struct UsersById {
    ordered: imbl::OrdMap<UserId, Searchable<User>>,
    /// The same records for looking one up: ordered keys are compared some seventeen times, each time elsewhere in
    /// memory.
    hashed: Layered<UserId, Arc<User>>,
}

impl UsersById {
    pub(super) fn build(users: impl Iterator<Item = Arc<User>>) -> Self {
        let ordered: imbl::OrdMap<UserId, Searchable<User>> = users
            .map(|user| (user.facts.userid.clone(), user_entry(user)))
            .collect();
        let hashed: Table<_, _> = ordered
            .iter()
            .map(|(id, entry)| (id.clone(), entry.record.clone()))
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
        self.ordered.values().map(|entry| &entry.record)
    }

    pub(super) fn after(&self, id: &str) -> impl Iterator<Item = &Arc<User>> + use<'_> {
        self.ordered
            .range::<_, str>((Bound::Excluded(id), Bound::Unbounded))
            .map(|(_, entry)| &entry.record)
    }

    pub(super) fn between(
        &self,
        from: Bound<&str>,
        to: Bound<&str>,
    ) -> impl DoubleEndedIterator<Item = &Arc<User>> + use<'_> {
        let between = in_order(&from, &to).then(|| self.ordered.range::<_, str>((from, to)));
        between.into_iter().flatten().map(|(_, entry)| &entry.record)
    }

    /// Puts a record in and gives the former one.
    pub(super) fn insert(&mut self, user: Arc<User>) -> Option<Arc<User>> {
        self.hashed.insert(user.facts.userid.clone(), user.clone());
        self.ordered
            .insert(user.facts.userid.clone(), user_entry(user))
            .map(|entry| entry.record)
    }

    /// Takes a record out that is in no index.
    pub(super) fn remove(&mut self, id: &str) {
        self.hashed.remove(id);
        self.ordered.remove(id);
    }

    /// Whether the text of this record, GONE or not, contains `folded`.
    pub(super) fn contains(&self, id: &str, folded: &str) -> bool {
        self.ordered.get(id).is_some_and(|entry| entry.folded.contains(folded))
    }

    pub(super) fn search<'a>(&'a self, text: &str) -> impl Iterator<Item = &'a Arc<User>> + use<'a> {
        let wanted = fold(text.trim());
        self.ordered
            .values()
            .filter(move |entry| entry.record.standing.is_present() && entry.folded.contains(wanted.as_str()))
            .map(|entry| &entry.record)
    }
}

fn user_entry(user: Arc<User>) -> Searchable<User> {
    let facts = &user.facts;
    let mut text = fold(&facts.name);
    for part in [
        Some(facts.userid.as_str()),
        facts.job_number.as_deref(),
        facts.title.as_deref(),
    ]
    .into_iter()
    .flatten()
    {
        text.push(SEPARATOR);
        text.push_str(&fold(part));
    }

    Searchable {
        folded: text.into(),
        record: user,
    }
}

/// Departments by `dept_id`, GONE ones included.
#[derive(Clone, Default)]
pub(super) struct DepartmentsById(imbl::OrdMap<DeptId, Searchable<Department>>);

impl DepartmentsById {
    pub(super) fn build(departments: impl Iterator<Item = Arc<Department>>) -> Self {
        Self(
            departments
                .map(|department| (department.facts.dept_id, department_entry(department)))
                .collect(),
        )
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn get(&self, id: DeptId) -> Option<&Arc<Department>> {
        self.0.get(&id).map(|entry| &entry.record)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Department>> {
        self.0.values().map(|entry| &entry.record)
    }

    pub(super) fn between(
        &self,
        from: Bound<DeptId>,
        to: Bound<DeptId>,
    ) -> impl DoubleEndedIterator<Item = &Arc<Department>> {
        let between = in_order(&from, &to).then(|| self.0.range((from, to)));
        between.into_iter().flatten().map(|(_, entry)| &entry.record)
    }

    /// Puts a record in and gives the former one.
    pub(super) fn insert(&mut self, department: Arc<Department>) -> Option<Arc<Department>> {
        self.0
            .insert(department.facts.dept_id, department_entry(department))
            .map(|entry| entry.record)
    }

    /// Takes a record out that is in no tree.
    pub(super) fn remove(&mut self, id: DeptId) {
        self.0.remove(&id);
    }

    /// Whether the text of this record, GONE or not, contains `folded`.
    pub(super) fn contains(&self, id: DeptId, folded: &str) -> bool {
        self.0.get(&id).is_some_and(|entry| entry.folded.contains(folded))
    }

    pub(super) fn search<'a>(&'a self, text: &str) -> impl Iterator<Item = &'a Arc<Department>> + use<'a> {
        let wanted = fold(text.trim());
        self.0
            .values()
            .filter(move |entry| entry.record.standing.is_present() && entry.folded.contains(wanted.as_str()))
            .map(|entry| &entry.record)
    }
}

fn department_entry(department: Arc<Department>) -> Searchable<Department> {
    let folded = format!(
        "{}{SEPARATOR}{}",
        fold(&department.facts.name),
        department.facts.dept_id
    );
    Searchable {
        folded: folded.into(),
        record: department,
    }
}
