//! A few records, sorted for one answer.

use std::{cmp::Ordering, ops::Bound};

use crate::directory::order::SortKey;

/// Records with their keys, in order.
pub(super) struct Sorted<T> {
    items: Vec<(SortKey, T)>,
    descending: bool,
}

impl<T> Sorted<T> {
    pub(super) fn new(mut items: Vec<(SortKey, T)>, descending: bool) -> Self {
        items.sort_unstable_by(|(a, _), (b, _)| compare(a, b, descending));
        Self { items, descending }
    }

    pub(super) fn between(&self, from: Bound<&SortKey>, to: Bound<&SortKey>) -> impl DoubleEndedIterator<Item = &T> {
        between(&self.items, self.descending, from, to)
    }
}

/// What lies between two places of records that are sorted so.
pub(super) fn between<'a, T>(
    items: &'a [(SortKey, T)],
    descending: bool,
    from: Bound<&SortKey>,
    to: Bound<&SortKey>,
) -> impl DoubleEndedIterator<Item = &'a T> + use<'a, T> {
    let in_front = |place: &SortKey, itself: bool| {
        items.partition_point(|(key, _)| match compare(key, place, descending) {
            Ordering::Less => true,
            Ordering::Equal => itself,
            Ordering::Greater => false,
        })
    };

    let start = match from {
        Bound::Unbounded => 0,
        Bound::Included(place) => in_front(place, false),
        Bound::Excluded(place) => in_front(place, true),
    };
    let end = match to {
        Bound::Unbounded => items.len(),
        Bound::Included(place) => in_front(place, true),
        Bound::Excluded(place) => in_front(place, false),
    };
    items.get(start..end).unwrap_or_default().iter().map(|(_, item)| item)
}

/// Whoever has no value comes last in either direction.
fn compare(a: &SortKey, b: &SortKey, descending: bool) -> Ordering {
    let by_key = if descending { b.cmp(a) } else { a.cmp(b) };
    b.is_valued().cmp(&a.is_valued()).then(by_key)
}
