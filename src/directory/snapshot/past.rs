//! A snapshot of before, made of a later one and of the records as they were.

use chrono::{DateTime, Utc};

use super::Snapshot;
use crate::directory::{Department, DepartmentFacts, DeptId, RecordState, Revision, Standing, User, UserFacts, UserId};

/// Records as they were.
#[derive(Debug, Default)]
pub(in crate::directory) struct PastRecords {
    pub(in crate::directory) departments: Vec<Department>,
    pub(in crate::directory) users: Vec<User>,
    /// Nobody knew of them.
    pub(in crate::directory) unknown_departments: Vec<DeptId>,
    /// Nobody knew of them.
    pub(in crate::directory) unknown_users: Vec<UserId>,
}

impl Snapshot {
    /// The snapshot before some changes: with records as they were, and without those that nobody knew of. It shares
    /// everything else, and so costs what differs.
    pub(in crate::directory) fn before(&self, (revision, at): (Revision, DateTime<Utc>), past: PastRecords) -> Self {
        let PastRecords {
            mut departments,
            mut users,
            unknown_departments,
            unknown_users,
        } = past;
        // Gone, and without any key: in nobody's list, and in no index.
        departments.extend(unknown_departments.iter().map(|id| Department {
            facts: DepartmentFacts::unsaid(*id),
            standing: gone(revision),
        }));
        users.extend(unknown_users.iter().map(|id| User {
            facts: UserFacts::unsaid(id.clone()),
            standing: gone(revision),
        }));

        let mut before = self.with(revision, departments, users);
        for id in unknown_departments {
            before.departments.remove(id);
        }
        for id in &unknown_users {
            before.users.remove(id.as_str());
        }
        before.orders.forget(&unknown_users, &before.users);
        before.as_of = Some(at);
        before
    }
}

fn gone(revision: Revision) -> Standing {
    Standing {
        state: RecordState::Gone,
        cause: None,
        revision,
        first_seen: DateTime::UNIX_EPOCH,
        last_seen: DateTime::UNIX_EPOCH,
    }
}
