//! The file of an export: JSON, a line each.
//!
//! ```text
//! {"dingmirror":"export","format":1,"version":"0.1.0","part":"own","madeAt":"…","epoch":"3-…","silentMs":5000}
//! {"table":"settings","columns":["id","version",…]}
//! [1,7,…]
//! {"tableEnd":"settings","rows":1}
//! …
//! {"end":true,"tables":16,"rows":1234}
//! ```
//!
//! Secrets are as the database has them: the appSecret sealed, and no other.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufRead, BufReader, BufWriter, Read, Write},
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use tokio::{sync::mpsc, task::spawn_blocking};

use super::{
    MovedPart, MovedTable,
    piece::{Origin, Piece},
    table::{self, Column, MovedTableShape},
};
use crate::store::{beside::Beside, error::StoreError};

/// Which form the lines have. Columns and tables may come to it without another one.
const FORMAT: u32 = 1;

/// Rows that are handed on at once.
const PAGE: usize = 200;

/// No row of ours comes near; a file that isn't one should not be read into memory.
const LONGEST_LINE: u64 = 256 * 1024 * 1024;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    dingmirror: String,
    format: u32,
    version: String,
    part: String,
    made_at: DateTime<Utc>,
    epoch: String,
    /// Missing: nobody can have sent anything.
    silent_ms: Option<u64>,
}

#[derive(Serialize, Deserialize)]
struct TableHead {
    table: String,
    columns: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TableEnd {
    table_end: String,
    rows: u64,
}

#[derive(Serialize, Deserialize)]
struct End {
    end: bool,
    tables: usize,
    rows: u64,
}

fn part_word(part: MovedPart) -> &'static str {
    match part {
        MovedPart::Own => "own",
        MovedPart::All => "all",
    }
}

fn refused(file: &Path, why: impl std::fmt::Display) -> StoreError {
    StoreError::Connect(format!("{}: {why}", file.display()))
}

/// Writes what comes to `file`, which must not exist, and has its name only when it is whole.
pub(super) async fn write(
    pieces: mpsc::Receiver<Piece>,
    file: PathBuf,
    now: DateTime<Utc>,
) -> Result<Vec<MovedTable>, StoreError> {
    let written = spawn_blocking(move || write_now(pieces, &file, now)).await;
    written.unwrap_or_else(|error| Err(StoreError::Connect(format!("the file was not written: {error}"))))
}

fn write_now(
    mut pieces: mpsc::Receiver<Piece>,
    file: &Path,
    now: DateTime<Utc>,
) -> Result<Vec<MovedTable>, StoreError> {
    let failed = |why: String| StoreError::Connect(format!("nothing was exported: {why}"));
    let beside = Beside::make(file).map_err(failed)?;
    let opened = OpenOptions::new().write(true).open(beside.path());
    let mut output = BufWriter::with_capacity(256 * 1024, opened.map_err(|error| refused(file, error))?);
    let moved = lines(&mut pieces, &mut output, now).map_err(|error| refused(file, error))?;
    drop(output);
    // Without its end it is no export: the reader says what happened.
    let Some(moved) = moved else {
        return Ok(Vec::new());
    };
    beside.keep(file).map_err(failed)?;
    Ok(moved)
}

/// Writes lines until the end. None: it did not come.
fn lines(
    pieces: &mut mpsc::Receiver<Piece>,
    output: &mut impl Write,
    now: DateTime<Utc>,
) -> io::Result<Option<Vec<MovedTable>>> {
    let mut moved: Vec<MovedTable> = Vec::new();
    while let Some(piece) = pieces.blocking_recv() {
        match piece {
            Piece::Beginning(origin) => line(
                output,
                &Head {
                    dingmirror: "export".to_owned(),
                    format: FORMAT,
                    version: env!("CARGO_PKG_VERSION").to_owned(),
                    part: part_word(origin.part).to_owned(),
                    made_at: now,
                    epoch: origin.epoch,
                    silent_ms: origin.silent_ms,
                },
            )?,
            Piece::Table { name, columns } => {
                moved.push(MovedTable {
                    name: name.clone(),
                    rows: 0,
                });
                line(output, &TableHead { table: name, columns })?;
            }
            Piece::Rows(rows) => {
                for row in rows {
                    line(output, &row.iter().map(|cell| cell.json()).collect::<Vec<Json>>())?;
                }
            }
            Piece::TableEnd { rows } => {
                let Some(table) = moved.last_mut() else { continue };
                table.rows = rows;
                let table_end = table.name.clone();
                line(output, &TableEnd { table_end, rows })?;
            }
            Piece::End => {
                let rows = moved.iter().map(|table| table.rows).sum();
                let tables = moved.len();
                line(
                    output,
                    &End {
                        end: true,
                        tables,
                        rows,
                    },
                )?;
                output.flush()?;
                return Ok(Some(moved));
            }
        }
    }
    Ok(None)
}

fn line(output: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *output, value)?;
    output.write_all(b"\n")
}

/// Reads `file` and hands on what it holds.
pub(super) async fn read(file: PathBuf, now: DateTime<Utc>, sender: mpsc::Sender<Piece>) -> Result<(), StoreError> {
    let read = spawn_blocking(move || {
        let opened = File::open(&file).map_err(|error| refused(&file, error))?;
        let mut reader = Reader {
            lines: BufReader::with_capacity(256 * 1024, opened),
            number: 0,
        };
        let told = reader.pieces(now, &sender);
        told.map_err(|why| {
            refused(
                &file,
                format_args!("line {}: {why}; nothing was brought in", reader.number),
            )
        })
    });
    read.await
        .unwrap_or_else(|error| Err(StoreError::Connect(format!("the file was not read: {error}"))))
}

