//! The company in memory, from the files that the bench writes for every rival.

use std::{
    collections::HashMap,
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

use serde::{Deserialize, de::DeserializeOwned};

use crate::Error;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Department {
    pub(crate) dept_id: String,
    pub(crate) parent_id: Option<String>,
    pub(crate) name: String,
    position: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct User {
    pub(crate) user_id: String,
    pub(crate) name: String,
    pub(crate) title: Option<String>,
    pub(crate) job_number: Option<String>,
    pub(crate) email: Option<String>,
}

/// Somebody's place in a department.
#[derive(Clone, Copy)]
pub(crate) struct Membership {
    pub(crate) leader: Option<bool>,
    pub(crate) department: &'static Department,
    pub(crate) user: &'static User,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MembershipRow {
    dept_id: String,
    user_id: String,
    leader: Option<bool>,
    position: u32,
    user_position: u32,
}

/// Everything is kept until the process ends, so that nobody counts references while they are measured.
#[derive(Default)]
pub(crate) struct Company {
    departments: HashMap<&'static str, &'static Department>,
    children: HashMap<&'static str, Vec<&'static Department>>,
    by_email: HashMap<&'static str, Vec<&'static User>>,
    members: HashMap<&'static str, Vec<Membership>>,
    memberships: HashMap<&'static str, Vec<Membership>>,
}

impl Company {
    pub(crate) fn load(folder: &Path) -> Result<&'static Self, Error> {
        let mut company = Self::default();

        let mut departments: Vec<Department> = rows(folder, "departments")?;
        departments.sort_by_key(|department| department.position);
        for department in departments {
            let department: &'static Department = Box::leak(Box::new(department));
            company.departments.insert(&department.dept_id, department);
            if let Some(parent) = &department.parent_id {
                company.children.entry(parent).or_default().push(department);
            }
        }

        let mut users: HashMap<&'static str, &'static User> = HashMap::new();
        for user in rows::<User>(folder, "users")? {
            let user: &'static User = Box::leak(Box::new(user));
            users.insert(&user.user_id, user);
            if let Some(email) = user.email.as_deref().filter(|email| !email.is_empty()) {
                company.by_email.entry(email).or_default().push(user);
            }
        }

        let mut places: Vec<MembershipRow> = rows(folder, "memberships")?;
        let found = |row: &MembershipRow| {
            Some(Membership {
                leader: row.leader,
                department: company.departments.get(row.dept_id.as_str()).copied()?,
                user: users.get(row.user_id.as_str()).copied()?,
            })
        };
        places.sort_by_key(|row| row.position);
        for place in places.iter().filter_map(found) {
            company
                .members
                .entry(&place.department.dept_id)
                .or_default()
                .push(place);
        }
        places.sort_by_key(|row| row.user_position);
        for place in places.iter().filter_map(found) {
            company.memberships.entry(&place.user.user_id).or_default().push(place);
        }

        Ok(Box::leak(Box::new(company)))
    }

    pub(crate) fn department(&self, dept_id: &str) -> Option<&'static Department> {
        self.departments.get(dept_id).copied()
    }

    pub(crate) fn with_email(&self, email: &str, first: usize) -> Vec<&'static User> {
        page(self.by_email.get(email), first)
    }

    pub(crate) fn children(&self, dept_id: &str, first: usize) -> Vec<&'static Department> {
        page(self.children.get(dept_id), first)
    }

    pub(crate) fn members(&self, dept_id: &str, first: usize) -> Vec<Membership> {
        page(self.members.get(dept_id), first)
    }

    pub(crate) fn memberships(&self, user_id: &str, first: usize) -> Vec<Membership> {
        page(self.memberships.get(user_id), first)
    }
}

fn page<T: Clone>(list: Option<&Vec<T>>, first: usize) -> Vec<T> {
    list.into_iter().flatten().take(first).cloned().collect()
}

fn rows<T: DeserializeOwned>(folder: &Path, name: &str) -> Result<Vec<T>, Error> {
    let file = BufReader::new(File::open(folder.join(format!("{name}.ndjson")))?);
    file.lines().map(|line| Ok(serde_json::from_str(&line?)?)).collect()
}
