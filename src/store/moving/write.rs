//! Rows into a database: all of them or none.

use std::time::Duration;

use sea_orm::{
    ConnectionTrait, EntityName,
    sea_query::{Alias, Query},
};
use tokio::sync::mpsc;

use super::{
    MovedTable,
    piece::{Origin, Piece},
    read::count,
    table::{self, Column, MovedTableShape},
    value::Cell,
};
use crate::{
    audit::Deed,
    directory::Epoch,
    store::{
        api_keys, audit, entity::audit_log, error::StoreError, handle::Store, revocations, transaction::Transaction,
    },
};

/// Parameters of a statement: SQLite takes 32,766.
const PARAMETERS: usize = 16_000;

/// Writes what comes, in one transaction, and begins the next epoch: for whoever knows this database it is another one.
/// Refuses one with rows of its own in these tables, unless they are to be replaced. `deed`: what the audit log has of
/// it, behind whatever came.
pub(super) async fn all(
    store: &Store,
    mut pieces: mpsc::Receiver<Piece>,
    replace: bool,
    deed: &Deed,
) -> Result<Vec<MovedTable>, StoreError> {
    let Some(Piece::Beginning(origin)) = pieces.recv().await else {
        return Err(cut_off());
    };
    let tables = table::of(origin.part);
    let transaction = store.begin().await?;
    make_room(&transaction, &tables, replace).await?;

    let mut moved = Vec::new();
    loop {
        match pieces.recv().await {
            Some(Piece::Table { name, columns }) => {
                let table = named(&tables, &name)?;
                moved.push(one(&transaction, table, &columns, &mut pieces).await?);
            }
            Some(Piece::End) => break,
            _ => return Err(cut_off()),
        }
    }

    begin_epoch(store, &transaction, &origin).await?;
    // A server that is running on it takes the keys that came, and those no more that were replaced or revoked.
    api_keys::change(&transaction).await?;
    revocations::change(&transaction).await?;
    audit::note(&transaction, deed, store.clock.now()).await?;
    transaction.commit().await?;
    Ok(moved)
}

/// What ends before its end: the reader says why, or the file does.
fn cut_off() -> StoreError {
    refused("it ends too early")
}

fn refused(why: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt(format!("nothing was brought in: {why}"))
}

fn named<'t>(tables: &'t [MovedTableShape], name: &str) -> Result<&'t MovedTableShape, StoreError> {
    let found = tables.iter().find(|table| table.name == name);
    found.ok_or_else(|| {
        refused(format_args!(
            "this version has no table {name}: use the version that wrote it, or a newer one"
        ))
    })
}

/// Nothing is in the tables afterwards. Rows that refer to others go first.
async fn make_room(transaction: &Transaction, tables: &[MovedTableShape], replace: bool) -> Result<(), StoreError> {
    for table in tables.iter().filter(|table| !table.is_never_empty && !replace) {
        let rows = count(transaction, table).await?;
        if rows > 0 {
            let name = &table.name;
            return Err(StoreError::Connect(format!(
                "nothing was brought in: the database has {rows} rows in {name} already; choose an empty one, or say --replace, and \
                 what it has is lost"
            )));
        }
    }
    for table in tables.iter().rev() {
        let delete = Query::delete().from_table(Alias::new(&table.name)).to_owned();
        let is_guarded = table.name == audit_log::Entity.table_name();
        if is_guarded {
            audit::allow_deletion(transaction).await?;
        }
        transaction.execute(&delete).await?;
        if is_guarded {
            audit::end_deletion(transaction).await?;
        }
    }
    Ok(())
}

/// Writes a table's rows, and counts what is there.
async fn one(
    transaction: &Transaction,
    table: &MovedTableShape,
    columns: &[String],
    pieces: &mut mpsc::Receiver<Piece>,
) -> Result<MovedTable, StoreError> {
    let columns = columns
        .iter()
        .map(|name| {
            let found = table.columns.iter().find(|column| column.name == *name);
            found.ok_or_else(|| {
                let table = &table.name;
                refused(format_args!(
                    "this version has no column {name} of {table}: use the version that wrote it, or a newer one"
                ))
            })
        })
        .collect::<Result<Vec<_>, _>>()?;

    loop {
        match pieces.recv().await {
            Some(Piece::Rows(rows)) => {
                for rows in rows.chunks(Ord::max(PARAMETERS / Ord::max(columns.len(), 1), 1)) {
                    insert(transaction, table, &columns, rows).await?;
                }
            }
            Some(Piece::TableEnd { rows }) => {
                let there = count(transaction, table).await?;
                if there != rows {
                    let name = &table.name;
                    return Err(refused(format_args!("of the {rows} rows of {name}, {there} are there")));
                }
                let name = table.name.clone();
                return Ok(MovedTable { name, rows });
            }
            _ => return Err(cut_off()),
        }
    }
}

async fn insert(
    transaction: &Transaction,
    table: &MovedTableShape,
    columns: &[&Column],
    rows: &[Vec<Cell>],
) -> Result<(), StoreError> {
    let mut insert = Query::insert();
    insert
        .into_table(Alias::new(&table.name))
        .columns(columns.iter().map(|column| Alias::new(&column.name)));
    for row in rows {
        let values = row.iter().zip(columns).map(|(cell, column)| {
            let bound = column.kind.bound(cell.clone());
            bound.ok_or_else(|| refused(format_args!("{}.{} is of another kind", table.name, column.name)))
        });
        let values = values.collect::<Result<Vec<_>, _>>()?;
        if values.len() != columns.len() {
            return Err(refused(format_args!("a row of {} has too few values", table.name)));
        }
        insert.values_panic(values.into_iter().map(Into::into));
    }
    transaction.execute(&insert).await?;
    Ok(())
}

async fn begin_epoch(store: &Store, transaction: &Transaction, origin: &Origin) -> Result<(), StoreError> {
    let silent = origin.silent_ms.map(Duration::from_millis);
    store
        .begin_imported(transaction, &Epoch::new(origin.epoch.clone()), silent)
        .await
}
