//! Relay's conventions: global ids, cursors, connections and `node`.

pub(crate) mod connection;
pub(crate) mod feed;
pub(crate) mod ids;
pub(crate) mod node;
pub(crate) mod paging;
