//! A copy of SQLite's database, made while a server works with it, and looked at before it gets its name.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use sea_orm::{ColumnTrait, ConnectOptions, Database, DatabaseConnection, EntityTrait, QueryFilter, sea_query::Expr};

use super::{dialect, entity::database_epoch, error::StoreError};

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackedUp {
    /// Size of the file.
    pub bytes: u64,
    /// Rows of all its tables.
    pub rows: u64,
    /// Its tables.
    pub tables: usize,
}

/// Copies the database in `data_dir` to `target`, which must not exist: all of it as of one moment. Works beside a running
/// server, whose lock it doesn't take.
///
/// # Errors
/// A sentence for the operator. `target` then doesn't exist.
pub async fn back_up(data_dir: &Path, target: &Path) -> Result<BackedUp, StoreError> {
    let source = data_dir.join("dingmirror.db");
    let failed =
        |what: &str, error: &dyn std::fmt::Display| StoreError::Connect(format!("no backup was made: {what}: {error}"));
    if !source.is_file() {
        let why = format!("{} is no file; set DINGMIRROR_DATA_DIR", source.display());
        return Err(failed("nothing to copy", &why));
    }
    if fs::symlink_metadata(target).is_ok() {
        return Err(failed("it exists already, choose another name", &target.display()));
    }

    let beside = beside(target);
    let copied = copy(&source, &beside).await.and_then(|found| {
        // Unlike a rename, a link never takes the place of another file.
        fs::hard_link(&beside, target)
            .and_then(|()| File::open(parent(target))?.sync_all())
            .map_err(|error| format!("cannot make {}: {error}", target.display()))?;
        Ok(found)
    });
    // Also what a failed one left: it has no name that anybody would restore.
    drop(fs::remove_file(&beside));
    copied.map_err(|why| StoreError::Connect(format!("no backup was made: {why}")))
}

async fn copy(source: &Path, beside: &Path) -> Result<BackedUp, String> {
    make(beside).map_err(|error| format!("cannot write {}: {error}", beside.display()))?;
    let text = beside.to_str().ok_or("the name of the backup is not UTF-8")?;

    let original = open(source).await?;
    let expected = tables(&original).await?;
    dialect::vacuum_into(&original, text)
        .await
        .map_err(|error| error.to_string())?;
    drop(original.close().await);
    begin_epoch(beside, &expected).await?;
    File::open(beside)
        .and_then(|file| file.sync_all())
        .map_err(|error| error.to_string())?;

    verify(beside, &expected).await
}

/// The copy says that it is one: whoever is started with it begins another epoch, for it lacks what was written later.
async fn begin_epoch(beside: &Path, tables: &[String]) -> Result<(), String> {
    if !tables.iter().any(|table| table == "database_epoch") {
        return Ok(());
    }
    let copy = open(beside).await?;
    database_epoch::Entity::update_many()
        .col_expr(database_epoch::Column::Place, Expr::val("backup"))
        .filter(database_epoch::Column::Place.ne(""))
        .exec(&copy)
        .await
        .map_err(|error| error.to_string())?;
    copy.close().await.map_err(|error| error.to_string())
}

/// The copy is whole by SQLite's own check, and holds every table of the original.
async fn verify(beside: &Path, expected: &[String]) -> Result<BackedUp, String> {
    let copy = open(beside).await?;
    let found = dialect::damage(&copy, dialect::Check::Integrity)
        .await
        .map_err(|error| error.to_string())?;
    if let Some(words) = found {
        return Err(format!("the copy is damaged: {words}"));
    }

    let present = tables(&copy).await?;
    if let Some(absent) = expected.iter().find(|table| !present.contains(table)) {
        return Err(format!("the copy has no table {absent}"));
    }
    let mut rows = 0;
    for table in &present {
        rows += dialect::count(&copy, table).await.map_err(|error| error.to_string())?;
    }
    drop(copy.close().await);

    let bytes = fs::metadata(beside).map_err(|error| error.to_string())?.len();
    Ok(BackedUp {
        bytes,
        rows,
        tables: present.len(),
    })
}

async fn open(file: &Path) -> Result<DatabaseConnection, String> {
    let path = file.to_owned();
    let mut options = ConnectOptions::new("sqlite://dingmirror.db");
    options.max_connections(1).sqlx_logging(false);
    options.map_sqlx_sqlite_opts(move |sqlite| sqlite.filename(&path).create_if_missing(false));
    Database::connect(options)
        .await
        .map_err(|error| format!("cannot open {}: {error}", file.display()))
}

async fn tables(db: &DatabaseConnection) -> Result<Vec<String>, String> {
    dialect::tables(db).await.map_err(|error| error.to_string())
}

/// Readable by the owner alone, as SQLite would not make it.
fn make(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600).open(path).map(drop)
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn beside(target: &Path) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    parent(target).join(format!(".{name}.{}", std::process::id()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::{
        clock::Clock,
        store::{Store, Target, marks::put},
    };

    async fn store(data_dir: &Path) -> Store {
        let target = Target::Sqlite {
            data_dir: data_dir.to_owned(),
        };
        let store = Store::connect(target, Clock::system()).await.unwrap();
        store.migrate().await.unwrap();
        store
    }

    #[tokio::test]
    async fn a_backup_beside_an_open_store_can_be_restored_and_never_overwrites() {
        let dir = tempfile::tempdir().unwrap();
        let (live, restored) = (dir.path().join("live"), dir.path().join("restored"));
        let store_ = store(&live).await;
        put(&store_.write, "before", "there").await.unwrap();
        let epoch = store_.epoch().await.unwrap();

        let target = dir.path().join("backup.db");
        let made = back_up(&live, &target).await.unwrap();
        assert!(made.rows > 0 && made.tables > 20, "{made:?}");
        assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o600);
        put(&store_.write, "after", "there").await.unwrap();

        let again = back_up(&live, &target).await.unwrap_err().to_string();
        assert!(again.contains("exists already"), "{again}");
        let left = fs::read_dir(dir.path()).unwrap().count();
        assert_eq!(left, 2, "nothing lies beside");

        fs::create_dir(&restored).unwrap();
        fs::copy(&target, restored.join("dingmirror.db")).unwrap();
        let restored = store(&restored).await;
        assert_eq!(restored.mark("before").await.unwrap().as_deref(), Some("there"));
        assert_eq!(restored.mark("after").await.unwrap(), None);
        assert_ne!(
            restored.epoch().await.unwrap(),
            epoch,
            "what it lacks is not its history"
        );
        assert_eq!(store_.epoch().await.unwrap(), epoch, "only the copy's");
    }

    #[tokio::test]
    async fn a_directory_without_a_database_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let told = back_up(dir.path(), &dir.path().join("x"))
            .await
            .unwrap_err()
            .to_string();
        assert!(told.contains("DINGMIRROR_DATA_DIR"), "{told}");
    }
}
