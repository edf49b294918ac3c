//! A copy of SQLite's database. It doesn't take the running server's lock.

use std::path::Path;

use sea_orm::{ColumnTrait, ConnectOptions, Database, DatabaseConnection, EntityTrait, QueryFilter, sea_query::Expr};

use super::CopyContents;
use crate::store::{dialect, entity::database_epoch};

/// Copies the database in `data_dir` into `beside`, an empty file.
pub(super) async fn copy(data_dir: &Path, beside: &Path) -> Result<CopyContents, String> {
    let source = data_dir.join("dingmirror.db");
    if !source.is_file() {
        let source = source.display();
        return Err(format!("nothing to copy: {source} is no file; set DINGMIRROR_DATA_DIR"));
    }
    let text = beside.to_str().ok_or("the name of the backup is not UTF-8")?;

    let original = open(&source).await?;
    let expected = tables(&original).await?;
    dialect::vacuum_into(&original, text)
        .await
        .map_err(|error| error.to_string())?;
    drop(original.close().await);

    begin_epoch(beside, &expected).await?;
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
async fn verify(beside: &Path, expected: &[String]) -> Result<CopyContents, String> {
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

    Ok(CopyContents {
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

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;
    use crate::{
        clock::Clock,
        store::{Store, StoreError, Target, backup::BackedUp, marks::put},
    };

    async fn back_up(data_dir: &Path, target: &Path) -> Result<BackedUp, StoreError> {
        let data_dir = data_dir.to_owned();
        crate::store::back_up(&Target::Sqlite { data_dir }, target).await
    }

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
