//! The contact scope (通讯录权限范围): whom the app may see. Some calls obey it, some don't.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::company::{Company, Person, ROOT};
use super::wire::Refusal;

/// Departments whose whole subtree is visible, and single people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scope {
    /// Roots of visible subtrees.
    #[serde(default)]
    pub(crate) authed_dept: BTreeSet<i64>,
    /// People who are visible by themselves.
    #[serde(default)]
    pub(crate) authed_user: BTreeSet<String>,
}

impl Default for Scope {
    fn default() -> Self {
        Self {
            authed_dept: BTreeSet::from([ROOT]),
            authed_user: BTreeSet::new(),
        }
    }
}

impl Scope {
    fn sees_department(&self, company: &Company, dept_id: i64) -> bool {
        company
            .ancestors(dept_id)
            .iter()
            .any(|id| self.authed_dept.contains(id))
    }

    /// 60003 for a department that does not exist, 50004 for one that is out of scope. Which of the two a restricted
    /// app gets for a department that does not exist is not known; here it gets 50004, which tells it less.
    pub(crate) fn check_department(&self, company: &Company, dept_id: i64) -> Result<(), Refusal> {
        let exists = company
            .department(dept_id)
            .is_some_and(|department| !department.is_home_school());
        match exists {
            true if self.sees_department(company, dept_id) => Ok(()),
            false if self.authed_dept.contains(&ROOT) => Err(Refusal::no_such_department()),
            _ => Err(Refusal::department_out_of_scope()),
        }
    }

    /// The person, unless there is none (60121) or it is out of scope (50002).
    pub(crate) fn person<'a>(&self, company: &'a Company, userid: &str) -> Result<&'a Person, Refusal> {
        let person = company.person(userid).ok_or_else(Refusal::no_such_user)?;
        let visible = self.authed_user.contains(userid)
            || person
                .departments
                .iter()
                .any(|place| self.sees_department(company, place.dept_id));

        if visible {
            Ok(person)
        } else {
            Err(Refusal::user_out_of_scope())
        }
    }
}
