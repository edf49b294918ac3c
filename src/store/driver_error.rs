//! The driver's errors as the store's.

use sea_orm::{DbErr, RuntimeErr};
use sqlx::{
    error::DatabaseError,
    postgres::{PgDatabaseError, PgSeverity},
};

use super::{
    error::StoreError,
    fault::{FaultKind, kind_of},
};

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        let told = told(&error);
        match &told {
            // A row of another version, say: whoever reads it tells it.
            Self::Corrupt(_) if matches!(error, DbErr::Json(_)) => {}
            // The text says why, and who asked tells it.
            Self::Migration(_) => {}
            // Neither is it the database's: whoever opens it, or looks after its files, logs it once.
            Self::Connect(_) => {}
            // It is repeated.
            Self::Fault {
                kind: FaultKind::Cancelled,
                ..
            } => tracing::warn!(%error, "a statement took too long"),
            told if told.is_conflict() => tracing::debug!(%error, "a transaction was in another's way"),
            Self::Fault { kind, .. } => tracing::error!(%error, "{}; {}", kind.told(), kind.remedy()),
            _ => tracing::error!(%error, "the database does not answer, or not what it should"),
        }
        told
    }
}

/// A driver's error as the store's.
pub(super) fn told(error: &DbErr) -> StoreError {
    let fault = |kind, said: String| StoreError::Fault { kind, said };
    match error {
        DbErr::Migration(why) => StoreError::Migration(why.clone()),
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => of_driver(error),
        // No driver's, but of opening, and of files that vanished: made for people.
        DbErr::Conn(RuntimeErr::Internal(why)) => StoreError::Connect(why.clone()),
        // The transaction was over before; the first error, which is the one that tells, was logged.
        DbErr::Exec(_) | DbErr::Query(_) | DbErr::ConnectionAcquire(_) | DbErr::Custom(_) => StoreError::Unavailable,
        // What a column's text is not, with the column's name: see `column`.
        DbErr::Json(why) => StoreError::Corrupt(why.clone()),
        DbErr::TryIntoErr { .. } | DbErr::Type(_) | DbErr::ConvertFromU64(_) => StoreError::Corrupt(error.to_string()),
        other => fault(FaultKind::Refused, other.to_string()),
    }
}

fn of_driver(error: &sqlx::Error) -> StoreError {
    match error {
        sqlx::Error::Database(database) if ends_all_sessions(&**database) => StoreError::Unavailable,
        sqlx::Error::Database(database) => {
            let message = database.message().to_owned();
            let Some(code) = database.code() else {
                return StoreError::Fault {
                    kind: FaultKind::Refused,
                    said: message,
                };
            };
            match kind_of(&code, &message) {
                FaultKind::Away => StoreError::Unavailable,
                kind => StoreError::Fault {
                    kind,
                    said: format!("{message} ({code})"),
                },
            }
        }
        sqlx::Error::ColumnDecode { .. }
        | sqlx::Error::Decode(_)
        | sqlx::Error::ColumnNotFound(_)
        | sqlx::Error::TypeNotFound { .. }
        | sqlx::Error::ColumnIndexOutOfBounds { .. } => StoreError::Corrupt(error.to_string()),
        // The text doesn't fit into the protocol, or a value into its type: no connection's fault.
        sqlx::Error::Encode(_) | sqlx::Error::InvalidArgument(_) => StoreError::Fault {
            kind: FaultKind::Refused,
            said: error.to_string(),
        },
        _ => StoreError::Unavailable,
    }
}

/// Whether a session of Postgres could not go on without danger (its log could not be written, say): the server ends
/// all of them, and recovers. Whatever the code, the next one may be served.
fn ends_all_sessions(error: &(dyn DatabaseError + 'static)) -> bool {
    let postgres = error.try_downcast_ref::<PgDatabaseError>();
    postgres.is_some_and(|error| matches!(error.severity(), PgSeverity::Panic))
}
