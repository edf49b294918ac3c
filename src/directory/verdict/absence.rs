//! What the mirror has and a crawl didn't see: candidates for removal, each to be asked for by its id.

use crate::directory::{DeptId, Observation, RecordState, Snapshot, Standing, UserId};

/// Records that a crawl should have come across and saw no trace of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Absence {
    /// Departments, by id.
    pub departments: Vec<DeptId>,
    /// People, by userid.
    pub users: Vec<UserId>,
}

/// What of the mirror was neither read nor kept. Records whose removal waits for approval already are left out, and so are
/// those that changed while the crawl went on: what changed them knows better.
pub fn absence(snapshot: &Snapshot, observed: &Observation) -> Absence {
    let expected = |standing: &Standing| standing.state == RecordState::Active && !observed.is_older_than(standing);
    let departments = snapshot.departments().filter(|it| expected(&it.standing));
    let users = snapshot.users().filter(|it| expected(&it.standing));
    Absence {
        departments: departments
            .map(|it| it.facts.dept_id)
            .filter(|id| !observed.has_department(*id))
            .collect(),
        users: users
            .map(|it| &it.facts.userid)
            .filter(|id| !observed.has_user(id.as_str()))
            .cloned()
            .collect(),
    }
}

impl Absence {
    /// Whether everything was seen.
    pub fn is_empty(&self) -> bool {
        self.departments.is_empty() && self.users.is_empty()
    }
}
