//! Paging: `first` and `after`, or `last` and `before`, of a list, checked, and the page that they make of it.

use std::{
    borrow::Cow,
    fmt::Display,
    ops::{Bound, RangeBounds},
    str::FromStr,
    sync::OnceLock,
};

use async_graphql::OutputType;

use super::{
    connection::{Listing, int},
    ids::parse_cursor,
    place::PlaceText,
};
use crate::{
    graphql::{admission::aside, error::ApiError},
    page::{Direction, MAX_PAGE, Page, PageRequest},
};

/// Which page of a list, as a caller asks for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PageArgs {
    /// How many from the front.
    pub(crate) first: Option<i32>,
    /// Only those behind this cursor.
    pub(crate) after: Option<String>,
    /// How many from the end.
    pub(crate) last: Option<i32>,
    /// Only those in front of this cursor.
    pub(crate) before: Option<String>,
}

impl PageArgs {
    /// The four arguments in the order in which every list has them.
    pub(crate) fn new(first: Option<i32>, after: Option<String>, last: Option<i32>, before: Option<String>) -> Self {
        Self {
            first,
            after,
            last,
            before,
        }
    }

    /// What the store or a list is asked for: the page of the list `list`, which has `default` items where neither
    /// `first` nor `last` is given.
    pub(crate) fn request<K: FromStr>(&self, list: &str, default: i32) -> Result<PageRequest<K>, ApiError> {
        let (size, direction) = match (self.first, self.last) {
            (Some(_), Some(_)) => {
                return Err(ApiError::bad_input(
                    "`first` and `last` are both given: choose `first` for the list's beginning or `last` for its end",
                ));
            }
            (None, Some(last)) => (checked("last", last)?, Direction::Backwards),
            (first, None) => (page_size(first.unwrap_or(default))?, Direction::Forwards),
        };

        let after = parse_cursor(list, "after", self.after.as_deref())?;
        let before = parse_cursor(list, "before", self.before.as_deref())?;
        Ok(PageRequest::between(size, direction, after, before))
    }
}

/// `first`, checked.
pub(crate) fn page_size(first: i32) -> Result<u32, ApiError> {
    checked("first", first)
}

fn checked(argument: &str, size: i32) -> Result<u32, ApiError> {
    u32::try_from(size)
        .ok()
        .filter(|size| (1..=MAX_PAGE).contains(size))
        .ok_or_else(|| ApiError::bad_input(format!("`{argument}` is {size}: choose 1 to {MAX_PAGE}")))
}

/// The page of a list that a caller asks for.
#[derive(Debug, Clone)]
pub(crate) struct Paging<K> {
    /// Name of the list in its cursors.
    list: Cow<'static, str>,
    /// Size, end, and places.
    pub(crate) request: PageRequest<K>,
}

impl<K: FromStr> Paging<K> {
    /// The arguments as they were given for the list `list`; see [`PageArgs::request`].
    pub(crate) fn new(list: impl Into<Cow<'static, str>>, args: &PageArgs, default: i32) -> Result<Self, ApiError> {
        let list = list.into();
        let request = args.request(&list, default)?;
        Ok(Self { list, request })
    }
}

impl<P: Clone> Paging<PlaceText<P>> {
    /// What the directory's lists are asked for.
    pub(crate) fn places(&self) -> PageRequest<P> {
        self.request.clone().map(|place| place.0)
    }
}

impl<K> Paging<K> {
    /// What the store is asked for.
    pub(crate) fn request(&self) -> PageRequest<K>
    where
        K: Clone,
    {
        self.request.clone()
    }

    /// The page of a list that can be walked from both ends: see [`PageRequest::page`].
    pub(crate) fn page<'k, T, I>(&'k self, range: impl Fn(Bound<&'k K>, Bound<&'k K>) -> I) -> Page<T>
    where
        I: DoubleEndedIterator<Item = T>,
    {
        self.request.page(range)
    }

    /// The page of `items`, which are in the order of their keys. All of them are looked at, so they are a few.
    pub(crate) fn page_of<T>(&self, items: impl DoubleEndedIterator<Item = T> + Clone, key: impl Fn(&T) -> K) -> Page<T>
    where
        K: PartialOrd,
    {
        let key = &key;
        self.page(|from, to| items.clone().filter(move |item| (from, to).contains(&key(item))))
    }

    /// The page with the cursors of its items, whose keys `key` tells.
    pub(crate) fn listing<T: OutputType + 'static, C: Display>(
        &self,
        page: Page<T>,
        key: impl Fn(&T) -> C + Send + Sync + 'static,
    ) -> Listing<T> {
        Listing::new(self.list.clone(), page, key)
    }
}

/// How a whole list is counted: when somebody asks, and once.
pub(crate) struct Counter {
    count: Box<dyn Fn() -> usize + Send + Sync>,
    /// It takes so long that the thread's other requests go on elsewhere meanwhile.
    is_long: bool,
    counted: OnceLock<usize>,
}

impl Counter {
    /// Of a list that knows how long it is.
    pub(crate) fn known(count: impl Fn() -> usize + Send + Sync + 'static) -> Self {
        Self {
            count: Box::new(count),
            is_long: false,
            counted: OnceLock::new(),
        }
    }

    /// Of a list that is found by going over whatever there is.
    pub(crate) fn found(count: impl Fn() -> usize + Send + Sync + 'static) -> Self {
        Self {
            is_long: true,
            ..Self::known(count)
        }
    }

    pub(crate) fn count(&self) -> i32 {
        let count = || {
            if self.is_long {
                aside(|| (self.count)())
            } else {
                (self.count)()
            }
        };
        int(*self.counted.get_or_init(count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphql::relay::ids::cursor;

    fn request(first: Option<i32>, last: Option<i32>) -> Result<PageRequest<i64>, ApiError> {
        PageArgs::new(first, None, last, None).request("x", 50)
    }

    #[test]
    fn one_end_is_chosen_and_the_front_where_nothing_is_said() {
        let size = |request: Result<PageRequest<i64>, ApiError>| request.ok().map(|it| (it.size, it.is_backwards()));
        assert_eq!(size(request(None, None)), Some((50, false)));
        assert_eq!(size(request(Some(3), None)), Some((3, false)));
        assert_eq!(size(request(None, Some(3))), Some((3, true)));

        for wrong in [(Some(3), Some(3)), (Some(0), None), (None, Some(-1)), (None, Some(501))] {
            assert!(request(wrong.0, wrong.1).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_list_is_counted_once_however_often_somebody_asks() {
        use std::sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        };
        let walks = Arc::new(AtomicUsize::new(0));
        let walked = walks.clone();
        let counter = Counter::found(move || walked.fetch_add(1, Ordering::Relaxed) + 7);
        assert_eq!((counter.count(), counter.count()), (7, 7));
        assert_eq!(walks.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn both_places_are_read_and_those_of_another_list_refused() {
        let args = |list| PageArgs::new(None, Some(cursor(list, 1)), None, Some(cursor(list, 9)));
        let request: PageRequest<i64> = args("x").request("x", 50).unwrap();
        assert_eq!((request.after, request.before), (Some(1), Some(9)));
        assert!(args("y").request::<i64>("x", 50).is_err());
    }
}
