//! The one place where SQLite and Postgres differ, and the only hand-written SQL.

use chrono::{DateTime, Utc};
use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, IsolationLevel, SqliteTransactionMode,
    Statement, TransactionOptions, TransactionTrait, Value,
    sea_query::{Expr, IntoColumnRef, SimpleExpr},
};

use super::transaction::Transaction;

/// The database's own clock, milliseconds since the epoch: leases are measured by one clock, whoever holds them.
pub(super) fn now_ms(backend: DbBackend) -> SimpleExpr {
    match backend {
        DbBackend::Postgres => Expr::cust("(extract(epoch from clock_timestamp()) * 1000)::bigint"),
        _ => Expr::cust("cast(unixepoch('subsec') * 1000 as integer)"),
    }
}

/// Begins a transaction that writes. SQLite must take its lock at once: a transaction that read before it writes can't wait
/// for another writer, it fails.
///
/// On Postgres a process that is stopped in the middle (SIGSTOP, a frozen machine) would keep its rows locked, the lease's among
/// them, and nobody could take its place: after a while the server ends such a transaction. It is set for the transaction, not
/// for the session, which a connection pool in between may share with others.
pub(super) async fn begin_write(db: &DatabaseConnection) -> Result<Transaction, DbErr> {
    let transaction = db
        .begin_with_options(TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        })
        .await
        .map(Transaction::new)?;
    if db.get_database_backend() == DbBackend::Postgres {
        transaction
            .execute_unprepared("SET LOCAL idle_in_transaction_session_timeout = '10s'")
            .await?;
    }
    Ok(transaction)
}

/// Begins a transaction whose reads all see the same moment. SQLite's always do.
pub(super) async fn begin_read(db: &DatabaseConnection) -> Result<Transaction, DbErr> {
    let postgres = db.get_database_backend() == DbBackend::Postgres;
    db.begin_with_options(TransactionOptions {
        isolation_level: postgres.then_some(IsolationLevel::RepeatableRead),
        access_mode: postgres.then_some(AccessMode::ReadOnly),
        sqlite_transaction_mode: None,
    })
    .await
    .map(Transaction::new)
}

/// Whether `column` is one of `values`, which go as one parameter: a statement with a thousand of them is slower to prepare than
/// to run.
pub(super) fn one_of(backend: DbBackend, column: impl IntoColumnRef, values: String) -> SimpleExpr {
    let sql = match backend {
        DbBackend::Postgres => "$1 = ANY(ARRAY(SELECT json_array_elements_text($2::json)))",
        _ => "? IN (SELECT value FROM json_each(?))",
    };
    Expr::cust_with_exprs(sql, [Expr::col(column), Expr::val(values)])
}

/// Columns of `recipients` that an insert fills, in the order of the selections below.
const RECIPIENT_COLUMNS: &str = "message_id, position, identity, resolution_status, userid, state, reason, updated_at, \
                                 not_before, attempts, content_digest, sent_day, prediction, dept_id, resolution_rule, \
                                 repeats, lane";

/// Makes rows of a message's recipients from one JSON list of [lines](super::frozen): identity, resolution status, userid, state
/// unless it waits, reason, prediction, department, matching rule; the first one's position is `first`. A statement with a parameter for each column of each row costs several times
/// as much to prepare as to run.
pub(super) async fn insert_recipients(
    transaction: &Transaction,
    message: &str,
    at: DateTime<Utc>,
    (content_digest, day): (&str, i32),
    lane: i32,
    (first, rows): (i64, String),
) -> Result<(), DbErr> {
    let backend = transaction.get_database_backend();
    let sql = match backend {
        DbBackend::Postgres => format!(
            "INSERT INTO recipients ({RECIPIENT_COLUMNS}) \
             SELECT $1, $7 + n - 1, i, r, u, s, w, $2, $2, 0, CASE s WHEN 'QUEUED' THEN $3 END, CASE s WHEN 'QUEUED' THEN $4 END, q, d, m, 0, $6 \
             FROM (SELECT i, r, u, coalesce(s, 'QUEUED') AS s, w, q, d, m, n \
             FROM ROWS FROM (json_to_recordset($5::json) AS (i text, r text, u text, s text, w text, q text, d bigint, m text)) \
             WITH ORDINALITY AS x(i, r, u, s, w, q, d, m, n)) AS listed ORDER BY n"
        ),
        _ => format!(
            "INSERT INTO recipients ({RECIPIENT_COLUMNS}) \
             SELECT ?1, ?7 + n, value->>'i', value->>'r', value->>'u', s, value->>'w', ?2, ?2, 0, \
             CASE s WHEN 'QUEUED' THEN ?3 END, CASE s WHEN 'QUEUED' THEN ?4 END, value->>'q', value->>'d', value->>'m', 0, ?6 \
             FROM (SELECT key AS n, value, coalesce(value->>'s', 'QUEUED') AS s FROM json_each(?5)) ORDER BY n"
        ),
    };
    let values = [
        Value::from(message),
        Value::from(at),
        Value::from(content_digest),
        Value::from(day),
        Value::from(rows),
        Value::from(lane),
        Value::from(first),
    ];
    transaction
        .execute_raw(Statement::from_sql_and_values(backend, sql, values))
        .await
        .map(drop)
}

/// Keeps a second process from migrating at the same time, until the transaction ends. On SQLite the write lock does it.
pub(super) async fn lock_migrations(transaction: &Transaction) -> Result<(), DbErr> {
    if transaction.get_database_backend() == DbBackend::Postgres {
        // The number only has to be the same in every dingmirror: "ding" in ASCII.
        transaction
            .execute_unprepared("SELECT pg_advisory_xact_lock(1684631143)")
            .await?;
    }
    Ok(())
}
