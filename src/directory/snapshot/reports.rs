//! Who reports to whom.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, OnceLock},
};

use super::layered::{Layered, Table};
use crate::directory::{MOST_LEVELS, User, UserId};

/// How many people report to somebody, each counted once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReportCount {
    /// Who names them as their manager.
    pub direct: usize,
    /// And everybody below those.
    pub all: usize,
    /// Whether they are below themselves: then everybody of the circle is below everybody of it, but not themselves.
    pub is_circular: bool,
}

/// The managers above somebody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ManagementChain {
    /// The nearest first, each once.
    pub managers: Vec<UserId>,
    /// Whether the next one would be somebody who was told before, or the person: it is cut there.
    pub is_circular: bool,
}

/// Present people by their manager's userid, also where the mirror doesn't have the manager.
#[derive(Clone, Default)]
pub(super) struct Reports {
    by_manager: Layered<UserId, Arc<[UserId]>>,
    /// Counted when it is first asked for.
    counts: Arc<OnceLock<HashMap<UserId, (usize, bool)>>>,
}

impl Reports {
    pub(super) fn build<'a>(users: impl Iterator<Item = &'a Arc<User>>) -> Self {
        let mut lists: HashMap<UserId, Vec<UserId>> = HashMap::new();
        for user in users {
            if let Some(manager) = manager(Some(user)) {
                lists
                    .entry(manager.clone())
                    .or_default()
                    .push(user.facts.userid.clone());
            }
        }

        let lists: Table<_, _> = lists.into_iter().map(|(id, people)| (id, sorted(people))).collect();
        Self {
            by_manager: lists.into(),
            counts: Arc::default(),
        }
    }

    /// Who names `id` as their manager, by userid.
    pub(super) fn of(&self, id: &str) -> &[UserId] {
        self.by_manager.get(id).map_or(&[], |people| people)
    }

    /// Takes the old records out and puts the new ones in.
    pub(super) fn replace(&mut self, changes: &[(Option<Arc<User>>, Arc<User>)]) {
        let moved: Vec<_> = changes
            .iter()
            .filter(|(old, new)| {
                manager(old.as_ref()) != manager(Some(new)) || is_present(old.as_ref()) != is_present(Some(new))
            })
            .collect();
        if moved.is_empty() {
            return;
        }

        self.counts = Arc::default();
        let mut touched: HashMap<&UserId, (HashSet<&UserId>, Vec<UserId>)> = HashMap::new();
        for (old, new) in moved {
            if let Some(manager) = manager(old.as_ref()) {
                touched.entry(manager).or_default().0.insert(&new.facts.userid);
            }
            if let Some(manager) = manager(Some(new)) {
                touched.entry(manager).or_default().1.push(new.facts.userid.clone());
            }
        }

        for (id, (out, mut people)) in touched {
            people.extend(self.of(id.as_str()).iter().filter(|id| !out.contains(id)).cloned());
            if people.is_empty() {
                self.by_manager.remove(id);
            } else {
                self.by_manager.insert(id.clone(), sorted(people));
            }
        }
    }

    /// `manager_of` gives the manager of whoever is present.
    pub(super) fn count<'a>(
        &self,
        id: &str,
        people: impl Fn() -> Vec<(&'a UserId, Option<&'a UserId>)>,
    ) -> ReportCount {
        let direct = self.of(id).len();
        if direct == 0 {
            return ReportCount::default();
        }
        let counts = self.counts.get_or_init(|| count(people()));
        let (all, is_circular) = counts.get(id).copied().unwrap_or((direct, false));
        ReportCount {
            direct,
            all,
            is_circular,
        }
    }
}

/// The managers above somebody, as far as `manager_of` knows them.
pub(super) fn chain<'a>(id: &'a UserId, manager_of: impl Fn(&UserId) -> Option<&'a UserId>) -> ManagementChain {
    let (mut chain, mut seen) = (ManagementChain::default(), HashSet::from([id]));
    let mut next = manager_of(id);
    while let Some(manager) = next {
        if !seen.insert(manager) {
            chain.is_circular = true;
            break;
        }
        chain.managers.push(manager.clone());
        if chain.managers.len() == MOST_LEVELS {
            break;
        }
        next = manager_of(manager);
    }
    chain
}

