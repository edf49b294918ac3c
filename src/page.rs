//! Pages of a list: how many, after what, and whether there is more.

/// The largest page anybody gets.
pub const MAX_PAGE: u32 = 500;

/// What a caller asked for. `after` is the key of the last item that they have seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest<K> {
    /// How many items at most, 1 to [`MAX_PAGE`].
    pub first: u32,
    /// Only items behind this key.
    pub after: Option<K>,
}

impl<K> PageRequest<K> {
    /// A page of `first` items, clamped to what may be asked.
    pub fn new(first: u32, after: Option<K>) -> Self {
        Self {
            first: first.clamp(1, MAX_PAGE),
            after,
        }
    }
}

/// One page of a list, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Whether items follow behind the last one.
    pub has_next: bool,
}

impl<T> Page<T> {
    /// A page from `first + 1` fetched items: the extra one only tells that there is more.
    pub fn from_overfetched(mut items: Vec<T>, first: u32) -> Self {
        let has_next = items.len() > first as usize;
        items.truncate(first as usize);
        Self { items, has_next }
    }

    /// The same page with every item turned into something else.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(f).collect(),
            has_next: self.has_next,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extra_item_is_cut_and_tells_that_there_is_more() {
        assert_eq!(
            Page::from_overfetched(vec![1, 2, 3], 2),
            Page {
                items: vec![1, 2],
                has_next: true
            }
        );

        assert_eq!(
            Page::from_overfetched(vec![1, 2], 2),
            Page {
                items: vec![1, 2],
                has_next: false
            }
        );
    }

    #[test]
    fn a_page_size_is_clamped() {
        assert_eq!(PageRequest::<i64>::new(0, None).first, 1);
        assert_eq!(PageRequest::<i64>::new(u32::MAX, None).first, MAX_PAGE);
    }
}
