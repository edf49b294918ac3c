//! What the mirror has and a crawl didn't see: candidates for removal, each to be asked for by its id.

use std::collections::BTreeSet;

use crate::directory::{DeptId, Observation, RecordState, Snapshot, Standing, UserId};

/// Records that a crawl should have come across and saw no trace of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Absence {
    /// Departments, by id.
    pub departments: Vec<DeptId>,
    /// People, by userid.
    pub users: Vec<UserId>,
    /// Of these departments: which changed since the crawl began. No wonder that it did not come across them.
    pub changed_departments: BTreeSet<DeptId>,
    /// As [`Self::changed_departments`], of people.
    pub changed_users: BTreeSet<UserId>,
    /// Of these departments: which may stand in a list that could not be read. That they are out of scope is no reason
    /// for not having come across them then, and no evidence.
    pub unlisted_departments: BTreeSet<DeptId>,
    /// As [`Self::unlisted_departments`], of people.
    pub unlisted_users: BTreeSet<UserId>,
    /// People whose own record was out of scope while lists named them, also others than these. That it still is says
    /// nothing of them; the lists alone tell, as far as they can be believed.
    pub listed_outside: BTreeSet<UserId>,
}

/// What of the mirror was neither read nor kept. Records whose removal waits for approval already are left out.
/// `unread`: departments whose children or people could not be listed.
pub fn absence(snapshot: &Snapshot, observed: &Observation, unread: &BTreeSet<DeptId>) -> Absence {
    let expected = |standing: &Standing| standing.state == RecordState::Active;
    let began_at = observed.asked.as_ref().map_or(i64::MAX, |asked| asked.first.revision);
    // The list that it would stand in was not read, or is one of a department that would.
    let is_unread = |list: DeptId| {
        let above = std::iter::once(list).chain(snapshot.ancestors(list).into_iter().rev());
        let mut unseen = above.scan(true, |goes_on, id| {
            std::mem::replace(goes_on, !observed.has_department(id)).then_some(id)
        });
        unseen.any(|id| unread.contains(&id))
    };

    let mut absence = Absence::default();
    for department in snapshot.departments().filter(|it| expected(&it.standing)) {
        let id = department.facts.dept_id;
        if !observed.has_department(id) {
            absence.departments.push(id);
            if department.standing.revision > began_at {
                absence.changed_departments.insert(id);
            }
            if snapshot.parent(id).is_some_and(is_unread) {
                absence.unlisted_departments.insert(id);
            }
        }
    }

    for user in snapshot.users().filter(|it| expected(&it.standing)) {
        let id = &user.facts.userid;
        if !observed.has_user(id.as_str()) {
            absence.users.push(id.clone());
            if user.standing.revision > began_at {
                absence.changed_users.insert(id.clone());
            }
            if user.facts.memberships.iter().any(|it| is_unread(it.dept_id)) {
                absence.unlisted_users.insert(id.clone());
            }
        }
    }

    absence
}

impl Absence {
    /// Whether everything was seen.
    pub fn is_empty(&self) -> bool {
        self.departments.is_empty() && self.users.is_empty()
    }
}
