//! Opening SQLite: one file in the data directory, for one process.

use std::{
    ffi::OsString,
    fs::{DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Read},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use sea_orm::{ConnectOptions, Database, DatabaseConnection};
use sqlx::{
    SqliteConnection,
    sqlite::{SqliteJournalMode, SqliteSynchronous},
};

use super::{
    dialect,
    error::StoreError,
    files::DataFiles,
    questions::{Budget, Questions},
    transaction::is_idle,
};

/// The database's name in the data directory.
const FILE: &str = "dingmirror.db";

/// Readers beside the one writer: four keep reads quick while a large batch is written.
const READERS: u32 = 4;

/// And those of people who ask, who may keep one busy for a while.
const ASKERS: u32 = 2;

/// Steps of SQLite's machine between two looks at the time: less than a millisecond.
const STEPS: i32 = 10_000;

/// How long a writer waits for those before it: the longest batch is a company's first.
const WRITERS_TURN: Duration = Duration::from_secs(120);

/// How long a reader waits for a connection.
const READERS_TURN: Duration = Duration::from_secs(8);

/// A check reads the whole file, some hundred MB in a second: larger ones would keep a start waiting.
const LARGEST_CHECKED: u64 = 1 << 30;

/// Rows that wait for whoever asked, as many as a page of a start's loading has: with the driver's 50 the two threads
/// wait for one another most of the time.
const ROWS_WAITING: usize = 1_000;

/// A connection's cache, in KiB as SQLite's sign says. Its own 2 MB don't hold what a thousand recipients touch.
const PAGE_CACHE: &str = "-16000";

/// An open file.
pub(super) struct OpenedSqlite {
    /// One connection, so that writers queue up here and not in the file's lock.
    pub(super) write: DatabaseConnection,
    pub(super) read: DatabaseConnection,
    /// Connections of their own, so that nobody else waits behind them.
    pub(super) questions: Questions,
    /// Those that it is made of.
    pub(super) files: DataFiles,
    /// `SQLite in …`.
    pub(super) place: String,
    /// Held as long as the file is served; `None`: another process may be serving it.
    pub(super) lock: Option<File>,
}

/// Opens `dingmirror.db` in `data_dir`; makes both where they don't exist, for the owner's eyes alone: it is a whole
/// company's names and numbers.
pub(super) async fn open(data_dir: &Path) -> Result<OpenedSqlite, StoreError> {
    let told = |what: &str, error: io::Error| {
        StoreError::Connect(format!(
            "cannot {what} {}: {error}; choose another DINGMIRROR_DATA_DIR",
            data_dir.display()
        ))
    };

    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(data_dir)
        .map_err(|error| told("make", error))?;

    let lock = private(&data_dir.join("dingmirror.lock")).map_err(|error| told("write to", error))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(StoreError::InUse(data_dir.display().to_string()));
        }
        Err(TryLockError::Error(error)) => return Err(told("lock", error)),
    }

    let file = data_dir.join(FILE);
    check_log(&file)?;
    // SQLite gives its -wal and -shm files the rights of this one.
    private(&file).map_err(|error| told("write to", error))?;

    let opened = connect(&file).await?;
    check(&file, &opened.read).await?;
    Ok(OpenedSqlite {
        lock: Some(lock),
        ..opened
    })
}

/// Opens the `dingmirror.db` that is in `data_dir`, also where a server has it: for a command that reads and writes a
/// row. Makes nothing.
pub(super) async fn open_beside(data_dir: &Path) -> Result<OpenedSqlite, StoreError> {
    let file = existing(data_dir)?;
    check_log(&file)?;
    connect(&file).await
}

/// The file that is in `data_dir`.
fn existing(data_dir: &Path) -> Result<PathBuf, StoreError> {
    let file = data_dir.join(FILE);
    if file.is_file() {
        return Ok(file);
    }
    Err(StoreError::Connect(format!(
        "there is no {}: name the server's directory by --data-dir (its log tells it when it starts), or its Postgres by \
         DATABASE_URL",
        file.display()
    )))
}

/// `SQLite in …`.
fn place_of(file: &Path) -> String {
    format!("SQLite in {}", file.display())
}

