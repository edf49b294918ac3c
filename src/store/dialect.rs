//! The one place where SQLite and Postgres differ, and the only hand-written SQL.

use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, IsolationLevel,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
    sea_query::{Expr, SimpleExpr},
};

/// The database's own clock, milliseconds since the epoch: leases are measured by one clock, whoever holds them.
pub(super) fn now_ms(backend: DbBackend) -> SimpleExpr {
    match backend {
        DbBackend::Postgres => Expr::cust("(extract(epoch from clock_timestamp()) * 1000)::bigint"),
        _ => Expr::cust("cast(unixepoch('subsec') * 1000 as integer)"),
    }
}

/// Begins a transaction that writes. SQLite must take its lock at once: a transaction that read before it writes can't wait
/// for another writer, it fails.
pub(super) async fn begin_write(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    db.begin_with_options(TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    })
    .await
}

/// Begins a transaction whose reads all see the same moment. SQLite's always do.
pub(super) async fn begin_read(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let postgres = db.get_database_backend() == DbBackend::Postgres;
    db.begin_with_options(TransactionOptions {
        isolation_level: postgres.then_some(IsolationLevel::RepeatableRead),
        access_mode: postgres.then_some(AccessMode::ReadOnly),
        sqlite_transaction_mode: None,
    })
    .await
}

/// Keeps a second process from migrating at the same time, until the transaction ends. On SQLite the write lock does it.
pub(super) async fn lock_migrations(transaction: &DatabaseTransaction) -> Result<(), DbErr> {
    if transaction.get_database_backend() == DbBackend::Postgres {
        // The number only has to be the same in every dingmirror: "ding" in ASCII.
        transaction
            .execute_unprepared("SELECT pg_advisory_xact_lock(1684631143)")
            .await?;
    }
    Ok(())
}
