//! Pages of a list: how many, between which places, from which end, and whether there is more.

use std::ops::Bound;

/// The largest page anybody gets.
pub const MAX_PAGE: u32 = 500;

/// From which end of what is asked for a page is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The first ones, `first` and `after`.
    Forwards,
    /// The last ones, `last` and `before`; in the list's order, too.
    Backwards,
}

/// What a caller asked for. `after` and `before` are keys of items that they have seen, and need not be there any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest<K> {
    /// How many items at most, 1 to [`MAX_PAGE`].
    pub size: u32,
    /// From which end.
    pub direction: Direction,
    /// Only items behind this key.
    pub after: Option<K>,
    /// Only items in front of this key.
    pub before: Option<K>,
}

impl<K> PageRequest<K> {
    /// The first `first` items behind `after`, clamped to what may be asked.
    pub fn new(first: u32, after: Option<K>) -> Self {
        Self::between(first, Direction::Forwards, after, None)
    }

    /// The first or the last `size` items between two places, clamped to what may be asked.
    pub fn between(size: u32, direction: Direction, after: Option<K>, before: Option<K>) -> Self {
        Self {
            size: size.clamp(1, MAX_PAGE),
            direction,
            after,
            before,
        }
    }

    /// Whether the last items are asked for.
    pub fn is_backwards(&self) -> bool {
        self.direction == Direction::Backwards
    }

    /// How many items are fetched: one more than the page has, which only tells that there is more.
    pub fn fetched(&self) -> usize {
        self.size as usize + 1
    }

    /// The same page of the list the other way round: see [`Page::reversed`].
    #[must_use]
    pub fn reversed(self) -> Self {
        let direction = match self.direction {
            Direction::Forwards => Direction::Backwards,
            Direction::Backwards => Direction::Forwards,
        };
        Self {
            size: self.size,
            direction,
            after: self.before,
            before: self.after,
        }
    }

    /// The same with each key turned into something else.
    pub fn map<L>(self, mut f: impl FnMut(K) -> L) -> PageRequest<L> {
        PageRequest {
            size: self.size,
            direction: self.direction,
            after: self.after.map(&mut f),
            before: self.before.map(&mut f),
        }
    }

    /// The page of a list that can be walked from both ends. `range` gives what lies between two bounds, and is walked
    /// no further than the page goes, and to the next item in front of it and behind it.
    pub fn page<'k, T, I>(&'k self, range: impl Fn(Bound<&'k K>, Bound<&'k K>) -> I) -> Page<T>
    where
        I: DoubleEndedIterator<Item = T>,
    {
        use Bound::{Excluded, Included, Unbounded};
        let after = self.after.as_ref();
        let before = self.before.as_ref();

        let mut between = range(after.map_or(Unbounded, Excluded), before.map_or(Unbounded, Excluded));
        let fetched: Vec<T> = match self.direction {
            Direction::Forwards => between.by_ref().take(self.fetched()).collect(),
            Direction::Backwards => between.by_ref().rev().take(self.fetched()).collect(),
        };
        let has_more = fetched.len() > self.size as usize;

        let mut page = Page::from_overfetched(fetched, self);
        // What a place was given for is mostly there still, and is the first that is looked at.
        let in_front = || after.is_some_and(|after| range(Unbounded, Included(after)).next_back().is_some());
        let behind = || before.is_some_and(|before| range(Included(before), Unbounded).next().is_some());
        page.has_previous = page.has_previous && (has_more && self.is_backwards() || in_front());
        page.has_next = page.has_next && (has_more && !self.is_backwards() || behind());
        page
    }
}

/// Whether anything can lie between two bounds: where nothing can, ordered maps panic.
pub fn in_order<K: PartialOrd>(from: &Bound<K>, to: &Bound<K>) -> bool {
    use Bound::{Excluded, Included, Unbounded};
    match (from, to) {
        (Unbounded, _) | (_, Unbounded) => true,
        (Included(from), Included(to)) => from <= to,
        (Included(from) | Excluded(from), Included(to) | Excluded(to)) => from < to,
    }
}

/// One page of a list, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, in the list's order whichever end they were taken from.
    pub items: Vec<T>,
    /// Whether items stand in front of the first one.
    pub has_previous: bool,
    /// Whether items follow behind the last one.
    pub has_next: bool,
}

