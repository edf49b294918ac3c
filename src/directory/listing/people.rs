//! People who match, in an order.

use std::{
    ops::Bound::{self, Excluded, Included, Unbounded},
    sync::Arc,
};

use super::sorted::Sorted;
use crate::{
    directory::{
        Snapshot, User,
        filter::UserFilter,
        order::{Place, SortKey, UserOrder},
    },
    page::{Page, PageRequest},
};

/// So few are always sorted for one answer: that costs less than a walk.
const FEW: usize = 256;

/// Which people, and in which order.
#[derive(Debug, Clone)]
pub struct UserList {
    /// Who matches.
    pub filter: UserFilter,
    /// By what.
    pub order: UserOrder,
    /// The largest first.
    pub descending: bool,
}

impl UserList {
    /// The place of a user in it.
    pub fn place(&self, user: &User) -> Place<String> {
        Place(self.order.value(user), user.facts.userid.to_string())
    }

    /// A page of it. It costs a page, however deep it is, where nearly everybody matches or an index finds those who
    /// do; a walk along the order to those who do otherwise.
    pub fn page(&self, snapshot: &Snapshot, request: &PageRequest<Place<String>>) -> Page<Arc<User>> {
        let is = |user: &&Arc<User>| self.filter.matches(snapshot, user);
        let keys = request.clone().map(|place| self.order.key_at(&place));

        if let Some(few) = self.few(snapshot) {
            let few = few.into_iter().filter(is).map(|user| (self.order.key_of(user), user));
            let sorted = Sorted::new(few.collect(), self.descending);
            return keys
                .page(|from, to| sorted.between(from, to))
                .map(|user| Arc::clone(user));
        }

        let page = match (self.order, self.descending) {
            (UserOrder::UserId, false) => request.page(|from, to| by_id(snapshot, from, to).filter(is)),
            (UserOrder::UserId, true) => {
                let reversed = request.clone().reversed();
                reversed
                    .page(|from, to| by_id(snapshot, from, to).filter(is))
                    .reversed()
            }
            order => keys.page(|from: Bound<&SortKey>, to| snapshot.users_in_order(order, from, to).filter(is)),
        };
        page.map(Arc::clone)
    }

    /// How many match.
    pub fn count(&self, snapshot: &Snapshot) -> usize {
        if self.filter.is_everybody_present() {
            return snapshot.user_count();
        }

        let is = |user: &&Arc<User>| self.filter.matches(snapshot, user);
        match self.filter.candidates(snapshot, usize::MAX) {
            Some(candidates) => candidates.into_iter().filter(is).count(),
            None => snapshot.users().filter(is).count(),
        }
    }

    /// Candidates who are so few that sorting them costs less than walking along the order. By userid they are sorted
    /// as they come.
    fn few<'a>(&'a self, snapshot: &'a Snapshot) -> Option<Vec<&'a Arc<User>>> {
        let by_id = self.order == UserOrder::UserId;
        let steps = snapshot.user_count() * if by_id { 32 } else { 2 };
        let most = FEW.max(steps.isqrt());
        let few = self.filter.candidates(snapshot, most)?;
        (by_id || few.len() <= most).then_some(few)
    }
}

fn by_id<'a>(
    snapshot: &'a Snapshot,
    from: Bound<&Place<String>>,
    to: Bound<&Place<String>>,
) -> impl DoubleEndedIterator<Item = &'a Arc<User>> + use<'a> {
    fn id(place: Bound<&Place<String>>) -> Bound<&str> {
        match place {
            Unbounded => Unbounded,
            Included(place) => Included(place.1.as_str()),
            Excluded(place) => Excluded(place.1.as_str()),
        }
    }
    snapshot.users_between(id(from), id(to))
}