/// The connections to `file`.
async fn connect(file: &Path) -> Result<OpenedSqlite, StoreError> {
    let write = pool(file, 1, WRITERS_TURN, None).await?;
    let read = pool(file, READERS, READERS_TURN, None).await?;
    let budget = Budget::default();
    let asked = pool(file, ASKERS, READERS_TURN, Some(budget.clone())).await?;

    let place = place_of(file);
    let files = DataFiles::of(file).map_err(|error| StoreError::Connect(format!("cannot look at {place}: {error}")))?;
    Ok(OpenedSqlite {
        write,
        read,
        questions: Questions::over(asked, ASKERS, budget),
        files,
        place,
        lock: None,
    })
}

/// Opens the database in `data_dir` to read it, beside whoever uses it. Nothing is written by these connections.
pub(super) async fn open_to_read(data_dir: &Path) -> Result<(DatabaseConnection, Questions, String), StoreError> {
    let file = existing(data_dir)?;
    let path = file.clone();
    let mut options = ConnectOptions::new("sqlite://dingmirror.db");
    options.max_connections(ASKERS).sqlx_logging(false);
    options.map_sqlx_sqlite_opts(move |sqlite| {
        sqlite
            .filename(&path)
            .create_if_missing(false)
            .row_buffer_size(ROWS_WAITING)
            .pragma("query_only", "ON")
    });
    let opened = Database::connect(options)
        .await
        .map_err(|error| damaged(&file, &error.to_string()))?;
    let questions = Questions::over(opened.clone(), ASKERS, Budget::default());
    Ok((opened, questions, place_of(&file)))
}

/// Refuses a restored backup beside the log of the file that it replaced: SQLite would write that log over it, whatever
/// it is of, and leave a file that is neither, or damaged.
///
/// What `dingmirror backup` writes was never in WAL mode, and any other file here always is
/// (<https://www.sqlite.org/fileformat.html>, bytes 18 and 19 of the header).
fn check_log(file: &Path) -> Result<(), StoreError> {
    let beside = |end: &str| {
        let mut name: OsString = file.into();
        name.push(end);
        PathBuf::from(name)
    };
    let log = beside("-wal");
    if std::fs::metadata(&log).map_or(0, |found| found.len()) == 0 {
        return Ok(());
    }

    let mut header = [0; 20];
    let read = File::open(file).and_then(|mut file| file.read_exact(&mut header));
    if read.is_err() || header[18..] != [1, 1] {
        return Ok(());
    }
    Err(StoreError::Connect(format!(
        "cannot use {}: it is a backup beside the log of another file, which would be written over it; move {} and {} aside and \
         start again",
        file.display(),
        log.display(),
        beside("-shm").display()
    )))
}

/// Refuses a file that SQLite finds damaged, before anything is written to it.
async fn check(file: &Path, read: &DatabaseConnection) -> Result<(), StoreError> {
    let bytes = std::fs::metadata(file).map_or(0, |found| found.len());
    if bytes > LARGEST_CHECKED {
        tracing::info!(
            bytes,
            "the database file is too large to be checked at each start: `dingmirror backup` checks its copy"
        );
        return Ok(());
    }

    match dialect::damage(read, dialect::Check::Quick).await {
        Ok(None) => Ok(()),
        Ok(Some(found)) => Err(damaged(file, &found)),
        Err(error) => Err(damaged(file, &error.to_string())),
    }
}

/// SQLite's words and the remedy.
fn damaged(file: &Path, words: &str) -> StoreError {
    let file = file.display();
    StoreError::Connect(format!(
        "cannot use {file}: {words}; if the file is damaged, keep it aside with its -wal and restore the last `dingmirror backup` in its place, or begin anew without it"
    ))
}

/// Opens a file for writing; a new one is readable by its owner alone.
fn private(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
}

