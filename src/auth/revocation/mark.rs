//! By what a token is known again.

use chrono::{DateTime, Utc};

/// A token's id among those of its issuer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TokenId {
    /// `iss`.
    pub issuer: String,
    /// `jti`.
    pub id: String,
}

/// What of a token says whether it is revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenMark {
    /// Its id, where it has one.
    pub id: Option<TokenId>,
    /// When it was issued, where it says so.
    pub issued_at: Option<DateTime<Utc>>,
}
