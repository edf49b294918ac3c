//! Paging: `first` and `after` of a list, checked, and the page that they make of it.

use std::{fmt::Display, str::FromStr, sync::Arc};

use async_graphql::OutputType;

use super::{
    connection::{Listing, int},
    ids::parse_cursor,
};
use crate::{
    graphql::{admission::aside, error::ApiError},
    page::{MAX_PAGE, Page, PageRequest},
};

/// `first`, checked.
pub(crate) fn page_size(first: i32) -> Result<u32, ApiError> {
    u32::try_from(first)
        .ok()
        .filter(|first| (1..=MAX_PAGE).contains(first))
        .ok_or_else(|| ApiError::bad_input(format!("`first` is {first}: choose 1 to {MAX_PAGE}")))
}

/// The page of a list that a caller asks for.
#[derive(Debug, Clone)]
pub(crate) struct Paging<K> {
    /// Name of the list in its cursors.
    list: &'static str,
    /// How many items, 1 to [`MAX_PAGE`].
    first: u32,
    /// The key of the last item that the caller has seen.
    pub(crate) after: Option<K>,
}

impl<K: FromStr> Paging<K> {
    /// `first` and `after` as they were given for the list `list`.
    pub(crate) fn new(list: &'static str, first: i32, after: Option<&str>) -> Result<Self, ApiError> {
        let first = page_size(first)?;
        let after = parse_cursor::<K>(list, after)?;
        Ok(Self { list, first, after })
    }
}

impl<K> Paging<K> {
    /// What the store is asked for.
    pub(crate) fn request(&self) -> PageRequest<K>
    where
        K: Clone,
    {
        PageRequest::new(self.first, self.after.clone())
    }

    /// Whether an item with this key stands behind what the caller has seen, in a list in the order of its keys.
    pub(crate) fn is_ahead<Q: PartialOrd + ?Sized>(&self, key: &Q) -> bool
    where
        K: std::borrow::Borrow<Q>,
    {
        self.after.as_ref().is_none_or(|after| key > after.borrow())
    }

    /// The page that `items` begins with. One item more is looked at, and no other: it tells that there is more.
    pub(crate) fn page<T>(&self, items: impl Iterator<Item = T>) -> Page<T> {
        Page::from_overfetched(items.take(self.first as usize + 1).collect(), self.first)
    }

    /// The page of `keys` behind the one that the caller has seen. `keys` are in the list's own order.
    pub(crate) fn page_of_keys(&self, mut keys: impl Iterator<Item = K>) -> Result<Page<K>, ApiError>
    where
        K: PartialEq,
    {
        if let Some(seen) = &self.after
            && !keys.any(|key| key == *seen)
        {
            return Err(ApiError::bad_input(
                "the item that `after` names is no longer in this list: read the list from its beginning",
            ));
        }
        Ok(self.page(keys))
    }

    /// The page with the cursors of its items, whose keys `key` tells.
    pub(crate) fn listing<T: OutputType, C: Display>(&self, page: Page<T>, key: impl Fn(&T) -> C) -> Listing<T> {
        Listing::new(self.list, self.after.is_some(), page, key)
    }
}

/// How a whole list is counted, when somebody asks.
pub(crate) type Counter = Arc<dyn Fn() -> usize + Send + Sync>;

/// The count of a list that knows how long it is.
pub(crate) fn counted(count: &Counter) -> i32 {
    int(count())
}

/// The count of a list that is found by going over everybody: the thread's other requests go on elsewhere meanwhile.
pub(crate) fn counted_aside(count: &Counter) -> i32 {
    int(aside(|| count()))
}
