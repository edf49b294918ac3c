//! Tokens: revoking them.

pub(super) mod revoking;
