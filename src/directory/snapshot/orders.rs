//! Everybody in other orders than that of their userids.

use std::{
    ops::Bound::{self, Excluded, Included, Unbounded},
    sync::Arc,
};

use super::{by_id::UsersById, lazily::Lazily};
use crate::{
    directory::{
        User, UserId,
        order::{Place, SortKey, SortValue, UserOrder},
    },
    page::in_order,
};

/// An order of everybody, GONE ones included.
#[derive(Clone)]
struct Ordered(imbl::OrdMap<SortKey, Arc<User>>);

/// Each order that somebody asked for.
#[derive(Clone, Default)]
pub(super) struct UserOrders {
    name: Lazily<Ordered>,
    job_number: Lazily<Ordered>,
    hired_date: Lazily<Ordered>,
}

/// A walk from both ends.
pub(super) type Walk<'a> = Box<dyn DoubleEndedIterator<Item = &'a Arc<User>> + 'a>;

impl UserOrders {
    /// What lies between two places of a list in this order.
    pub(super) fn between<'a>(
        &'a self,
        users: &UsersById,
        (order, descending): (UserOrder, bool),
        from: Bound<&SortKey>,
        to: Bound<&SortKey>,
    ) -> Walk<'a> {
        let made = match order {
            UserOrder::Name | UserOrder::UserId => &self.name,
            UserOrder::JobNumber => &self.job_number,
            UserOrder::HiredDate => &self.hired_date,
        };
        let ordered = made.get(|| Ordered::build(order, users));
        if descending {
            ordered.descending(from, to)
        } else {
            Box::new(ordered.ascending(from, to))
        }
    }

    /// As each part of the snapshot: takes the old records out and puts the new ones in.
    pub(super) fn replace(&mut self, changes: &[(Option<Arc<User>>, Arc<User>)], users: &UsersById) {
        for (order, made) in self.each() {
            made.bring_along(
                |ordered| ordered.replace(order, changes),
                || Ordered::build(order, users),
            );
        }
    }

    /// Takes out whom nobody knows any more: records that said nothing.
    pub(super) fn forget(&mut self, ids: &[UserId], users: &UsersById) {
        for (order, made) in self.each() {
            made.bring_along(|ordered| ordered.forget(order, ids), || Ordered::build(order, users));
        }
    }

    pub(super) fn anew(&self) -> Self {
        Self {
            name: self.name.anew(),
            job_number: self.job_number.anew(),
            hired_date: self.hired_date.anew(),
        }
    }

    fn each(&mut self) -> [(UserOrder, &mut Lazily<Ordered>); 3] {
        [
            (UserOrder::Name, &mut self.name),
            (UserOrder::JobNumber, &mut self.job_number),
            (UserOrder::HiredDate, &mut self.hired_date),
        ]
    }
}

impl Ordered {
    fn build(order: UserOrder, users: &UsersById) -> Self {
        Self(users.iter().map(|user| (order.key_of(user), user.clone())).collect())
    }

    fn replace(&mut self, order: UserOrder, changes: &[(Option<Arc<User>>, Arc<User>)]) {
        for (old, new) in changes {
            let key = order.key_of(new);
            if let Some(old) = old.as_ref().map(|old| order.key_of(old)).filter(|old| *old != key) {
                self.0.remove(&old);
            }
            self.0.insert(key, new.clone());
        }
    }

    fn forget(&mut self, order: UserOrder, ids: &[UserId]) {
        for id in ids {
            self.0.remove(&order.key_at(&Place(SortValue::None, id.to_string())));
        }
    }

    fn ascending(
        &self,
        from: Bound<&SortKey>,
        to: Bound<&SortKey>,
    ) -> impl DoubleEndedIterator<Item = &Arc<User>> + use<'_> {
        let between = in_order(&from, &to).then(|| self.0.range::<_, SortKey>((from, to)));
        between.into_iter().flatten().map(|(_, user)| user)
    }

    /// The largest value first, and whoever has none last all the same.
    fn descending<'a>(&'a self, from: Bound<&SortKey>, to: Bound<&SortKey>) -> Walk<'a> {
        let border = SortKey::first_unvalued();
        let is_valued = |place: Bound<&SortKey>| match place {
            Unbounded => None,
            Included(key) | Excluded(key) => Some(key.is_valued()),
        };

        let valued = match is_valued(from) {
            Some(false) => None,
            _ if is_valued(to) == Some(true) => Some((to, from)),
            _ => Some((Unbounded, from)),
        };
        let valued = valued.map(|(low, high)| match high {
            Unbounded => self.ascending(low, Excluded(&border)),
            high => self.ascending(low, high),
        });

        let unvalued = match is_valued(to) {
            Some(true) => None,
            _ if is_valued(from) == Some(false) => Some((to, from)),
            _ => Some((to, Unbounded)),
        };
        let unvalued = unvalued.map(|(low, high)| match low {
            Unbounded => self.ascending(Included(&border), high),
            low => self.ascending(low, high),
        });

        let valued = valued.into_iter().flat_map(|part| part.rev());
        Box::new(valued.chain(unvalued.into_iter().flat_map(|part| part.rev())))
    }
}
