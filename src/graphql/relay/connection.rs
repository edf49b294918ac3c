//! Relay connections: `edges`, `nodes`, `pageInfo` and a `totalCount` that is only counted where it is asked for.

use std::{borrow::Cow, sync::Arc};

use async_graphql::OutputType;

use super::ids::cursor;
use crate::{graphql::walk::walked, page::Page};

/// Where a page stands in its list.
#[derive(Debug, Clone)]
pub struct PageInfo {
    pub(crate) has_next_page: bool,
    pub(crate) has_previous_page: bool,
    pub(crate) start_cursor: Option<String>,
    pub(crate) end_cursor: Option<String>,
}

walked! {
    /// Where a page stands in its list.
    type PageInfo = PageInfo;

    /// Whether items follow behind this page.
    fn has_next_page(&self) -> bool {
        self.has_next_page
    }

    /// Whether items stand in front of this page.
    fn has_previous_page(&self) -> bool {
        self.has_previous_page
    }

    /// Cursor of the first item: the `before` of the page in front; null on an empty page.
    fn start_cursor(&self) -> Option<&str> {
        self.start_cursor.as_deref()
    }

    /// Cursor of the last item: the `after` of the next page; null on an empty page.
    fn end_cursor(&self) -> Option<&str> {
        self.end_cursor.as_deref()
    }
}

/// How the cursor of an item is made, where somebody asks for it: few do, and it costs as much as the item's other
/// fields together.
type CursorOf<T> = Arc<dyn Fn(&T) -> String + Send + Sync>;

/// One item of a page with its cursor.
#[derive(Clone)]
pub(crate) struct Edge<T> {
    pub(crate) node: T,
    cursor_of: CursorOf<T>,
}

impl<T> Edge<T> {
    pub(crate) fn cursor_text(&self) -> String {
        (self.cursor_of)(&self.node)
    }
}

/// A page with the cursors of its items.
#[derive(Clone)]
pub(crate) struct Listing<T> {
    pub(crate) edges: Vec<Edge<T>>,
    has_previous: bool,
    has_next: bool,
    /// In the place of the first item's cursor.
    start: Option<String>,
    /// In the place of the last item's cursor.
    end: Option<String>,
}

impl<T: OutputType + 'static> Listing<T> {
    /// The page of the list `list`, whose items have the key `key`.
    pub(crate) fn new<K: std::fmt::Display>(
        list: impl Into<Cow<'static, str>>,
        page: Page<T>,
        key: impl Fn(&T) -> K + Send + Sync + 'static,
    ) -> Self {
        let list = list.into();
        let cursor_of: CursorOf<T> = Arc::new(move |node| cursor(&list, key(node)));
        let edges = page.items.into_iter().map(|node| Edge {
            node,
            cursor_of: cursor_of.clone(),
        });
        Self {
            edges: edges.collect(),
            has_previous: page.has_previous,
            has_next: page.has_next,
            start: None,
            end: None,
        }
    }

    /// The same page, with this as its beginning.
    #[must_use]
    pub(crate) fn starting_at(mut self, start: Option<String>) -> Self {
        self.start = start.or(self.start);
        self
    }

    /// The same page, with this as its end.
    #[must_use]
    pub(crate) fn ending_at(mut self, end: Option<String>) -> Self {
        self.end = end.or(self.end);
        self
    }

    pub(crate) fn page_info(&self) -> PageInfo {
        let first = || self.edges.first().map(Edge::cursor_text);
        let last = || self.edges.last().map(Edge::cursor_text);
        PageInfo {
            has_next_page: self.has_next,
            has_previous_page: self.has_previous,
            start_cursor: self.start.clone().or_else(first),
            end_cursor: self.end.clone().or_else(last),
        }
    }
}

/// The GraphQL types of a connection: `$connection` and `$edge` over `$node`, with a `totalCount` counted by `$count`
/// (`async |connection: &$connection, ctx| -> Result<i32, ApiError>`). Nodes that are walked have
/// [`walked_connection`](super::walked_connection).
///
/// Relay wants a type for each list, and the library's generic ones can't describe their fields.
macro_rules! connection {
    ($(#[$about:meta])* $connection:ident, $edge:ident, $node:ty, $extra:ty, |$this:ident, $ctx:ident| $count:expr) => {
        $(#[$about])*
        pub struct $connection {
            pub(crate) listing: $crate::graphql::relay::connection::Listing<$node>,
            /// What counting needs.
            #[allow(dead_code, reason = "some lists are counted from what they hold")]
            pub(crate) extra: $extra,
        }

        $(#[$about])*
        #[async_graphql::Object]
        impl $connection {
            /// The items with their cursors.
            async fn edges(&self) -> Vec<$edge> {
                self.listing.edges.iter().map(|edge| $edge { cursor: edge.cursor_text(), node: edge.node.clone() }).collect()
            }

            /// The items alone.
            async fn nodes(&self) -> Vec<$node> {
                self.listing.edges.iter().map(|edge| edge.node.clone()).collect()
            }

            /// Where this page stands in the list.
            async fn page_info(&self) -> $crate::graphql::relay::connection::PageInfo {
                self.listing.page_info()
            }

            /// How many items the whole list has. Null only where counting failed.
            #[graphql(tag = "asks")]
            async fn total_count(&self, ctx: &async_graphql::Context<'_>) -> Option<Result<i32, $crate::graphql::error::ApiError>> {
                let ($this, $ctx) = (self, ctx);
                Some($count)
            }
        }

        /// One item of the list.
        #[derive(async_graphql::SimpleObject)]
        pub struct $edge {
            /// Names the place of this item, for `after` and `before`; it stays good when the item goes.
            pub cursor: String,
            /// The item.
            pub node: $node,
        }
    };
}
pub(crate) use connection;

/// A count as GraphQL's `Int`; no list of ours comes near its end.
pub(crate) fn int(count: impl TryInto<i32>) -> i32 {
    count.try_into().unwrap_or(i32::MAX)
}
