//! Who a Confluence user is in DingTalk: resolutions, links by hand, the census and rehearsals.

pub(crate) mod census;
pub(crate) mod known;
pub(crate) mod link;
pub(crate) mod linking;
pub(crate) mod match_change;
pub(crate) mod rehearsal;
pub(crate) mod resolution;
