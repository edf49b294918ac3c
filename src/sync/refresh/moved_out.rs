//! Whoever was moved out of what the settings select: DingTalk knows them, and they are to be mirrored no more.
//!
//! People alone: a department that is moved out, or back, takes along whoever is below it, and that is a run's work.

use std::collections::BTreeSet;

use crate::directory::{DepartmentSelection, DeptId, GoneCause, Observation, RecordState, Snapshot, UserFacts, UserId};

/// Active people of the mirror who were read, and of whom every department's way up leads out of what is selected.
///
/// Where the end of a way isn't known they stay, and a run settles it.
pub(super) fn moved_out(
    observed: &Observation,
    snapshot: &Snapshot,
    selection: &DepartmentSelection,
) -> BTreeSet<UserId> {
    if selection.is_everything() {
        return BTreeSet::new();
    }

    let is_active = |id: &UserId| {
        let standing = snapshot.user(id.as_str()).map(|it| it.standing.state);
        standing == Some(RecordState::Active)
    };
    let is_outside = |id: DeptId| is_outside(observed, snapshot, selection, id);
    let users = observed.users.iter();
    let users = users.filter(|(id, (facts, _))| is_active(id) && is_in_only(facts, is_outside));
    users.map(|(id, _)| id.clone()).collect()
}

/// Whether all of somebody's departments are of this kind. Whoever is in none is not a matter of the selection.
fn is_in_only(facts: &UserFacts, is_of_kind: impl Fn(DeptId) -> bool) -> bool {
    let departments = facts.memberships.iter().map(|it| it.dept_id);
    let mut departments = departments.filter(|id| id.is_company()).peekable();
    departments.peek().is_some() && departments.all(is_of_kind)
}

/// Whether a department is certainly not selected.
fn is_outside(observed: &Observation, snapshot: &Snapshot, selection: &DepartmentSelection, id: DeptId) -> bool {
    let way: Vec<DeptId> = observed.way_up(snapshot, id).collect();
    // A mirror that doesn't serve a department any more tells no end of the way.
    let is_known = |id: &DeptId| {
        observed.departments.contains_key(id) || snapshot.department(*id).is_some_and(|it| it.standing.is_present())
    };
    let named = way.iter().position(|id| selection.names(*id));
    let told = named.map_or(way.as_slice(), |at| &way[..at]);

    told.iter().all(is_known) && (named.is_some() || way.last() == Some(&DeptId::ROOT)) && !selection.selects(way)
}

/// Says why they are gone. `authorised`: people whom the app sees wherever they are.
pub(super) fn take_out(observed: &mut Observation, moved_out: &BTreeSet<UserId>, authorised: &BTreeSet<UserId>) {
    for id in moved_out.difference(authorised) {
        observed.users.remove(id);
        observed.user_causes.insert(id.clone(), GoneCause::OutOfScope);
    }
}
