//! Relay's conventions: global ids, cursors, connections and `node`.

pub(super) mod connection;
pub(super) mod feed;
pub(super) mod ids;
pub(super) mod node;
pub(super) mod paging;
pub(super) mod place;
pub(super) mod walked_connection;
