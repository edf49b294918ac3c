//! Whom and what the settings leave out of what was read, and who of them was moved there.
//!
//! People alone are moved out: a department that is moved out, or back, takes along whoever is below it, and that is a
//! run's work.

use std::collections::BTreeSet;

use crate::directory::{
    DepartmentSelection, DeptId, GoneCause, Observation, RecordId, RecordState, Snapshot, UserFacts, UserId,
};

/// What was read and isn't selected: an event, or a person's record, names whoever it names.
#[derive(Debug, Default)]
pub(in crate::sync) struct LeftOut {
    departments: Vec<DeptId>,
    users: Vec<UserId>,
    /// Active people of the mirror among them, of whom every department's way up leads out of what is selected.
    ///
    /// Where the end of a way isn't known they stay, and a run settles it.
    moved_out: BTreeSet<UserId>,
}

impl LeftOut {
    /// Of `these` records.
    pub(in crate::sync) fn of(
        observed: &Observation,
        snapshot: &Snapshot,
        selection: &DepartmentSelection,
        these: impl Fn(&RecordId) -> bool,
    ) -> Self {
        if selection.is_everything() {
            return Self::default();
        }

        let is_selected = |id: DeptId| selection.selects(observed.way_up(snapshot, id));
        let departments = observed.departments.keys().copied();
        let departments = departments.filter(|id| these(&RecordId::Department(*id)) && !is_selected(*id));

        // Whoever is in no department is not a matter of the selection.
        let is_in = |facts: &UserFacts| {
            facts.memberships.is_empty() || facts.memberships.iter().any(|it| is_selected(it.dept_id))
        };
        let users = observed.users.iter();
        let users = users.filter(|(id, (facts, _))| these(&RecordId::User((*id).clone())) && !is_in(facts));
        let users: Vec<(&UserId, &UserFacts)> = users.map(|(id, (facts, _))| (id, facts)).collect();

        let is_active = |id: &UserId| {
            let standing = snapshot.user(id.as_str()).map(|it| it.standing.state);
            standing == Some(RecordState::Active)
        };
        let is_outside = |id: DeptId| is_outside(observed, snapshot, selection, id);
        let moved_out = users
            .iter()
            .filter(|(id, facts)| is_active(id) && is_in_only(facts, is_outside));

        Self {
            departments: departments.collect(),
            moved_out: moved_out.map(|(id, _)| (*id).clone()).collect(),
            users: users.into_iter().map(|(id, _)| id.clone()).collect(),
        }
    }

    /// Whether it matters whom the scope names.
    pub(in crate::sync) fn has_moved_out(&self) -> bool {
        !self.moved_out.is_empty()
    }

    /// Takes it out of what was read. Whoever was moved out is gone, but for `authorised` people, whom the app sees
    /// wherever they are: what was read of these stands. `None`: nobody tells who these are, and nobody is gone.
    pub(in crate::sync) fn take_out(self, observed: &mut Observation, authorised: Option<&BTreeSet<UserId>>) {
        for id in self.departments {
            observed.departments.remove(&id);
        }

        for id in self.users {
            let was_moved = authorised.filter(|_| self.moved_out.contains(&id));
            if was_moved.is_some_and(|authorised| authorised.contains(&id)) {
                continue;
            }
            observed.users.remove(&id);
            if was_moved.is_some() {
                observed.user_causes.insert(id, GoneCause::OutOfScope);
            }
        }
    }
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