/// `budget`: how long whoever takes a connection may keep SQLite at work.
async fn pool(
    file: &Path,
    connections: u32,
    turn: Duration,
    budget: Option<Budget>,
) -> Result<DatabaseConnection, StoreError> {
    let path: PathBuf = file.to_owned();
    let mut options = ConnectOptions::new("sqlite://dingmirror.db?mode=rwc");
    options
        .max_connections(connections)
        .min_connections(1)
        .sqlx_logging(false)
        // A file doesn't hang up.
        .test_before_acquire(false)
        // The last one to hang up would take the -wal file away, whose vanishing is watched.
        .idle_timeout(None::<Duration>)
        .max_lifetime(None::<Duration>)
        .acquire_timeout(turn);

    options.map_sqlx_sqlite_opts(move |sqlite| {
        sqlite
            .filename(&path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5))
            .row_buffer_size(ROWS_WAITING)
            .pragma("cache_size", PAGE_CACHE)
            // What undoes a statement goes to a temporary file otherwise, and a full or read-only /tmp would stop the
            // sending.
            .pragma("temp_store", "MEMORY")
            .foreign_keys(true)
    });

    options.map_sqlx_sqlite_pool_opts(move |pool| {
        let Some(budget) = budget.clone() else {
            return pool.after_release(|connection, _| Box::pin(async move { Ok(is_idle(connection).await) }));
        };

        let pool = pool.after_release(|connection, _| {
            Box::pin(async move {
                connection.lock_handle().await?.remove_progress_handler();
                Ok(is_idle(connection).await)
            })
        });
        // A new connection isn't asked about before it is taken.
        let of_new = budget.clone();
        pool.after_connect(move |connection, _| Box::pin(end_after(connection, of_new.get())))
            .before_acquire(move |connection, _| {
                let end = end_after(connection, budget.get());
                Box::pin(async move { end.await.map(|()| true) })
            })
    });

    Database::connect(options)
        .await
        .map_err(|error| damaged(file, &error.to_string()))
}

/// Has SQLite give up what it does after so long.
async fn end_after(connection: &mut SqliteConnection, time: Duration) -> Result<(), sqlx::Error> {
    let deadline = Instant::now() + time;
    connection
        .lock_handle()
        .await?
        .set_progress_handler(STEPS, move || Instant::now() < deadline);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[tokio::test]
    async fn a_second_process_on_the_same_directory_is_told_so() {
        let dir = tempfile::tempdir().unwrap();
        let first = open(dir.path()).await.unwrap();
        let error = open(dir.path()).await.err().unwrap().to_string();
        assert!(
            error.contains("another dingmirror") && error.contains("DINGMIRROR_DATA_DIR"),
            "{error}"
        );
        drop(first);
        assert!(open(dir.path()).await.is_ok());
    }

    #[tokio::test]
    async fn a_command_works_beside_a_server_and_makes_no_database() {
        let dir = tempfile::tempdir().unwrap();
        let told = open_beside(dir.path()).await.err().unwrap().to_string();
        assert!(told.contains("dingmirror.db") && told.contains("--data-dir"), "{told}");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);

        let server = open(dir.path()).await.unwrap();
        let command = open_beside(dir.path()).await.unwrap();
        assert!(server.lock.is_some() && command.lock.is_none());
    }

    #[tokio::test]
    async fn what_is_made_is_for_its_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let data_dir = dir.path().join("new/data");
        let _opened = open(&data_dir).await.unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&data_dir), 0o700);
        for entry in std::fs::read_dir(&data_dir).unwrap() {
            let path = entry.unwrap().path();
            assert_eq!(mode(&path), 0o600, "{}", path.display());
        }
    }

    #[tokio::test]
    async fn a_damaged_file_refuses_the_start_with_sqlites_words_and_the_remedy() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("dingmirror.db");
        std::fs::write(&file, vec![b'x'; 8_192]).unwrap();
        let told = open(dir.path()).await.err().unwrap().to_string();
        assert!(
            told.contains("not a database") && told.contains("dingmirror backup"),
            "{told}"
        );
    }

    #[tokio::test]
    async fn a_place_that_is_no_directory_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        std::fs::write(&file, "").unwrap();
        let error = open(&file).await.err().unwrap().to_string();
        assert!(
            error.contains(&file.display().to_string()) && error.contains("DINGMIRROR_DATA_DIR"),
            "{error}"
        );
    }
}
