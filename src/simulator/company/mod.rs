//! The invented company: its model, how it is made from a seed, and the truth about it with the indexes to ask it fast.

mod departments;
mod generate;
mod model;
mod names;
mod people;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

pub(crate) use departments::department;
pub(crate) use generate::{Newcomer, generate, membership};
pub(crate) use model::{Admin, Department, Membership, Person};
pub use names::{GIVEN, SURNAMES};

/// The root department's id in every company.
pub(crate) const ROOT: i64 = 1;

/// The departments and people, with indexes. Only the methods below change it, so that the indexes stay true.
#[derive(Clone, Debug, Default)]
pub(crate) struct Company {
    departments: BTreeMap<i64, Department>,
    children: HashMap<i64, BTreeSet<(i64, i64)>>,
    people: HashMap<String, Person>,
    members: HashMap<i64, BTreeSet<(Reverse<i64>, String)>>,
    by_mobile: HashMap<String, String>,
    by_unionid: HashMap<String, String>,
    changes: u64,
}

impl Company {
    /// One department, home-school ones included.
    pub(crate) fn department(&self, dept_id: i64) -> Option<&Department> {
        self.departments.get(&dept_id)
    }

    /// All departments by ascending id, home-school ones included.
    pub(crate) fn departments(&self) -> impl Iterator<Item = &Department> {
        self.departments.values()
    }

    /// The direct children of a department in display order.
    pub(crate) fn children(&self, dept_id: i64) -> impl Iterator<Item = &Department> {
        let ids = self.children.get(&dept_id).into_iter().flatten();
        ids.filter_map(|(_, id)| self.departments.get(id))
    }

    /// The department itself, its parent and so on up to the root.
    pub(crate) fn ancestors(&self, dept_id: i64) -> Vec<i64> {
        let mut path = Vec::new();
        let mut next = Some(dept_id);
        while let Some(department) = next.and_then(|id| self.departments.get(&id)) {
            path.push(department.dept_id);
            next = department.parent_id;
        }
        path
    }

    /// The department itself and everything below it, parents first.
    pub(crate) fn subtree(&self, dept_id: i64) -> Vec<i64> {
        let mut found = Vec::new();
        let mut open = vec![dept_id];
        while let Some(id) = open.pop() {
            if self.departments.contains_key(&id) {
                found.push(id);
                open.extend(self.children(id).map(|child| child.dept_id));
            }
        }
        found
    }

    /// Adds or replaces a department.
    pub(crate) fn put_department(&mut self, department: Department) {
        self.take_department(department.dept_id);
        if let Some(parent) = department.parent_id {
            self.children
                .entry(parent)
                .or_default()
                .insert((department.order, department.dept_id));
        }
        self.departments.insert(department.dept_id, department);
    }

    /// Removes a department; whoever and whatever is below it must have been moved before.
    pub(crate) fn take_department(&mut self, dept_id: i64) -> Option<Department> {
        let department = self.departments.remove(&dept_id)?;
        if let Some(siblings) = department.parent_id.and_then(|parent| self.children.get_mut(&parent)) {
            siblings.remove(&(department.order, dept_id));
        }
        Some(department)
    }

    /// One person by userid, compared exactly.
    pub(crate) fn person(&self, userid: &str) -> Option<&Person> {
        self.people.get(userid)
    }

    /// The employee with this mobile number.
    pub(crate) fn by_mobile(&self, mobile: &str) -> Option<&Person> {
        self.people.get(self.by_mobile.get(mobile)?)
    }

    /// The employee with this unionid.
    pub(crate) fn by_unionid(&self, unionid: &str) -> Option<&Person> {
        self.people.get(self.by_unionid.get(unionid)?)
    }

    /// Everybody, in no particular order.
    pub(crate) fn people(&self) -> impl Iterator<Item = &Person> {
        self.people.values()
    }

    /// Everybody in the order they joined.
    pub(crate) fn people_by_entry(&self) -> Vec<&Person> {
        let mut people: Vec<&Person> = self.people.values().collect();
        people.sort_by_key(|person| person.entry);
        people
    }

    /// The direct members of a department, the front ones first.
    pub(crate) fn members(&self, dept_id: i64) -> impl Iterator<Item = &Person> {
        let ids = self.members.get(&dept_id).into_iter().flatten();
        ids.filter_map(|(_, userid)| self.people.get(userid))
    }

    /// The leaders of a department, the front ones first.
    pub(crate) fn leaders(&self, dept_id: i64) -> Vec<&Person> {
        let leads = |person: &&Person| person.membership(dept_id).is_some_and(|membership| membership.leader);
        self.members(dept_id).filter(leads).collect()
    }

    /// Adds or replaces a person. Mobile and unionid must not belong to somebody else.
    pub(crate) fn put_person(&mut self, mut person: Person) {
        self.changes += 1;
        person.modified = self.changes;
        person.entry = self.take_person(&person.userid).map_or(self.changes, |old| old.entry);

        self.by_mobile.insert(person.mobile.clone(), person.userid.clone());
        self.by_unionid.insert(person.unionid.clone(), person.userid.clone());
        for membership in &person.departments {
            let place = (Reverse(membership.order), person.userid.clone());
            self.members.entry(membership.dept_id).or_default().insert(place);
        }
        self.people.insert(person.userid.clone(), person);
    }

    /// Removes a person, who then vanishes from every list at once.
    pub(crate) fn take_person(&mut self, userid: &str) -> Option<Person> {
        let person = self.people.remove(userid)?;
        self.by_mobile.remove(&person.mobile);
        self.by_unionid.remove(&person.unionid);
        for membership in &person.departments {
            if let Some(members) = self.members.get_mut(&membership.dept_id) {
                members.remove(&(Reverse(membership.order), userid.to_owned()));
            }
        }
        Some(person)
    }

    /// How many departments there are, the root included and home-school ones not.
    pub(crate) fn department_count(&self) -> usize {
        self.departments
            .values()
            .filter(|department| !department.is_home_school())
            .count()
    }

    /// How many people there are.
    pub(crate) fn person_count(&self) -> usize {
        self.people.len()
    }
}
