//! The people of a department in DingTalk's order.

use std::{ops::Bound, sync::Arc};

use crate::{
    directory::{DeptId, MemberPlace, Snapshot, User, UserId, filter::UserFilter},
    page::{Page, PageRequest},
};

/// Which people of which department: in DingTalk's order, larger ones first; of a subtree in the order of its
/// departments, each person once, where they stand first.
#[derive(Debug, Clone)]
pub struct MemberList {
    /// The department.
    pub department: DeptId,
    /// And all below it.
    pub with_subtree: bool,
    /// Who of them; none: all.
    pub filter: Option<UserFilter>,
}

impl MemberList {
    /// The department by which somebody is in it.
    pub fn department_of(&self, snapshot: &Snapshot, user: &User) -> DeptId {
        let first = self
            .with_subtree
            .then(|| snapshot.first_department_in(user, self.department));
        first.flatten().unwrap_or(self.department)
    }

    /// The place of a user in it.
    pub fn place(&self, snapshot: &Snapshot, user: &User) -> MemberPlace {
        let department = self.department_of(snapshot, user);
        snapshot.member_place(user, department, self.with_subtree.then_some(self.department))
    }

    /// A page of it, from the end where `descending`: whoever has no order in their department stands last in it all
    /// the same.
    pub fn page(&self, snapshot: &Snapshot, request: PageRequest<MemberPlace>, descending: bool) -> Page<Arc<User>> {
        let page = request.page(|from, to| self.between(snapshot, descending, from, to));
        page.map(Arc::clone)
    }

    /// Those between two places.
    pub(super) fn between<'a>(
        &'a self,
        snapshot: &'a Snapshot,
        descending: bool,
        from: Bound<&'a MemberPlace>,
        to: Bound<&'a MemberPlace>,
    ) -> Box<dyn DoubleEndedIterator<Item = &'a Arc<User>> + 'a> {
        let find = move |id: &UserId| snapshot.user(id.as_str()).filter(|user| self.is_in(snapshot, user));
        if self.with_subtree {
            let people = snapshot.members_below_between(self.department, descending, from, to);
            Box::new(people.filter_map(move |(_, id)| find(id)))
        } else {
            let people = snapshot.members_between(self.department, descending, from, to);
            Box::new(people.filter_map(find))
        }
    }

    /// How many there are.
    pub fn count(&self, snapshot: &Snapshot) -> usize {
        use Bound::Unbounded;
        match (&self.filter, self.with_subtree) {
            (None, false) => snapshot.members(self.department).len(),
            (None, true) => snapshot.total_members(self.department),
            (Some(_), false) => {
                let people = snapshot.members(self.department).iter();
                people.filter(|id| self.has(snapshot, id)).count()
            }
            (Some(_), true) => {
                let people = snapshot.members_below_between(self.department, false, Unbounded, Unbounded);
                people.filter(|(_, id)| self.has(snapshot, id)).count()
            }
        }
    }

    fn has(&self, snapshot: &Snapshot, id: &UserId) -> bool {
        snapshot
            .user(id.as_str())
            .is_some_and(|user| self.is_in(snapshot, user))
    }

    fn is_in(&self, snapshot: &Snapshot, user: &User) -> bool {
        self.filter.as_ref().is_none_or(|filter| filter.matches(snapshot, user))
    }
}
