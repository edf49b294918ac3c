//! Rows on their way from one database to another: into a file and out of it, or from the one to the other at once.
//!
//! What is moved are the tables as they stand, in the texts and numbers of their columns: whoever reads them is another
//! dingmirror. A reader (`read.rs` of a database, `file.rs` of a file) hands [pieces](piece::Piece) over a short queue
//! to a writer, so that nothing is ever in memory as a whole.

mod file;
mod piece;
mod read;
mod table;
mod value;
mod write;

use std::path::Path;

use tokio::sync::mpsc;

use self::piece::Piece;
use super::{error::StoreError, handle::Store};
use crate::audit::{AuditAction, Author, Deed};

/// Pieces that wait for the writer.
const WAITING: usize = 4;

/// What is moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MovedPart {
    /// What DingTalk doesn't know: settings, links, templates, API keys, messages with what became of them.
    Own,
    /// That, and the mirror with its history and runs.
    All,
}

/// What was moved of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovedTable {
    /// Its name.
    pub name: String,
    /// Its rows.
    pub rows: u64,
}

/// Writes `part` of the database, as of one moment, to `file`, which must not exist: JSON, a line a row. Works beside
/// running servers.
///
/// # Errors
/// A sentence for the operator. `file` then doesn't exist.
pub async fn export(store: &Store, part: MovedPart, file: &Path) -> Result<Vec<MovedTable>, StoreError> {
    store.refuse_tables_of_another_version().await?;
    let (sender, receiver) = mpsc::channel(WAITING);
    let written = file::write(receiver, file.to_owned(), store.clock.now());
    let (read, written) = tokio::join!(read::all(store, part, sender), written);
    // Where both failed the writer did so first, and the reader only found nobody there.
    let moved = written?;
    read?;
    Ok(moved)
}

/// Brings what [`export`] wrote into the database, whose tables are there, in the name of `by`: all of it or nothing.
pub async fn import(
    store: &Store,
    file: &Path,
    replace: bool,
    by: impl Into<Author>,
) -> Result<Vec<MovedTable>, StoreError> {
    let deed = brought_in(&by.into(), replace).with("file", file.display());
    let (sender, receiver) = mpsc::channel(WAITING);
    let read = file::read(file.to_owned(), store.clock.now(), sender);
    let (read, written) = tokio::join!(read, write::all(store, receiver, replace, &deed));
    prefer_the_readers(read, written)
}

/// Brings everything of `source` into `target`, in the name of `by`: all of it or nothing. `alone`: nobody else can
/// have used the source since it was opened, so nobody may have been sent to meanwhile.
pub async fn move_all(
    source: &Store,
    target: &Store,
    replace: bool,
    alone: bool,
    by: impl Into<Author>,
) -> Result<Vec<MovedTable>, StoreError> {
    source.refuse_tables_of_another_version().await?;
    let deed = brought_in(&by.into(), replace).with("database", source.describe());
    let (sender, receiver) = mpsc::channel(WAITING);
    let read = read::all_of(source, MovedPart::All, alone, sender);
    let (read, written) = tokio::join!(read, write::all(target, receiver, replace, &deed));
    prefer_the_readers(read, written)
}

fn brought_in(by: &Author, replace: bool) -> Deed {
    Deed::new(AuditAction::DataImported, by).with("replace", replace)
}

/// A writer whose reader stopped says that the end is missing, which is true and tells nothing. A reader that found
/// nobody there says nothing at all.
fn prefer_the_readers(
    read: Result<(), StoreError>,
    written: Result<Vec<MovedTable>, StoreError>,
) -> Result<Vec<MovedTable>, StoreError> {
    read?;
    written
}

/// Hands a piece over. False: the writer is gone, and says itself why.
async fn hand_over(sender: &mpsc::Sender<Piece>, piece: Piece) -> bool {
    sender.send(piece).await.is_ok()
}

impl Store {
    async fn refuse_tables_of_another_version(&self) -> Result<(), StoreError> {
        let steps = self.migration_status().await?;
        let pending = steps.iter().filter(|(_, is_applied)| !is_applied).count();
        if pending == 0 {
            return Ok(());
        }
        Err(StoreError::Migration(format!(
            "the tables of {} lack {pending} migrations of this version: run `dingmirror migrate` there first",
            self.describe()
        )))
    }
}
