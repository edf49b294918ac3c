//! Held removals in groups: those that can be decided with one department, for one cause.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::{
    held::{HeldRemoval, HeldState},
    ids::{DeptId, UserId},
    record::GoneCause,
    record_id::RecordId,
};
use crate::catalogue::Statement;

/// What the removals of a group have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct HeldGroupKey {
    /// What they can be decided with; `None`: they stand under no department.
    pub department: Option<DeptId>,
    /// Why the records would be gone.
    pub cause: GoneCause,
}

/// Held removals that are decided together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldGroup {
    /// What they have in common.
    pub key: HeldGroupKey,
    /// Where they stand.
    pub state: HeldState,
    /// The people, by `userid`.
    pub users: Vec<UserId>,
    /// The departments.
    pub departments: Vec<DeptId>,
    /// When the first of them was held.
    pub oldest: DateTime<Utc>,
    /// When the last of them was held.
    pub newest: DateTime<Utc>,
    /// Which limits held them, each sentence once.
    pub reasons: BTreeSet<Statement>,
}

impl HeldRemoval {
    /// The group that it belongs to.
    pub fn group(&self) -> HeldGroupKey {
        HeldGroupKey {
            department: self.department,
            cause: self.cause,
        }
    }
}

/// The groups of these removals, by department and cause; those that wait come before those that were rejected.
pub fn held_groups(held: &[HeldRemoval]) -> Vec<HeldGroup> {
    let mut groups: BTreeMap<(HeldGroupKey, HeldState), HeldGroup> = BTreeMap::new();
    for removal in held {
        let (key, state) = (removal.group(), removal.state);
        let group = groups.entry((key, state)).or_insert_with(|| HeldGroup {
            key,
            state,
            users: Vec::new(),
            departments: Vec::new(),
            oldest: removal.held_at,
            newest: removal.held_at,
            reasons: BTreeSet::new(),
        });

        match &removal.record {
            RecordId::User(id) => group.users.push(id.clone()),
            RecordId::Department(id) => group.departments.push(*id),
        }
        group.oldest = group.oldest.min(removal.held_at);
        group.newest = group.newest.max(removal.held_at);
        group.reasons.insert(removal.reason.clone());
    }
    groups.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(record: RecordId, department: Option<i64>, minute: i64) -> HeldRemoval {
        HeldRemoval {
            record,
            cause: GoneCause::Left,
            state: HeldState::Pending,
            department: department.map(DeptId),
            reason: Statement::other("more than 10 %"),
            held_at: DateTime::UNIX_EPOCH + chrono::Duration::minutes(minute),
            decided_at: None,
            decided_by: None,
        }
    }

    fn user(id: &str) -> RecordId {
        RecordId::User(id.into())
    }

    #[test]
    fn what_differs_in_department_cause_or_state_is_another_group() {
        let mut removed = held(RecordId::Department(DeptId(7)), Some(7), 2);
        removed.cause = GoneCause::DepartmentRemoved;
        let mut rejected = held(user("d"), Some(7), 9);
        rejected.state = HeldState::Rejected;

        let groups = held_groups(&[
            held(user("a"), Some(7), 3),
            rejected,
            held(user("b"), Some(7), 1),
            removed,
            held(user("c"), None, 5),
        ]);
        let told: Vec<_> = groups
            .iter()
            .map(|it| (it.key.department, it.state, it.users.len(), it.departments.len()))
            .collect();
        let (waits, kept) = (HeldState::Pending, HeldState::Rejected);
        assert_eq!(
            told,
            [
                (None, waits, 1, 0),
                (Some(DeptId(7)), waits, 2, 0),
                (Some(DeptId(7)), kept, 1, 0),
                (Some(DeptId(7)), waits, 0, 1),
            ]
        );

        let pair = &groups[1];
        assert_eq!((pair.newest - pair.oldest).num_minutes(), 2);
        assert_eq!(pair.reasons.len(), 1, "one sentence, however many it held");
    }
}
