//! Parts of the lists in DingTalk's order, between two places: each costs a step down the forest, however deep in the
//! list it is.

use std::ops::{Bound, Range};

use super::{MemberPlace, Snapshot, TreePlace};
use crate::directory::{DeptId, User, UserId};

impl Snapshot {
    /// The place of a department among everything below `top`, or in the whole forest. One that is gone has none.
    pub fn tree_place(&self, id: DeptId, top: Option<DeptId>) -> Option<TreePlace> {
        self.tree.contains(id).then(|| self.tree.path(id, top))
    }

    /// The children of `parent` between two places.
    pub fn children_between(&self, parent: DeptId, from: Bound<&TreePlace>, to: Bound<&TreePlace>) -> &[DeptId] {
        let children = self.tree.children(parent);
        let (mut start, mut end) = (0, children.len());
        if let Bound::Included(place) | Bound::Excluded(place) = from {
            start = self.tree.rank(parent, place, matches!(from, Bound::Excluded(_)));
        }
        if let Bound::Included(place) | Bound::Excluded(place) = to {
            end = self.tree.rank(parent, place, matches!(to, Bound::Included(_)));
        }
        children.get(start..end).unwrap_or_default()
    }

    /// Everything below `top` between two places, in pre-order, `depth` steps down at most.
    pub fn descendants_between(
        &self,
        top: DeptId,
        depth: Option<u32>,
        from: Bound<&TreePlace>,
        to: Bound<&TreePlace>,
    ) -> impl DoubleEndedIterator<Item = DeptId> + use<'_> {
        let part = self.tree.between(self.tree.below(top), Some(top), from, to);
        self.tree.within(part, self.tree.level(top), depth).map(|(id, _)| id)
    }

    /// Present departments between two places, in pre-order: the whole forest.
    pub fn forest_between(
        &self,
        from: Bound<&TreePlace>,
        to: Bound<&TreePlace>,
    ) -> impl DoubleEndedIterator<Item = DeptId> + use<'_> {
        let part = self.tree.between(self.tree.everything(), None, from, to);
        self.tree.within(part, 0, None).map(|(id, _)| id)
    }

    /// The place of a user among the people of `department`; `top`: among those of `top` and all below it.
    pub fn member_place(&self, user: &User, department: DeptId, top: Option<DeptId>) -> MemberPlace {
        let order = user.facts.memberships.iter().find(|it| it.dept_id == department);
        MemberPlace {
            department: top.map(|top| self.tree.path(department, Some(top))),
            order: order.and_then(|it| it.order),
            userid: user.facts.userid.to_string(),
        }
    }

    /// The people directly in `id` between two places.
    pub fn members_between(&self, id: DeptId, from: Bound<&MemberPlace>, to: Bound<&MemberPlace>) -> &[UserId] {
        let members = self.members(id);
        let part = self.part_of(id, members.len(), from, to);
        members.get(part).unwrap_or_default()
    }

    /// The people of `top` and all below it between two places, each once: in the first department, in pre-order, that
    /// they are in.
    pub fn members_below_between(
        &self,
        top: DeptId,
        from: Bound<&MemberPlace>,
        to: Bound<&MemberPlace>,
    ) -> impl DoubleEndedIterator<Item = (DeptId, &UserId)> {
        let whole = self
            .tree
            .place(top)
            .map_or(0..0, |place| place..self.tree.below(top).end);
        let department = |place: &MemberPlace| {
            let place = place.department.clone().unwrap_or(TreePlace {
                path: Vec::new(),
                id: top.0,
            });
            self.tree.find(&place, Some(top))
        };

        // The departments from that of the one place to that of the other; of these two only a part.
        let (start, cut_front) = match from {
            Bound::Unbounded => (whole.start, None),
            Bound::Included(place) | Bound::Excluded(place) => match department(place) {
                (at, true) => (at, Some(at)),
                (at, false) => (at, None),
            },
        };
        let (end, cut_back) = match to {
            Bound::Unbounded => (whole.end, None),
            Bound::Included(place) | Bound::Excluded(place) => match department(place) {
                (at, true) => (at + 1, Some(at)),
                (at, false) => (at, None),
            },
        };
        let start = start.clamp(whole.start, whole.end);
        let end = end.clamp(start, whole.end);

        (start..end).flat_map(move |at| {
            // Each place of the pre-order has a department.
            let id = self.tree.at(at).unwrap_or(top);
            let members = self.members(id);
            let from = if cut_front == Some(at) { from } else { Bound::Unbounded };
            let to = if cut_back == Some(at) { to } else { Bound::Unbounded };
            let part = self.part_of(id, members.len(), from, to);
            let members = members.get(part).unwrap_or_default().iter();
            let whole = whole.clone();
            members
                .filter(move |user| self.is_first_in(user, at, &whole))
                .map(move |user| (id, user))
        })
    }

    fn part_of(&self, id: DeptId, len: usize, from: Bound<&MemberPlace>, to: Bound<&MemberPlace>) -> Range<usize> {
        let start = match from {
            Bound::Unbounded => 0,
            Bound::Included(place) => self.members.position(id, place, false),
            Bound::Excluded(place) => self.members.position(id, place, true),
        };
        let end = match to {
            Bound::Unbounded => len,
            Bound::Excluded(place) => self.members.position(id, place, false),
            Bound::Included(place) => self.members.position(id, place, true),
        };
        start..end.clamp(start, len.max(start))
    }

    /// Whether the department at `at` is the first of a user's within a part of the pre-order.
    fn is_first_in(&self, id: &UserId, at: usize, part: &Range<usize>) -> bool {
        let Some(user) = self.user(id.as_str()) else {
            return false;
        };
        let [_, _, ..] = user.facts.memberships.as_slice() else {
            return true;
        };
        let places = user
            .facts
            .memberships
            .iter()
            .filter_map(|it| self.tree.place(it.dept_id));
        !places.filter(|place| part.contains(place)).any(|place| place < at)
    }

    /// The department by which somebody stands in the list of [`Self::members_below_between`].
    pub fn first_department_in(&self, user: &User, top: DeptId) -> Option<DeptId> {
        let places = user.facts.memberships.iter().map(|it| it.dept_id);
        let within = places.filter(|id| self.tree.is_in(*id, top));
        within.min_by_key(|id| self.tree.place(*id))
    }
}
