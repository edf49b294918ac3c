//! API keys: listing, making and revoking them.

pub(super) mod changing;
pub(super) mod object;
