//! Opening the database.

use std::{
    fs::{DirBuilder, File, TryLockError},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
    time::Duration,
};

use sea_orm::{ConnectOptions, Database, DatabaseConnection, DatabaseTransaction};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{
    ConnectOptions as _, Connection,
    postgres::PgConnectOptions,
    sqlite::{SqliteJournalMode, SqliteSynchronous},
};
use url::Url;

use super::{dialect, error::StoreError};
use crate::clock::Clock;

/// Readers of SQLite beside its one writer: four keep reads quick while a large batch is written.
const SQLITE_READERS: u32 = 4;

/// How long opening waits before it says that the database can't be reached.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(8);

/// Where the database is.
#[derive(Debug, Clone)]
pub enum Target {
    /// `dingmirror.db` in this directory, for one process.
    Sqlite {
        /// The data directory; made if it doesn't exist.
        data_dir: PathBuf,
    },
    /// A Postgres server, for any number of processes.
    Postgres {
        /// `postgres://user:password@host/database`.
        url: SecretString,
        /// Connections at most.
        max_connections: u32,
    },
}

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pub(super) clock: Clock,
    /// Writes. SQLite: one connection, so that writers queue up here and not in the file's lock.
    pub(super) write: DatabaseConnection,
    /// Reads.
    pub(super) read: DatabaseConnection,
    place: Arc<str>,
    /// The lock on SQLite's directory, held as long as the store lives.
    _lock: Option<Arc<File>>,
}

impl Store {
    /// Opens the database; makes SQLite's file. Tables are [`Store::migrate`]'s.
    pub async fn connect(target: Target, clock: Clock) -> Result<Self, StoreError> {
        match target {
            Target::Sqlite { data_dir } => Self::sqlite(&data_dir, clock).await,
            Target::Postgres { url, max_connections } => Self::postgres(&url, max_connections, clock).await,
        }
    }

    async fn sqlite(data_dir: &Path, clock: Clock) -> Result<Self, StoreError> {
        let told = |what: &str, error: std::io::Error| {
            StoreError::Connect(format!(
                "cannot {what} {}: {error}; choose another DINGMIRROR_DATA_DIR",
                data_dir.display()
            ))
        };
        // People's data: the owner's alone.
        let made = DirBuilder::new().recursive(true).mode(0o700).create(data_dir);
        made.map_err(|error| told("make", error))?;
        let lock = File::create(data_dir.join("dingmirror.lock")).map_err(|error| told("write to", error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::Connect(format!(
                    "another dingmirror uses {}: stop it, choose another DINGMIRROR_DATA_DIR, or share a Postgres by DATABASE_URL",
                    data_dir.display()
                )));
            }
            Err(TryLockError::Error(error)) => return Err(told("lock", error)),
        }
        let file = data_dir.join("dingmirror.db");
        let open = async |connections: u32| {
            let path = file.clone();
            let mut options = ConnectOptions::new("sqlite://dingmirror.db?mode=rwc");
            options
                .max_connections(connections)
                .min_connections(1)
                .sqlx_logging(false)
                .connect_timeout(CONNECT_TIMEOUT);
            options.map_sqlx_sqlite_opts(move |sqlite| {
                sqlite
                    .filename(&path)
                    .create_if_missing(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full)
                    .busy_timeout(Duration::from_secs(5))
                    .foreign_keys(true)
            });
            Database::connect(options)
                .await
                .map_err(|error| StoreError::Connect(format!("cannot open {}: {error}", file.display())))
        };
        let write = open(1).await?;
        let read = open(SQLITE_READERS).await?;
        let place = format!("SQLite in {}", file.display()).into();
        Ok(Self {
            clock,
            write,
            read,
            place,
            _lock: Some(Arc::new(lock)),
        })
    }

    async fn postgres(url: &SecretString, max_connections: u32, clock: Clock) -> Result<Self, StoreError> {
        let place = describe_postgres(url.expose_secret());
        let mut options = ConnectOptions::new(url.expose_secret());
        options
            .max_connections(max_connections)
            .sqlx_logging(false)
            .connect_timeout(CONNECT_TIMEOUT)
            .acquire_timeout(CONNECT_TIMEOUT)
            .set_application_name("dingmirror");
        probe(url.expose_secret())
            .await
            .map_err(|reason| StoreError::Connect(format!("cannot open {place}: {reason}; check DATABASE_URL")))?;
        let pool = Database::connect(options).await?;
        Ok(Self {
            clock,
            write: pool.clone(),
            read: pool,
            place: place.into(),
            _lock: None,
        })
    }

    /// Kind and place of the database, never a password: `SQLite in …` or `Postgres at host:port/database`.
    pub fn describe(&self) -> String {
        self.place.to_string()
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.read.ping().await?)
    }

    pub(super) async fn begin(&self) -> Result<DatabaseTransaction, StoreError> {
        Ok(dialect::begin_write(&self.write).await?)
    }

    pub(super) async fn begin_read(&self) -> Result<DatabaseTransaction, StoreError> {
        Ok(dialect::begin_read(&self.read).await?)
    }

    pub(super) fn is_postgres(&self) -> bool {
        self.write.get_database_backend() == sea_orm::DbBackend::Postgres
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Store").field(&self.place).finish()
    }
}

fn describe_postgres(url: &str) -> String {
    match Url::parse(url) {
        Ok(url) => {
            let host = url.host_str().unwrap_or("localhost");
            format!("Postgres at {host}:{}{}", url.port().unwrap_or(5432), url.path())
        }
        Err(_) => "Postgres".to_owned(),
    }
}

/// Connects once, outside of any pool: a pool only says that it waited in vain, the driver says what is wrong. Its words name
/// role, database and address, never the URL.
async fn probe(url: &str) -> Result<(), String> {
    let options = PgConnectOptions::from_str(url).map_err(|_| "it is no valid postgres:// URL".to_owned())?;
    let connected = tokio::time::timeout(CONNECT_TIMEOUT, options.connect()).await;
    let connection = connected
        .map_err(|_| format!("no answer within {} s", CONNECT_TIMEOUT.as_secs()))?
        .map_err(|error| error.to_string())?;
    connection.close().await.map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_postgres_has_no_password() {
        assert_eq!(
            describe_postgres("postgres://me:secret@db.example:6543/ding?x=y"),
            "Postgres at db.example:6543/ding"
        );
        assert_eq!(
            describe_postgres("postgres://me:secret@db.example/ding"),
            "Postgres at db.example:5432/ding"
        );
        assert_eq!(describe_postgres("not a url: secret"), "Postgres");
    }

    #[tokio::test]
    async fn a_second_process_on_the_same_directory_is_told_so() {
        let dir = tempfile::tempdir().unwrap();
        let target = Target::Sqlite {
            data_dir: dir.path().to_owned(),
        };
        let clock = Clock::system();
        let first = Store::connect(target.clone(), clock.clone()).await.unwrap();
        let error = Store::connect(target.clone(), clock.clone())
            .await
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("another dingmirror") && error.contains("DINGMIRROR_DATA_DIR"),
            "{error}"
        );
        drop(first);
        assert!(Store::connect(target, clock).await.is_ok());
    }
}
