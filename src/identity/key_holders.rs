//! Who has a key: the people whom the index names, told apart by whether they still stand in the company.

use std::sync::Arc;

use crate::directory::{GoneCause, User, UserId};

/// The most candidates that an answer lists.
pub(super) const MAX_CANDIDATES: usize = 20;

/// Everybody who has a key, each once.
pub(super) struct KeyHolders<'a> {
    /// ACTIVE and HELD, sorted by userid.
    pub(super) present: &'a [Arc<User>],
    /// GONE, sorted by userid.
    pub(super) gone: &'a [Arc<User>],
}

impl<'a> KeyHolders<'a> {
    /// Of `holders` as the snapshot's indexes have them: present people first.
    pub(super) fn of(holders: &'a [Arc<User>]) -> Self {
        let (present, gone) = holders.split_at(holders.partition_point(|user| user.standing.is_present()));
        Self { present, gone }
    }

    /// Who is GONE because this app may no longer see them, and may well be in the company still.
    pub(super) fn out_of_sight(&self) -> impl Iterator<Item = &'a Arc<User>> {
        let unseen = |user: &&Arc<User>| user.standing.cause == Some(GoneCause::OutOfScope);
        self.gone.iter().filter(unseen)
    }

    /// Between whom the key is to be decided. Somebody who left doesn't dispute it with somebody who is there; somebody
    /// who is out of sight does.
    pub(super) fn claimants(&self) -> Vec<&'a Arc<User>> {
        if self.present.is_empty() {
            return self.gone.iter().collect();
        }
        self.present.iter().chain(self.out_of_sight()).collect()
    }

    /// Those who are present first: a leaver takes nobody's place who is there.
    pub(super) fn candidates(&self) -> Vec<UserId> {
        let all = self.present.iter().chain(self.gone);
        all.take(MAX_CANDIDATES).map(|it| it.facts.userid.clone()).collect()
    }
}
