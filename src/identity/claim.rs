//! Who claims a key: the people the indexes name, told apart by whether they still stand in the company.

use std::collections::BTreeSet;

use crate::directory::{Snapshot, UserId};

/// The most candidates that an answer lists.
pub(super) const MAX_CANDIDATES: usize = 20;

/// Everybody who has a key, each once, sorted by userid.
#[derive(Default)]
pub(super) struct Claim<'a> {
    /// ACTIVE and HELD.
    pub(super) present: Vec<&'a UserId>,
    /// GONE: they claim nothing while somebody present does.
    pub(super) gone: Vec<&'a UserId>,
}

impl<'a> Claim<'a> {
    pub(super) fn of(snapshot: &'a Snapshot, lists: &[&'a [UserId]]) -> Self {
        let people: BTreeSet<&UserId> = lists.iter().copied().flatten().collect();
        let stands = |id: &&UserId| {
            snapshot
                .user(id.as_str())
                .is_some_and(|user| user.standing.is_present())
        };
        let (present, gone) = people.into_iter().partition(stands);
        Self { present, gone }
    }

    pub(super) fn candidates(&self) -> Vec<UserId> {
        let all: BTreeSet<&UserId> = self.present.iter().chain(&self.gone).copied().collect();
        all.into_iter().take(MAX_CANDIDATES).cloned().collect()
    }
}