impl<T> Page<T> {
    /// A page from [`PageRequest::fetched`] items, from the end that was asked for on. A place that was given counts as
    /// an item on its side.
    pub fn from_overfetched<K>(mut items: Vec<T>, request: &PageRequest<K>) -> Self {
        let has_more = items.len() > request.size as usize;
        items.truncate(request.size as usize);

        let (has_previous, has_next) = match request.direction {
            Direction::Forwards => (request.after.is_some(), has_more || request.before.is_some()),
            Direction::Backwards => {
                items.reverse();
                (has_more || request.after.is_some(), request.before.is_some())
            }
        };
        Self {
            items,
            has_previous,
            has_next,
        }
    }

    /// The page of the list the other way round that was asked for as [`PageRequest::reversed`].
    #[must_use]
    pub fn reversed(mut self) -> Self {
        self.items.reverse();
        Self {
            items: self.items,
            has_previous: self.has_next,
            has_next: self.has_previous,
        }
    }

    /// The same page with every item turned into something else.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        self.filter_map({
            let mut f = f;
            move |item| Some(f(item))
        })
    }

    /// The same page with every item turned into something else, and without those of which nothing comes.
    pub fn filter_map<U>(self, f: impl FnMut(T) -> Option<U>) -> Page<U> {
        Page {
            items: self.items.into_iter().filter_map(f).collect(),
            has_previous: self.has_previous,
            has_next: self.has_next,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ops::RangeBounds;

    use proptest::prelude::*;

    use super::*;

    fn page(items: &[i32], previous: bool, next: bool) -> Page<i32> {
        Page {
            items: items.to_vec(),
            has_previous: previous,
            has_next: next,
        }
    }

    #[test]
    fn the_extra_item_is_cut_and_tells_that_there_is_more() {
        let first = PageRequest::<i32>::new(2, None);
        assert_eq!(
            Page::from_overfetched(vec![1, 2, 3], &first),
            page(&[1, 2], false, true)
        );
        assert_eq!(Page::from_overfetched(vec![1, 2], &first), page(&[1, 2], false, false));

        let last = PageRequest::<i32>::between(2, Direction::Backwards, None, None);
        assert_eq!(Page::from_overfetched(vec![9, 8, 7], &last), page(&[8, 9], true, false));
        assert_eq!(Page::from_overfetched(vec![9, 8], &last), page(&[8, 9], false, false));
    }

    #[test]
    fn a_page_size_is_clamped() {
        assert_eq!(PageRequest::<i64>::new(0, None).size, 1);
        assert_eq!(PageRequest::<i64>::new(u32::MAX, None).size, MAX_PAGE);
    }

    proptest! {
        /// As Relay has it: cut at the places, then from one end.
        #[test]
        fn a_page_is_what_lies_between_the_places_from_one_end(
            list in prop::collection::btree_set(0_i32..40, 0..30),
            size in 1_u32..8,
            backwards in any::<bool>(),
            after in prop::option::of(0_i32..40),
            before in prop::option::of(0_i32..40),
        ) {
            let direction = if backwards { Direction::Backwards } else { Direction::Forwards };
            let request = PageRequest::between(size, direction, after, before);
            let found = request.page(|from, to| {
                list.iter().copied().filter(move |item| RangeBounds::contains(&(from, to), item))
            });

            let between: Vec<i32> = list
                .iter()
                .copied()
                .filter(|item| after.is_none_or(|it| *item > it) && before.is_none_or(|it| *item < it))
                .collect();
            let cut = between.len().saturating_sub(size as usize);
            let expected = if backwards { &between[cut..] } else { &between[..between.len() - cut] };
            prop_assert_eq!(&found.items, expected);

            // Where the page begins in the list without places, and where it ends.
            if let (Some(first), Some(last)) = (expected.first(), expected.last()) {
                prop_assert_eq!(found.has_previous, list.iter().any(|it| it < first));
                prop_assert_eq!(found.has_next, list.iter().any(|it| it > last));

                let reversed = request.reversed().page(|from, to| {
                    let flip = |place| match place {
                        Bound::Included(it) => Bound::Included(std::cmp::Reverse(it)),
                        Bound::Excluded(it) => Bound::Excluded(std::cmp::Reverse(it)),
                        Bound::Unbounded => Bound::Unbounded,
                    };
                    let bounds = (flip(from), flip(to));
                    let is_between = move |item: &i32| RangeBounds::contains(&bounds, &std::cmp::Reverse(item));
                    list.iter().rev().copied().filter(is_between)
                });
                prop_assert_eq!(reversed.reversed(), found);
            }
        }
    }
}
