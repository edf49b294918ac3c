//! A revocation as the database has it.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::mark::TokenId;

/// What is taken no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revoked {
    /// One token.
    Token(TokenId),
    /// Every token of somebody that was issued before a moment, or doesn't say when.
    Subject {
        /// Who: as `viewer` shows them.
        subject: String,
        /// The moment.
        issued_before: DateTime<Utc>,
    },
}

/// A revocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// Its id; ids sort by the time at which they were made.
    pub id: Uuid,
    /// What is revoked.
    pub revoked: Revoked,
    /// When.
    pub revoked_at: DateTime<Utc>,
    /// By whom: a caller's subject.
    pub revoked_by: String,
    /// From when on nothing is left that it could refuse.
    pub over_at: DateTime<Utc>,
}
