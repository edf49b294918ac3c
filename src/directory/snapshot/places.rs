//! Parts of the lists in DingTalk's order, between two places: each costs a step down the forest, however deep in the
//! list it is.

use std::ops::{Bound, Range};

use super::{MemberPlace, Snapshot, TreePlace, turned::Turned};
use crate::directory::{DeptId, User, UserId};

impl Snapshot {
    /// The place of a department among everything below `top`, or in the whole forest. One that is gone has none.
    pub fn tree_place(&self, id: DeptId, top: Option<DeptId>) -> Option<TreePlace> {
        self.tree.contains(id).then(|| self.tree.path(id, top))
    }

    /// The children of `parent` between two places. `descending`: those with an order of their own from the last to the
    /// first, and the others behind them.
    pub fn children_between(
        &self,
        parent: DeptId,
        descending: bool,
        from: Bound<&TreePlace>,
        to: Bound<&TreePlace>,
    ) -> impl DoubleEndedIterator<Item = DeptId> + use<'_> {
        let children = self.tree.children(parent);
        let turned = descending.then(|| Turned::new(self.tree.ordered_children(parent), children.len()));
        let in_front = |place: &TreePlace, and_it: bool| self.tree.rank(parent, place, and_it);
        part(children.len(), turned, (from, to), TreePlace::is_ordered, in_front)
            .filter_map(move |at| children.get(Turned::item_at(turned, at)).copied())
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

    /// The people directly in `id` between two places. `descending`: those with an order there from the last to the
    /// first, and the others behind them.
    pub fn members_between(
        &self,
        id: DeptId,
        descending: bool,
        from: Bound<&MemberPlace>,
        to: Bound<&MemberPlace>,
    ) -> impl DoubleEndedIterator<Item = &UserId> + use<'_> {
        let members = self.members(id);
        let turned = descending.then(|| Turned::new(self.members.ordered(id), members.len()));
        let is_ordered = |place: &MemberPlace| place.order.is_some();
        let in_front = |place: &MemberPlace, and_it: bool| self.members.position(id, place, and_it);
        part(members.len(), turned, (from, to), is_ordered, in_front)
            .filter_map(move |at| members.get(Turned::item_at(turned, at)))
    }

    /// The people of `top` and all below it between two places, each once: in the first department, in pre-order, that
    /// they are in. `descending`: department after department from the last to the first.
    pub fn members_below_between<'a>(
        &'a self,
        top: DeptId,
        descending: bool,
        from: Bound<&'a MemberPlace>,
        to: Bound<&'a MemberPlace>,
    ) -> impl DoubleEndedIterator<Item = (DeptId, &'a UserId)> + use<'a> {
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
        let (front, back) = if descending { (to, from) } else { (from, to) };
        let (start, cut_front) = match front {
            Bound::Unbounded => (whole.start, None),
            Bound::Included(place) | Bound::Excluded(place) => match department(place) {
                (at, true) => (at, Some(at)),
                (at, false) => (at, None),
            },
        };
        let (end, cut_back) = match back {
            Bound::Unbounded => (whole.end, None),
            Bound::Included(place) | Bound::Excluded(place) => match department(place) {
                (at, true) => (at + 1, Some(at)),
                (at, false) => (at, None),
            },
        };
        let start = start.clamp(whole.start, whole.end);
        let end = end.clamp(start, whole.end);
        let (cut_from, cut_to) = if descending {
            (cut_back, cut_front)
        } else {
            (cut_front, cut_back)
        };

        (start..end).flat_map(move |step| {
            let at = if descending { start + end - 1 - step } else { step };
            // Each place of the pre-order has a department.
            let id = self.tree.at(at).unwrap_or(top);
            let from = if cut_from == Some(at) { from } else { Bound::Unbounded };
            let to = if cut_to == Some(at) { to } else { Bound::Unbounded };
            let members = self.members_between(id, descending, from, to);
            let whole = whole.clone();
            members
                .filter(move |user| self.is_first_in(user, at, &whole))
                .map(move |user| (id, user))
        })
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

/// Which part of a list of `len` items, or of the same turned, lies between two places. `is_ordered` tells
/// whether a place has an order, `in_front` how many stand in front of one in the list, and whether the one that is
/// there counts.
fn part<P>(
    len: usize,
    turned: Option<Turned>,
    (from, to): (Bound<&P>, Bound<&P>),
    is_ordered: impl Fn(&P) -> bool,
    in_front: impl Fn(&P, bool) -> usize,
) -> Range<usize> {
    let in_front = |place: &P, and_it: bool| match turned {
        None => in_front(place, and_it),
        Some(turned) => turned.in_front(is_ordered(place), in_front(place, !and_it)),
    };

    let start = match from {
        Bound::Unbounded => 0,
        Bound::Included(place) => in_front(place, false),
        Bound::Excluded(place) => in_front(place, true),
    };
    let end = match to {
        Bound::Unbounded => len,
        Bound::Excluded(place) => in_front(place, false),
        Bound::Included(place) => in_front(place, true),
    };
    start..end.clamp(start, len.max(start))
}