struct Reader<R> {
    lines: R,
    /// Of the line that was read last.
    number: u64,
}

impl<R: BufRead> Reader<R> {
    /// All pieces, in their order. Ends early where the writer is gone.
    fn pieces(&mut self, now: DateTime<Utc>, sender: &mpsc::Sender<Piece>) -> Result<(), String> {
        let head: Head = self.next()?;
        let origin = origin(head, now)?;
        let shapes = table::of(origin.part);
        if sender.blocking_send(Piece::Beginning(origin)).is_err() {
            return Ok(());
        }

        let (mut tables, mut all) = (0, 0);
        loop {
            let next: Json = self.next()?;
            if next.get("end").is_some() {
                let end: End = serde_json::from_value(next).map_err(|error| error.to_string())?;
                if (end.tables, end.rows) != (tables, all) {
                    return Err(format!(
                        "it should have {} rows of {} tables, and has {all} of {tables}",
                        end.rows, end.tables
                    ));
                }
                drop(sender.blocking_send(Piece::End));
                return Ok(());
            }
            let head: TableHead = serde_json::from_value(next).map_err(|error| error.to_string())?;
            let Some(rows) = self.table(&shapes, head, sender)? else {
                return Ok(());
            };
            tables += 1;
            all += rows;
        }
    }

    /// One table; how many rows it has. None: the writer is gone.
    fn table(
        &mut self,
        shapes: &[MovedTableShape],
        head: TableHead,
        sender: &mpsc::Sender<Piece>,
    ) -> Result<Option<u64>, String> {
        let TableHead { table, columns } = head;
        let shape = shapes.iter().find(|shape| shape.name == table);
        let newer = "it was written by a newer version: use that one";
        let shape = shape.ok_or_else(|| format!("there is no table {table}: {newer}"))?;
        let known = columns.iter().map(|name| {
            let found = shape.columns.iter().find(|column| column.name == *name);
            found.ok_or_else(|| format!("there is no column {name} of {table}: {newer}"))
        });
        let known = known.collect::<Result<Vec<&Column>, _>>()?;
        let name = table.clone();
        if sender.blocking_send(Piece::Table { name, columns }).is_err() {
            return Ok(None);
        }

        let (mut read, mut rows) = (0, Vec::new());
        loop {
            let next: Json = self.next()?;
            let Json::Array(values) = next else {
                let end: TableEnd = serde_json::from_value(next).map_err(|error| error.to_string())?;
                if end.table_end != table || end.rows != read {
                    return Err(format!("{table} should have {} rows, and has {read}", end.rows));
                }
                let last = std::mem::take(&mut rows);
                let gone = !last.is_empty() && sender.blocking_send(Piece::Rows(last)).is_err();
                let gone = gone || sender.blocking_send(Piece::TableEnd { rows: read }).is_err();
                return Ok((!gone).then_some(read));
            };

            if values.len() != known.len() {
                return Err(format!(
                    "{} values for {} columns of {table}",
                    values.len(),
                    known.len()
                ));
            }
            let cells = values.into_iter().zip(&known).map(|(value, column)| {
                let cell = column.kind.of_json(value);
                cell.ok_or_else(|| format!("what stands for {}.{} is of another kind", table, column.name))
            });
            rows.push(cells.collect::<Result<Vec<_>, _>>()?);
            read += 1;
            if rows.len() >= PAGE && sender.blocking_send(Piece::Rows(std::mem::take(&mut rows))).is_err() {
                return Ok(None);
            }
        }
    }

    /// The next line's JSON. No value of a line is told: it may be anybody's.
    fn next<T: for<'de> Deserialize<'de>>(&mut self) -> Result<T, String> {
        self.number += 1;
        let mut line = Vec::new();
        let read = (&mut self.lines).take(LONGEST_LINE).read_until(b'\n', &mut line);
        match read {
            Ok(0) => Err("the end is missing: it was cut off".to_owned()),
            Ok(_) if line.last() != Some(&b'\n') => Err("it is cut off, or no export of dingmirror".to_owned()),
            Ok(_) => serde_json::from_slice(&line).map_err(|error| {
                let wrong = if error.is_data() { "another form" } else { "no JSON" };
                format!("it is no line of an export ({wrong} at {})", error.column())
            }),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// What the first line says of the database, if this version can read on.
fn origin(head: Head, now: DateTime<Utc>) -> Result<Origin, String> {
    if head.dingmirror != "export" {
        return Err("it is no export of dingmirror".to_owned());
    }
    if head.format != FORMAT {
        let (format, version) = (head.format, head.version);
        return Err(format!(
            "it is of format {format}, written by {version}, and this version reads {FORMAT}: use that one"
        ));
    }
    let part = match head.part.as_str() {
        "own" => MovedPart::Own,
        "all" => MovedPart::All,
        _ => return Err("what it holds is of a newer version: use that one".to_owned()),
    };
    // Since then its database went on.
    let since = u64::try_from((now - head.made_at).num_milliseconds()).unwrap_or(0);
    Ok(Origin {
        part,
        epoch: head.epoch,
        silent_ms: head.silent_ms.map(|silent| silent.saturating_add(since)),
    })
}
