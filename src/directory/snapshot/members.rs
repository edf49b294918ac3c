//! Who stands in which department, in DingTalk's order.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
    sync::Arc,
};

use super::{
    layered::{Layered, Table},
    member_place::MemberPlace,
};
use crate::directory::{DeptId, User, UserId};

/// The people of each department, also of departments that aren't (yet) in the mirror: a person may be read before
/// their department.
#[derive(Clone, Default)]
pub(super) struct MembersByDepartment(Layered<DeptId, MemberList>);

/// One department's people, front first. Orders are kept beside the ids, so that one change needs no look-up of the
/// others.
#[derive(Clone, Default)]
struct MemberList {
    ids: Arc<[UserId]>,
    orders: Arc<[Option<i64>]>,
}

type SortKey = (Reverse<Option<i64>>, UserId);

impl MemberList {
    /// DingTalk: a larger order is nearer the front. Who has none comes last.
    fn sorted(mut keys: Vec<SortKey>) -> Self {
        keys.sort();
        keys.dedup();
        let orders = keys.iter().map(|(order, _)| order.0).collect();
        Self {
            ids: keys.into_iter().map(|(_, id)| id).collect(),
            orders,
        }
    }

    fn keys(&self) -> impl Iterator<Item = SortKey> {
        self.orders
            .iter()
            .map(|order| Reverse(*order))
            .zip(self.ids.iter().cloned())
    }
}

impl MembersByDepartment {
    pub(super) fn build<'a>(users: impl Iterator<Item = &'a Arc<User>>) -> Self {
        let mut lists: HashMap<DeptId, Vec<SortKey>> = HashMap::new();
        for user in users.filter(|user| user.standing.is_present()) {
            for membership in &user.facts.memberships {
                let key = (Reverse(membership.order), user.facts.userid.clone());
                lists.entry(membership.dept_id).or_default().push(key);
            }
        }

        let lists: Table<_, _> = lists
            .into_iter()
            .map(|(id, keys)| (id, MemberList::sorted(keys)))
            .collect();
        Self(lists.into())
    }

    pub(super) fn of(&self, id: DeptId) -> &[UserId] {
        self.0.get(&id).map_or(&[], |list| &list.ids)
    }

    /// Where the first `id`s of the list of a department stand that are not in front of a place: from the place on, or
    /// behind it.
    pub(super) fn position(&self, id: DeptId, place: &MemberPlace, behind: bool) -> usize {
        let Some(list) = self.0.get(&id) else { return 0 };
        let wanted = (Reverse(place.order), place.userid.as_str());
        let (mut low, mut high) = (0, list.ids.len());
        while low < high {
            let middle = low.midpoint(high);
            let here = (Reverse(list.orders[middle]), list.ids[middle].as_str());
            let is_in_front = if behind { here <= wanted } else { here < wanted };
            if is_in_front {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// How many of a department have an order of their own. They stand in front.
    pub(super) fn ordered(&self, id: DeptId) -> usize {
        let list = self.0.get(&id);
        list.map_or(0, |list| list.orders.partition_point(Option::is_some))
    }

    /// Takes the old records out and puts the new ones in; each touched department's list is made once.
    pub(super) fn replace(&mut self, changes: &[(Option<Arc<User>>, Arc<User>)]) {
        let mut touched: HashMap<DeptId, (HashSet<&UserId>, Vec<SortKey>)> = HashMap::new();
        for (old, new) in changes {
            for membership in present(old.as_ref()) {
                touched
                    .entry(membership.dept_id)
                    .or_default()
                    .0
                    .insert(&new.facts.userid);
            }
            for membership in present(Some(new)) {
                let key = (Reverse(membership.order), new.facts.userid.clone());
                touched.entry(membership.dept_id).or_default().1.push(key);
            }
        }

        for (id, (out, mut keys)) in touched {
            if let Some(list) = self.0.get(&id) {
                keys.extend(list.keys().filter(|(_, user)| !out.contains(user)));
            }
            if keys.is_empty() {
                self.0.remove(&id);
            } else {
                self.0.insert(id, MemberList::sorted(keys));
            }
        }
    }
}

fn present(user: Option<&Arc<User>>) -> &[crate::directory::Membership] {
    user.filter(|user| user.standing.is_present())
        .map_or(&[], |user| &user.facts.memberships)
}
