//! What the mirror has and a crawl didn't see: candidates for removal, within limits.

use super::SMALLEST_CROWD;
use crate::directory::{DeptId, Observation, Snapshot, UserId};

/// More than this share of the people (or departments), in per cent, is never removed at once.
const LARGEST_SHARE: usize = 20;

/// Present records that a crawl saw no trace of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Absence {
    /// Departments, by id.
    pub departments: Vec<DeptId>,
    /// People, by userid.
    pub users: Vec<UserId>,
}

/// What of the mirror was neither read nor kept.
pub fn absence(snapshot: &Snapshot, observed: &Observation) -> Absence {
    let departments = snapshot
        .departments()
        .filter(|it| it.standing.is_present())
        .map(|it| it.facts.dept_id);
    let users = snapshot
        .users()
        .filter(|it| it.standing.is_present())
        .map(|it| &it.facts.userid);
    Absence {
        departments: departments.filter(|id| !observed.has_department(*id)).collect(),
        users: users.filter(|id| !observed.has_user(id.as_str())).cloned().collect(),
    }
}

impl Absence {
    /// Whether everything was seen.
    pub fn is_empty(&self) -> bool {
        self.departments.is_empty() && self.users.is_empty()
    }

    /// Why this is too much to remove without a person's approval.
    pub(super) fn beyond_limits(&self, snapshot: &Snapshot) -> Option<String> {
        let beyond = |absent: usize, of: usize| absent > SMALLEST_CROWD && absent * 100 > of * LARGEST_SHARE;
        let (people, departments) = (self.users.len(), self.departments.len());
        let (all_people, all_departments) = (snapshot.user_count(), snapshot.department_count());
        (beyond(people, all_people) || beyond(departments, all_departments)).then(|| {
            format!(
                "{people} of {all_people} people and {departments} of {all_departments} departments were not seen any more. \
                 More than {LARGEST_SHARE} % is not removed at once: check the app's contact scope (通讯录权限范围) in \
                 DingTalk's developer console."
            )
        })
    }
}
