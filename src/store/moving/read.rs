//! Rows out of a database, all as of one moment.

use sea_orm::{
    ConnectionTrait, EntityTrait, ExprTrait, QueryResult,
    sea_query::{Alias, Expr, Func, Order, Query, SelectStatement},
};
use tokio::sync::mpsc;

use super::{
    MovedPart, hand_over,
    piece::{Origin, Piece},
    table::{self, MovedTableShape},
    value::Cell,
};
use crate::store::{
    entity::database_epoch,
    epoch::ROW,
    error::{StoreError, corrupt},
    handle::Store,
    transaction::Transaction,
};

/// Reads a part of the database. Who else uses it goes on.
pub(super) async fn all(store: &Store, part: MovedPart, sender: mpsc::Sender<Piece>) -> Result<(), StoreError> {
    all_of(store, part, false, sender).await
}

/// The same. `alone`: nobody else can have used it since it was opened.
pub(super) async fn all_of(
    store: &Store,
    part: MovedPart,
    alone: bool,
    sender: mpsc::Sender<Piece>,
) -> Result<(), StoreError> {
    let transaction = store.begin_read().await?;
    let origin = origin(store, &transaction, part, alone).await?;
    if !hand_over(&sender, Piece::Beginning(origin)).await {
        return Ok(());
    }
    for table in table::of(part) {
        if !one(&transaction, &table, &sender).await? {
            return Ok(());
        }
    }
    hand_over(&sender, Piece::End).await;
    Ok(())
}

async fn origin(store: &Store, transaction: &Transaction, part: MovedPart, alone: bool) -> Result<Origin, StoreError> {
    let row = database_epoch::Entity::find_by_id(ROW).one(transaction).await?;
    let epoch = row.ok_or_else(|| corrupt("database_epoch", "it has no row"))?.epoch;
    let silent = store.silent_for(transaction).await?;
    Ok(Origin {
        part,
        epoch,
        silent_ms: (!alone).then(|| u64::try_from(silent.as_millis()).unwrap_or(u64::MAX)),
    })
}

/// Reads a table. False: the writer is gone.
async fn one(
    transaction: &Transaction,
    table: &MovedTableShape,
    sender: &mpsc::Sender<Piece>,
) -> Result<bool, StoreError> {
    let columns = table.columns.iter().map(|column| column.name.clone()).collect();
    let name = table.name.clone();
    if !hand_over(sender, Piece::Table { name, columns }).await {
        return Ok(false);
    }

    let mut read = 0;
    let mut behind: Option<Vec<Cell>> = None;
    loop {
        let page = page(table, behind.as_deref())?;
        let rows = transaction.query_all(&page).await?;
        let is_last = (rows.len() as u64) < table.page;
        let rows = rows
            .iter()
            .map(|row| cells(table, row))
            .collect::<Result<Vec<_>, _>>()?;
        read += rows.len() as u64;
        behind = rows
            .last()
            .map(|row| table.keys().map(|(at, _)| row[at].clone()).collect());
        if !rows.is_empty() && !hand_over(sender, Piece::Rows(rows)).await {
            return Ok(false);
        }
        if is_last {
            break;
        }
    }

    // What is read page by page is what the database counts.
    let counted = count(transaction, table).await?;
    if counted != read {
        let (name, read) = (&table.name, read);
        return Err(corrupt(
            name,
            format_args!("it counts {counted} rows, and {read} were read"),
        ));
    }
    Ok(hand_over(sender, Piece::TableEnd { rows: read }).await)
}

fn page(table: &MovedTableShape, behind: Option<&[Cell]>) -> Result<SelectStatement, StoreError> {
    let mut select = Query::select();
    select
        .columns(table.columns.iter().map(|column| Alias::new(&column.name)))
        .from(Alias::new(&table.name))
        .limit(table.page);
    for (_, key) in table.keys() {
        select.order_by(Alias::new(&key.name), Order::Asc);
    }

    if let Some(behind) = behind {
        let keys = table.keys().map(|(_, key)| Expr::col(Alias::new(&key.name)));
        let values = table.keys().zip(behind).map(|((_, key), cell)| {
            let bound = key.kind.bound(cell.clone());
            bound
                .map(Expr::val)
                .ok_or_else(|| corrupt(&key.name, "a key of another kind"))
        });
        let values = values.collect::<Result<Vec<_>, _>>()?;
        select.and_where(Expr::tuple(keys).gt(Expr::tuple(values)));
    }
    Ok(select)
}

fn cells(table: &MovedTableShape, row: &QueryResult) -> Result<Vec<Cell>, StoreError> {
    let cells = table.columns.iter().enumerate().map(|(at, column)| {
        let cell = column.kind.read(row, at);
        cell.map_err(|error| corrupt(&format!("{}.{}", table.name, column.name), error))
    });
    cells.collect()
}

/// How many rows a table has.
pub(super) async fn count(transaction: &Transaction, table: &MovedTableShape) -> Result<u64, StoreError> {
    let mut select = Query::select();
    let first = table.columns.iter().find(|column| column.is_key);
    let first = first.map_or("*", |column| column.name.as_str());
    select
        .expr(Func::count(Expr::col(Alias::new(first))))
        .from(Alias::new(&table.name));
    let row = transaction.query_one(&select).await?;
    let rows: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
    Ok(rows.unsigned_abs())
}
