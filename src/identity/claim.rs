//! Who claims a key: the people the indexes name, told apart by whether they still stand in the company.

use std::sync::Arc;

use crate::directory::{Snapshot, User, UserId};

/// The most candidates that an answer lists.
pub(super) const MAX_CANDIDATES: usize = 20;

/// Everybody who has a key, each once, sorted by userid.
#[derive(Default)]
pub(super) struct Claim<'a> {
    /// ACTIVE and HELD.
    pub(super) present: Vec<&'a Arc<User>>,
    /// GONE: they claim nothing while somebody present does.
    pub(super) gone: Vec<&'a Arc<User>>,
}

impl<'a> Claim<'a> {
    pub(super) fn of(snapshot: &'a Snapshot, lists: &[&'a [UserId]]) -> Self {
        let mut ids: Vec<&UserId> = lists.iter().copied().flatten().collect();
        if ids.len() > 1 {
            ids.sort_unstable();
            ids.dedup();
        }
        let people = ids.into_iter().filter_map(|id| snapshot.user(id.as_str()));
        let (present, gone) = people.partition(|user| user.standing.is_present());
        Self { present, gone }
    }

    pub(super) fn candidates(&self) -> Vec<UserId> {
        let everybody = self.present.iter().chain(&self.gone).map(|it| &it.facts.userid);
        if self.gone.is_empty() {
            return everybody.take(MAX_CANDIDATES).cloned().collect();
        }
        let mut all: Vec<&UserId> = everybody.collect();
        all.sort_unstable();
        all.into_iter().take(MAX_CANDIDATES).cloned().collect()
    }
}
