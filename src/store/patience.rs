//! No statement on its way to Postgres is waited for for ever.
//!
//! A connection can fall silent without ending: a firewall forgets it, a pooler freezes, a host dies. The driver sets
//! no keepalive and no time-out, so whoever waits on such a connection waits until the process ends, and the pool is
//! one smaller meanwhile.

use std::{io, sync::Arc, time::Duration};

use sea_orm::{DbBackend, DbErr, RuntimeErr};
use sqlx::{Connection, PgConnection, Row};
use tokio::time::timeout;

/// How long one statement may take, the wait for a connection and for rows that others hold included. The longest,
/// which reads a large company's people, takes a few seconds.
const LONGEST_STATEMENT: Duration = Duration::from_mins(1);

/// How long a connection may take to say that it lives.
const SIGN_OF_LIFE: Duration = Duration::from_secs(3);

/// The database's answer. After too long whoever asked is told that it does not answer: what became of the statement is
/// not known, so a COMMIT is not repeated. A file doesn't fall silent, and its writers may wait longer for their turn.
pub(super) async fn in_time<T>(backend: DbBackend, answer: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
    if backend != DbBackend::Postgres {
        return answer.await;
    }
    timeout(LONGEST_STATEMENT, answer).await.unwrap_or_else(|_| {
        let why = format!("no answer within {} s", LONGEST_STATEMENT.as_secs());
        // As if the connection had broken, and not as of a database that can't be opened: it passes, and is waited for.
        let silent = sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, why));
        Err(DbErr::Query(RuntimeErr::SqlxError(Arc::new(silent))))
    })
}

/// Whether a connection that goes back to its pool is outside of any transaction; fails unless it answers soon. The
/// driver (sqlx 0.9) counts a transaction only once `BEGIN` was answered: whoever gives it up before leaves it open,
/// and what others wrote over the same connection would be part of it, and lost.
///
/// Outside of a transaction a statement begins one of its own, so that both clocks show the same. By the simple
/// protocol, whose statement is one message.
pub(super) async fn is_idle(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let asked = sqlx::raw_sql("SELECT now() = statement_timestamp()").fetch_one(connection);
    soon(asked).await?.try_get(0)
}

/// Fails unless a connection answers soon. What was left over on it, a rollback for example, comes first.
pub(super) async fn answers(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    soon(connection.ping()).await
}

/// A connection's answer, or that it is silent.
async fn soon<T>(answer: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    let silent = |_| Err(sqlx::Error::Io(io::ErrorKind::TimedOut.into()));
    timeout(SIGN_OF_LIFE, answer).await.unwrap_or_else(silent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreError;

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_falls_silent_is_a_database_that_is_away() {
        let silence = std::future::pending::<Result<(), DbErr>>();
        let ended = in_time(DbBackend::Postgres, silence).await.map_err(StoreError::from);
        assert!(matches!(ended, Err(StoreError::Unavailable)), "{ended:?}");
    }
}
