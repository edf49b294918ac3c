//! What can go wrong with the database.

use sea_orm::DbErr;

use super::fault::{self, FaultKind};

/// Why the store could not do it. Nothing here holds a password; the database's own words are logged where they are
/// met, and stand in a run's error and the start-up message, never in an answer of the API.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database can't be opened; the text names the place and the remedy.
    #[error("{0}")]
    Connect(String),
    /// It does not answer now: whoever waits tries again.
    #[error("the database does not answer")]
    Unavailable,
    /// It answers, and could not do it.
    #[error("{}: {said}; {}", kind.told(), kind.remedy())]
    Fault {
        /// What helps.
        kind: FaultKind,
        /// The database's own words with its code.
        said: String,
    },
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
    /// A cursor of the change log of another [epoch](crate::directory::Epoch) of the database.
    #[error(
        "this cursor is of another epoch of the database, which failed over or was restored since: begin without a cursor, and \
         read the directory anew"
    )]
    OtherEpoch,
    /// A question that the database would work on for longer than it may.
    #[error(
        "too many rows have to be looked through for this: ask for less, by `messageId`, by `userId`, or by a shorter time between \
         `createdFrom` and `createdBefore`; leave `totalCount` out of long lists"
    )]
    TooLong,
    /// A question whose turn didn't come.
    #[error("too many such questions are being answered: ask again in a moment, and fewer at once")]
    TooManyQuestions,
    /// A migration that can't be made or taken back now; the text says why.
    #[error("{0}")]
    Migration(String),
    /// A row that this version can't read.
    #[error("the database holds what this version cannot read: {0}")]
    Corrupt(String),
}

impl StoreError {
    /// Whether it may go away without anybody changing rights, tables or rows, so that waiting for it is worth it.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Unavailable | Self::TooManyQuestions => true,
            Self::Fault { kind, .. } => kind.may_pass(),
            _ => false,
        }
    }

    /// Whether another transaction was in the way: the same one may succeed at once.
    pub fn is_conflict(&self) -> bool {
        matches!(
            self,
            Self::Fault {
                kind: FaultKind::Conflict,
                ..
            }
        )
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        let told = fault::told(&error);
        match &told {
            // The text says why, and who asked tells it.
            Self::Migration(_) => {}
            // Neither is it the database's: whoever opens it, or looks after its files, logs it once.
            Self::Connect(_) => {}
            // It is repeated.
            Self::Fault {
                kind: FaultKind::Cancelled,
                ..
            } => tracing::warn!(%error, "a statement took too long"),
            told if told.is_conflict() => tracing::debug!(%error, "a transaction was in another's way"),
            Self::Fault { kind, .. } => tracing::error!(%error, "{}; {}", kind.told(), kind.remedy()),
            _ => tracing::error!(%error, "the database does not answer, or not what it should"),
        }
        told
    }
}

/// A value of a row that can't be read.
pub(super) fn corrupt(what: &str, error: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt(format!("{what}: {error}"))
}
