//! Whoever was moved out of what the settings select: DingTalk knows them, and they are to be mirrored no more.

use std::collections::BTreeSet;

use crate::directory::{
    DepartmentSelection, DeptId, GoneCause, Observation, RecordId, RecordState, Snapshot, UserFacts, UserId,
};

/// Active records of the mirror that were read, and of which every way up leads out of what is selected.
///
/// Where the end of a way isn't known the record stays, and a run settles it.
pub(super) fn moved_out(
    observed: &Observation,
    snapshot: &Snapshot,
    selection: &DepartmentSelection,
) -> BTreeSet<RecordId> {
    if selection.is_everything() {
        return BTreeSet::new();
    }

    let is_active_user =
        |id: &UserId| snapshot.user(id.as_str()).map(|it| it.standing.state) == Some(RecordState::Active);
    let is_active = |id: DeptId| snapshot.department(id).map(|it| it.standing.state) == Some(RecordState::Active);
    let is_outside = |id: DeptId| is_outside(observed, snapshot, selection, id);

    let departments = observed.departments.keys().copied();
    let departments = departments.filter(|id| is_active(*id) && is_outside(*id));
    let users = observed.users.iter();
    let users = users.filter(|(id, (facts, _))| is_active_user(id) && is_in_only(facts, is_outside));
    let users = users.map(|(id, _)| RecordId::User(id.clone()));
    departments.map(RecordId::Department).chain(users).collect()
}

/// Whether all of somebody's departments are of this kind. Whoever is in none is not a matter of the selection.
fn is_in_only(facts: &UserFacts, is_of_kind: impl Fn(DeptId) -> bool) -> bool {
    let mut departments = facts
        .memberships
        .iter()
        .map(|it| it.dept_id)
        .filter(|id| id.is_company());
    let first = departments.next();
    first.is_some_and(&is_of_kind) && departments.all(is_of_kind)
}

/// Whether a department is certainly not selected.
fn is_outside(observed: &Observation, snapshot: &Snapshot, selection: &DepartmentSelection, id: DeptId) -> bool {
    let way: Vec<DeptId> = observed.way_up(snapshot, id).collect();
    // A mirror that is asked about what it doesn't know, or doesn't serve any more, tells no end of the way.
    let is_known = |id: &DeptId| {
        observed.departments.contains_key(id) || snapshot.department(*id).is_some_and(|it| it.standing.is_present())
    };
    let named = way.iter().position(|id| selection.names(*id));
    let told = named.map_or(way.as_slice(), |at| &way[..at]);

    told.iter().all(is_known) && (named.is_some() || way.last() == Some(&DeptId::ROOT)) && !selection.selects(way)
}

/// Says why they are gone. `authorised`: people whom the app sees wherever they are; `None` where nobody told, and then
/// people stay.
pub(super) fn take_out(
    observed: &mut Observation,
    moved_out: &BTreeSet<RecordId>,
    authorised: Option<&BTreeSet<UserId>>,
) {
    for record in moved_out {
        match record {
            RecordId::Department(id) => {
                observed.departments.remove(id);
                observed.department_causes.insert(*id, GoneCause::OutOfScope);
            }
            RecordId::User(id) if authorised.is_some_and(|them| !them.contains(id)) => {
                observed.users.remove(id);
                observed.user_causes.insert(id.clone(), GoneCause::OutOfScope);
            }
            RecordId::User(_) => {}
        }
    }
}

/// Whoever the mirror has in departments that were moved out: where they are is read, too.
pub(super) fn below(moved_out: &BTreeSet<RecordId>, snapshot: &Snapshot) -> impl Iterator<Item = RecordId> {
    let departments = moved_out.iter().filter_map(|record| match record {
        RecordId::Department(id) => Some(*id),
        RecordId::User(_) => None,
    });
    departments.flat_map(|id| {
        let departments = snapshot.children(id).iter().copied().map(RecordId::Department);
        departments.chain(snapshot.members(id).iter().cloned().map(RecordId::User))
    })
}
