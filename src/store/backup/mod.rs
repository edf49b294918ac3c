//! A copy of the database, made while servers work with it, and looked at before it gets its name.

mod postgres;
mod sqlite;

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use super::{connect::Target, error::StoreError};

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
    if fs::symlink_metadata(target).is_ok() {
        let target = target.display();
        return Err(failed(format!("{target} exists already, choose another name")));
    }

    let beside = beside(target);
    let copied = copy(source, &beside)
        .await
        .and_then(|found| keep(&beside, target, &found));
    // Also what a failed one left: it has no name that anybody would restore.
    drop(fs::remove_file(&beside));
    copied.map_err(failed)
}

async fn copy(source: &Target, beside: &Path) -> Result<CopyContents, String> {
    make(beside).map_err(|error| format!("cannot write {}: {error}", beside.display()))?;
    match source {
        Target::Sqlite { data_dir } => sqlite::copy(data_dir, beside).await,
        Target::Postgres { url, .. } => postgres::copy(url, beside).await,
    }
}

/// Makes the copy durable, and gives it its name.
fn keep(beside: &Path, target: &Path, found: &CopyContents) -> Result<BackedUp, String> {
    let kept = || {
        let copy = File::open(beside)?;
        copy.sync_all()?;
        // Unlike a rename, a link never takes the place of another file.
        fs::hard_link(beside, target)?;
        File::open(parent(target))?.sync_all()?;
        Ok(copy.metadata()?.len())
    };

    let bytes = kept().map_err(|error: io::Error| format!("cannot make {}: {error}", target.display()))?;
    Ok(BackedUp {
        bytes,
        rows: found.rows,
        tables: found.tables,
    })
}

/// Readable by the owner alone, as neither database would make it.
fn make(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600).open(path).map(drop)
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn beside(target: &Path) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    parent(target).join(format!(".{name}.{}", std::process::id()))
}
