//! What can go wrong with the database.

use sea_orm::DbErr;

/// Why the store could not do it. Nothing here holds a password; the database's own words are logged where they are met.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database can't be opened; the text names the place and the remedy.
    #[error("{0}")]
    Connect(String),
    /// It does not answer, or refused a statement.
    #[error("the database does not answer")]
    Unavailable,
    /// Compare-and-set: somebody was quicker.
    #[error("somebody else changed it: it is at version {actual}, not {expected}")]
    VersionConflict {
        /// What the caller had seen.
        expected: i64,
        /// What stands there.
        actual: i64,
    },
    /// Another process took over.
    #[error("the lease was lost: another process took over")]
    LeaseLost,
    /// A cursor of the change log that is older than what is kept of it.
    #[error("changes behind this cursor are no longer kept: begin without a cursor, and read the directory anew")]
    Forgotten,
    /// A migration that can't be made or taken back now; the text says why.
    #[error("{0}")]
    Migration(String),
    /// A row that this version can't read.
    #[error("the database holds what this version cannot read: {0}")]
    Corrupt(String),
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        if let DbErr::Migration(why) = error {
            return Self::Migration(why);
        }
        tracing::error!(%error, "the database refused a statement");
        Self::Unavailable
    }
}

/// A value of a row that can't be read.
pub(super) fn corrupt(what: &str, error: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt(format!("{what}: {error}"))
}
