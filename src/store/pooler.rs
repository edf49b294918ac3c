//! Connection poolers between this process and Postgres (PgBouncer, its relatives, and managed ones).
//!
//! One that gives each transaction to another session (`pool_mode = transaction`) loses the statements that the driver
//! prepared by name, unless it keeps them itself, as PgBouncer does from 1.21 on where `max_prepared_statements` is
//! set. Then what a caller asks fails now and then, by who else is busy. So it is found out at the start.

use std::time::Duration;

use sqlx::{ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};
use tokio::time::timeout;

use super::fault::{FaultKind, kind_of};

/// The statement that both sessions prepare: the driver gives the first one of each session the same name.
const STATEMENT: &str = "SELECT 1";

/// How often it is tried: who else uses the pooler may take the session in between.
const TRIES: u32 = 3;

/// Behind a pooler with a single session the one waits for the other.
const PATIENCE: Duration = Duration::from_secs(3);

/// Fails where a pooler loses prepared statements; the text says so, and what to do.
///
/// A session prepares a statement and has nothing more to do. While a second one is inside of a transaction, having
/// prepared its own, the first runs its statement again. By a pooler of transactions the second is given what the first
/// had, which knows the name already, or the first another one, which does not. Sessions of their own know nothing of
/// each other. Everything else that goes wrong is told by who needs the connection.
pub(super) async fn refuse_one_that_loses_statements(options: &PgConnectOptions) -> Result<(), String> {
    for _ in 0..TRIES {
        let Ok(Err(error)) = timeout(PATIENCE, cross(options)).await else {
            continue;
        };
        if let Some(said) = lost_statement(&error) {
            let kind = FaultKind::Pooler;
            return Err(format!("{}: {said}; {}", kind.told(), kind.remedy()));
        }
    }
    Ok(())
}

async fn cross(options: &PgConnectOptions) -> Result<(), sqlx::Error> {
    let mut first = options.connect().await?;
    let mut second = options.connect().await?;

    sqlx::query(STATEMENT).execute(&mut first).await?;
    let crossed = beside_a_transaction(&mut first, &mut second).await;

    // Whatever came of it: a session that is given back in the middle of a transaction would be closed there.
    drop(sqlx::raw_sql("ROLLBACK").execute(&mut second).await);
    drop((first.close().await, second.close().await));
    crossed
}

async fn beside_a_transaction(first: &mut PgConnection, second: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::raw_sql("BEGIN").execute(&mut *second).await?;
    sqlx::query(STATEMENT).execute(&mut *second).await?;
    sqlx::query(STATEMENT).execute(&mut *first).await.map(drop)
}

/// The server's words, where it knows a statement that it shouldn't, or doesn't know one that it should.
fn lost_statement(error: &sqlx::Error) -> Option<String> {
    let error = error.as_database_error()?;
    let code = error.code()?;
    (kind_of(&code, error.message()) == FaultKind::Pooler).then(|| format!("{} ({code})", error.message()))
}