/// Of each manager: how many are below them, and whether they are among those. Everybody has one manager at most, so
/// counts add up, and what can't be counted from below is a circle.
fn count(people: Vec<(&UserId, Option<&UserId>)>) -> HashMap<UserId, (usize, bool)> {
    let managers: HashMap<&UserId, &UserId> = people.iter().filter_map(|(id, of)| Some((*id, (*of)?))).collect();
    let mut open: HashMap<&UserId, usize> = HashMap::new();
    for manager in managers.values() {
        *open.entry(manager).or_default() += 1;
    }

    let mut below: HashMap<&UserId, usize> = HashMap::new();
    let mut leaves: Vec<&UserId> = people
        .iter()
        .map(|(id, _)| *id)
        .filter(|id| !open.contains_key(id))
        .collect();
    while let Some(id) = leaves.pop() {
        let Some(manager) = managers.get(id).copied() else {
            continue;
        };
        let with_them = below.get(id).copied().unwrap_or(0) + 1;
        *below.entry(manager).or_default() += with_them;
        if let Some(left) = open.get_mut(manager) {
            *left -= 1;
            if *left == 0 {
                leaves.push(manager);
            }
        }
    }

    let mut counts: HashMap<UserId, (usize, bool)> =
        below.iter().map(|(id, all)| ((*id).clone(), (*all, false))).collect();
    let in_circles = open.iter().filter(|(_, left)| **left > 0).map(|(id, _)| *id);
    let mut told = HashSet::new();
    for start in in_circles {
        if told.contains(start) {
            continue;
        }
        let circle: Vec<&UserId> = std::iter::successors(Some(start), |id| managers.get(*id).copied())
            .take_while(|id| told.insert(*id))
            .collect();
        let all: usize = circle.iter().map(|id| below.get(*id).copied().unwrap_or(0) + 1).sum();
        counts.extend(circle.into_iter().map(|id| (id.clone(), (all - 1, true))));
    }
    counts
}

/// Whom a present user names as their manager.
fn manager(user: Option<&Arc<User>>) -> Option<&UserId> {
    let user = user.filter(|user| user.standing.is_present())?;
    user.facts.manager_userid.as_ref().filter(|id| !id.as_str().is_empty())
}

fn is_present(user: Option<&Arc<User>>) -> bool {
    user.is_some_and(|user| user.standing.is_present())
}

fn sorted(mut people: Vec<UserId>) -> Arc<[UserId]> {
    people.sort_unstable();
    people.dedup();
    people.into()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::directory::{RecordState, fixtures};

    fn person(id: u8, manager: Option<u8>, is_gone: bool) -> Arc<User> {
        let mut user = fixtures::user(&format!("u{id}"), &[1]);
        user.facts.manager_userid = manager.map(|id| format!("u{id}").into());
        if is_gone {
            user.standing = fixtures::standing(RecordState::Gone);
        }
        Arc::new(user)
    }

    /// Everybody below `id` by walking down, and whether the walk comes back.
    fn walked(people: &BTreeMap<String, Arc<User>>, id: &str) -> (usize, bool) {
        let (mut below, mut left, mut is_circular) = (HashSet::new(), vec![id.to_owned()], false);
        while let Some(next) = left.pop() {
            for user in people
                .values()
                .filter(|user| manager(Some(user)).is_some_and(|it| it.as_str() == next))
            {
                let found = user.facts.userid.to_string();
                is_circular |= found == id;
                if found != id && below.insert(found.clone()) {
                    left.push(found);
                }
            }
        }
        (below.len(), is_circular)
    }

    proptest! {
        #[test]
        fn counts_and_lists_are_those_of_a_walk_however_people_move(
            first in prop::collection::vec((0_u8..12, prop::option::of(0_u8..14), any::<bool>()), 0..16),
            moves in prop::collection::vec((0_u8..12, prop::option::of(0_u8..14), prop::bool::weighted(0.2)), 0..16),
        ) {
            let mut people: BTreeMap<String, Arc<User>> = BTreeMap::new();
            for (id, manager, is_gone) in first {
                people.insert(format!("u{id}"), person(id, manager, is_gone && manager.is_some_and(|it| it > 10)));
            }
            let mut reports = Reports::build(people.values());

            for (id, manager, is_gone) in moves {
                let new = person(id, manager, is_gone);
                let old = people.insert(format!("u{id}"), new.clone());
                reports.replace(&[(old, new)]);

                let all = || people.values().filter(|it| it.standing.is_present()).map(|it| (&it.facts.userid, manager_of(it))).collect();
                for id in (0..14).map(|id| format!("u{id}")) {
                    let direct: Vec<_> = people.values().filter(|it| super::manager(Some(it)).is_some_and(|it| it.as_str() == id)).map(|it| it.facts.userid.clone()).collect();
                    let expected = sorted(direct.clone());
                    prop_assert_eq!(reports.of(&id), &*expected);
                    let count = reports.count(&id, all);
                    prop_assert_eq!((count.direct, (count.all, count.is_circular)), (direct.len(), walked(&people, &id)));
                }
            }
        }
    }

    fn manager_of(user: &Arc<User>) -> Option<&UserId> {
        manager(Some(user))
    }

    #[test]
    fn a_chain_is_cut_where_it_would_come_to_somebody_again() {
        let ids: Vec<UserId> = ["a", "b", "c", "d"].map(Into::into).to_vec();
        let above = |id: &UserId| match id.as_str() {
            "a" => Some(&ids[1]),
            "b" => Some(&ids[2]),
            "c" => Some(&ids[1]),
            _ => None,
        };
        let chain = |id: &UserId| {
            let found = super::chain(ids.iter().find(|it| *it == id).unwrap(), above);
            (
                found.managers.iter().map(UserId::to_string).collect::<String>(),
                found.is_circular,
            )
        };
        assert_eq!(chain(&ids[0]), ("bc".into(), true));
        assert_eq!(chain(&ids[1]), ("c".into(), true));
        assert_eq!(chain(&ids[3]), (String::new(), false));
    }
}
