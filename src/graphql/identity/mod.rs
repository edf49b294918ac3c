//! Who a Confluence user is in DingTalk: resolutions, links by hand, the census and rehearsals.

pub(super) mod census;
pub(super) mod known;
pub(super) mod link;
pub(super) mod linking;
pub(super) mod match_change;
pub(super) mod rehearsal;
pub(super) mod resolution;
