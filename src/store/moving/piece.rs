//! What goes from a reader to a writer.

use super::{MovedPart, value::Cell};

/// One thing of many, in this order: the beginning, then for each table its columns, its rows and its end, then the
/// end of all.
#[derive(Debug)]
pub(super) enum Piece {
    /// What the database was.
    Beginning(Origin),
    /// A table begins, with these columns.
    Table {
        /// Its name.
        name: String,
        /// The columns of its rows, in their order.
        columns: Vec<String>,
    },
    /// Some of its rows.
    Rows(Vec<Vec<Cell>>),
    /// It had so many.
    TableEnd {
        /// Rows.
        rows: u64,
    },
    /// Nothing is missing.
    End,
}

/// The database that rows come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Origin {
    /// What is moved.
    pub(super) part: MovedPart,
    /// Its epoch.
    pub(super) epoch: String,
    /// For how long, in milliseconds, no process had been in step with it when its rows are brought in: sends of that
    /// time may be missing. None: nobody can have sent anything.
    pub(super) silent_ms: Option<u64>,
}
