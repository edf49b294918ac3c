//! Connections whose nodes are walked.

/// The GraphQL types of a connection: `$connection` and `$edge` over `$node`, which is walked, with a `totalCount`.
macro_rules! walked_connection {
    ($(#[doc = $about:literal])* $connection:ident, $edge:ident, $node:ty) => {
        $(#[doc = $about])*
        pub struct $connection {
            pub(crate) listing: $crate::graphql::relay::connection::Listing<$node>,
            /// How the whole list is counted.
            pub(crate) extra: $crate::graphql::relay::paging::Counter,
        }

        $crate::graphql::walk::walked! {
            $(#[doc = $about])*
            type $connection = $connection;

            /// The items with their cursors.
            fn edges(&self) -> &[$crate::graphql::relay::connection::Edge<$node>] {
                &self.listing.edges
            }

            /// The items alone.
            fn nodes(&self) -> Vec<&$node> {
                self.listing.edges.iter().map(|edge| &edge.node).collect()
            }

            /// Where this page stands in the list.
            fn page_info(&self) -> $crate::graphql::relay::connection::PageInfo {
                self.listing.page_info()
            }

            /// How many items the whole list has. Null only where counting failed.
            fn total_count(&self) -> Option<i32> {
                Some(self.extra.count())
            }
        }

        $crate::graphql::walk::walked! {
            /// One item of the list.
            type $edge = $crate::graphql::relay::connection::Edge<$node>;

            /// Names the place of this item, for `after` and `before`; it stays good when the item goes.
            fn cursor(&self) -> String {
                self.cursor_text()
            }

            /// The item.
            fn node(&self) -> &$node {
                &self.node
            }
        }
    };
}
pub(crate) use walked_connection;
