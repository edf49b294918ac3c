//! Who stands in which department, in DingTalk's order.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
    sync::Arc,
};

use super::layered::Layered;
use crate::directory::{DeptId, User, UserId};

/// The people of each department, also of departments that aren't (yet) in the mirror: a person may be read before
/// their department.
#[derive(Clone, Default)]
pub(super) struct Members(Layered<DeptId, List>);

/// One department's people, front first. Orders are kept beside the ids, so that one change needs no look-up of the
/// others.
#[derive(Clone, Default)]
struct List {
    ids: Arc<[UserId]>,
    orders: Arc<[Option<i64>]>,
}

type Place = (Reverse<Option<i64>>, UserId);

impl List {
    /// DingTalk: a larger order is nearer the front. Who has none comes last.
    fn sorted(mut places: Vec<Place>) -> Self {
        places.sort();
        places.dedup();
        let orders = places.iter().map(|(order, _)| order.0).collect();
        Self {
            ids: places.into_iter().map(|(_, id)| id).collect(),
            orders,
        }
    }

    fn places(&self) -> impl Iterator<Item = Place> {
        self.orders
            .iter()
            .map(|order| Reverse(*order))
            .zip(self.ids.iter().cloned())
    }
}

impl Members {
    pub(super) fn build<'a>(users: impl Iterator<Item = &'a Arc<User>>) -> Self {
        let mut lists: HashMap<DeptId, Vec<Place>> = HashMap::new();
        for user in users.filter(|user| user.standing.is_present()) {
            for membership in &user.facts.memberships {
                let place = (Reverse(membership.order), user.facts.userid.clone());
                lists.entry(membership.dept_id).or_default().push(place);
            }
        }

        let lists: HashMap<_, _> = lists
            .into_iter()
            .map(|(id, places)| (id, List::sorted(places)))
            .collect();
        Self(lists.into())
    }

    pub(super) fn of(&self, id: DeptId) -> &[UserId] {
        self.0.get(&id).map_or(&[], |list| &list.ids)
    }

    /// Takes the old records out and puts the new ones in; each touched department's list is made once.
    pub(super) fn replace(&mut self, changes: &[(Option<Arc<User>>, Arc<User>)]) {
        let mut touched: HashMap<DeptId, (HashSet<&UserId>, Vec<Place>)> = HashMap::new();
        for (old, new) in changes {
            for membership in present(old.as_ref()) {
                touched
                    .entry(membership.dept_id)
                    .or_default()
                    .0
                    .insert(&new.facts.userid);
            }
            for membership in present(Some(new)) {
                let place = (Reverse(membership.order), new.facts.userid.clone());
                touched.entry(membership.dept_id).or_default().1.push(place);
            }
        }

        for (id, (out, mut places)) in touched {
            if let Some(list) = self.0.get(&id) {
                places.extend(list.places().filter(|(_, user)| !out.contains(user)));
            }
            if places.is_empty() {
                self.0.remove(&id);
            } else {
                self.0.insert(id, List::sorted(places));
            }
        }
    }
}

fn present(user: Option<&Arc<User>>) -> &[crate::directory::Membership] {
    user.filter(|user| user.standing.is_present())
        .map_or(&[], |user| &user.facts.memberships)
}
