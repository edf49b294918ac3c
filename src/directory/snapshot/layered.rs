//! A map that many versions share: everything in one dense table, and what changed since beside it.
//!
//! A persistent trie alone takes six times the memory of a table and more time to look something up. Of two versions of
//! a company almost everything is the same, so they share the table, and the trie holds the difference.

use std::{borrow::Borrow, collections::HashMap, hash::Hash, sync::Arc};

use foldhash::fast::RandomState;
use imbl::{GenericHashMap, shared_ptr::DefaultSharedPtr};

/// The table is made anew when this part of it is out of date, so that a change costs no more than its own size, taken
/// together.
const STALE: usize = 8;
/// So few changes never make a table anew.
const FEW: usize = 256;

/// A dense table. Its hashes are seeded anew in each process, and cost a fraction of the standard ones: somebody is
/// looked up for each row of an answer.
pub(super) type Table<K, V> = HashMap<K, V, RandomState>;

/// An immutable map in all but name: a clone costs nothing, and changes after it are its own.
#[derive(Clone)]
pub(super) struct Layered<K, V> {
    table: Arc<Table<K, V>>,
    /// What differs from the table; `None` is gone.
    changed: GenericHashMap<K, Option<V>, RandomState, DefaultSharedPtr>,
    len: usize,
}

impl<K: Hash + Eq, V> Default for Layered<K, V> {
    fn default() -> Self {
        Table::default().into()
    }
}

impl<K: Hash + Eq, V> From<Table<K, V>> for Layered<K, V> {
    fn from(mut table: Table<K, V>) -> Self {
        table.shrink_to_fit();
        Self {
            len: table.len(),
            table: Arc::new(table),
            changed: GenericHashMap::default(),
        }
    }
}

impl<K: Hash + Eq + Clone, V: Clone> Layered<K, V> {
    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(super) fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        if !self.changed.is_empty()
            && let Some(changed) = self.changed.get(key)
        {
            return changed.as_ref();
        }
        self.table.get(key)
    }

    pub(super) fn insert(&mut self, key: K, value: V) {
        self.len += usize::from(self.get(&key).is_none());
        self.changed.insert(key, Some(value));
        self.tidy_up();
    }

    pub(super) fn remove<Q: Hash + Eq + ?Sized>(&mut self, key: &Q)
    where
        K: Borrow<Q>,
    {
        self.len -= usize::from(self.get(key).is_some());
        match self.table.get_key_value(key) {
            Some((key, _)) => drop(self.changed.insert(key.clone(), None)),
            None => drop(self.changed.remove(key)),
        }
        self.tidy_up();
    }

    /// Makes the table anew where it is out of date.
    fn tidy_up(&mut self) {
        if self.changed.len() <= FEW.max(self.table.len() / STALE) {
            return;
        }

        let mut table = Table::with_capacity_and_hasher(self.len, RandomState::default());
        let same = self.table.iter().filter(|(key, _)| !self.changed.contains_key(*key));
        table.extend(same.map(|(key, value)| (key.clone(), value.clone())));
        let changed = self.changed.iter();
        table.extend(changed.filter_map(|(key, value)| Some((key.clone(), value.clone()?))));
        *self = table.into();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_map_and_former_versions_stay_as_they_were(
            first in prop::collection::hash_map(0_u16..2_000, any::<u8>(), 0..600),
            changes in prop::collection::vec((0_u16..2_000, prop::option::of(any::<u8>())), 0..1_500),
        ) {
            let former: Layered<u16, u8> = first.clone().into_iter().collect::<Table<_, _>>().into();
            let (mut layered, mut plain) = (former.clone(), first.clone());

            for (key, value) in changes {
                match value {
                    Some(value) => {
                        layered.insert(key, value);
                        plain.insert(key, value);
                    }
                    None => {
                        layered.remove(&key);
                        plain.remove(&key);
                    }
                }
                prop_assert!(layered.changed.len() <= FEW.max(layered.table.len() / STALE));
            }

            for (layered, plain) in [(&layered, &plain), (&former, &first)] {
                prop_assert_eq!(layered.is_empty(), plain.is_empty());
                prop_assert_eq!(layered.len, plain.len());
                prop_assert!((0..2_000).all(|key| layered.get(&key) == plain.get(&key)));
            }
        }
    }
}
