//! What can go wrong with the database.

use super::fault::FaultKind;

/// Why the store could not do it. Nothing here holds a password; the database's own words are logged where they are
/// met, and stand in a run's error and the start-up message, never in an answer of the API.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database can't be opened; the text names the place and the remedy.
    #[error("{0}")]
    Connect(String),
    /// Another process has the SQLite in this directory.
    #[error(
        "another dingmirror uses {0}: stop it, choose another DINGMIRROR_DATA_DIR, or share a Postgres by DATABASE_URL"
    )]
    InUse(String),
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
    /// The past that is asked for lies behind more changes than are taken back for a request.
    #[error(
        "{changes} changes lie between that moment and now, and at most {most} are taken back for a request: ask for a later \
         moment"
    )]
    TooManyToUndo {
        /// So many.
        changes: u64,
        /// So many may be.
        most: u64,
    },
    /// A question that the database would work on for longer than it may.
    #[error(
        "too many rows have to be looked through for this: ask for less: of messages by `messageId`, by `userId`, or by a shorter \
         time between `createdFrom` and `createdBefore`, of changes by a later `since`, of the past by a later `asOf`; leave \
         `totalCount` out of long lists"
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

/// A value of a row that can't be read.
pub(super) fn corrupt(what: &str, error: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt(format!("{what}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_told_with_the_databases_words_and_the_remedy() {
        let said = StoreError::Fault {
            kind: FaultKind::Refused,
            said: "permission denied for table users (42501)".into(),
        };
        assert_eq!(
            said.to_string(),
            "the database refuses it: permission denied for table users (42501); give dingmirror's role the right, or take \
             away the trigger or constraint that is not dingmirror's"
        );
    }
}
