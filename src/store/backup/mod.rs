//! A copy of the database, made while servers work with it, and looked at before it gets its name.

mod postgres;
mod sqlite;

use std::path::Path;

use super::{beside::Beside, connect::Target, error::StoreError};

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackedUp {
    /// Size of the file.
    pub bytes: u64,
    /// Rows of all its tables.
    pub rows: u64,
    /// Its tables.
    pub tables: usize,
}

/// What was found in a copy.
struct CopyContents {
    rows: u64,
    tables: usize,
}

/// Copies the database to `target`, which must not exist: all of it as of one moment. Works beside running servers. Of
/// SQLite it is a database file, of Postgres an archive of `pg_dump`.
///
/// # Errors
/// A sentence for the operator. `target` then doesn't exist.
pub async fn back_up(source: &Target, target: &Path) -> Result<BackedUp, StoreError> {
    let failed = |why: String| StoreError::Connect(format!("no backup was made: {why}"));
    let beside = Beside::make(target).map_err(failed)?;
    let found = copy(source, beside.path()).await.map_err(failed)?;
    let bytes = beside.keep(target).map_err(failed)?;
    Ok(BackedUp {
        bytes,
        rows: found.rows,
        tables: found.tables,
    })
}

async fn copy(source: &Target, beside: &Path) -> Result<CopyContents, String> {
    match source {
        Target::Sqlite { data_dir } => sqlite::copy(data_dir, beside).await,
        Target::Postgres { url, .. } => postgres::copy(url, beside).await,
    }
}
