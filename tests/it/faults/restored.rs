//! `dingmirror backup` beside a server that is written to, and what is restored from it.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output},
};

use serde_json::{Value, json};

use super::{
    acknowledged::Acknowledged,
    row::{Row, start},
};
use crate::support::{
    database::TestDatabase,
    process::{Home, Process, program},
};

fn backup(home: &Home, file: &Path, otherwise: impl FnOnce(&mut Command)) -> Output {
    let mut command = program(&["backup"]);
    command.arg(file);
    home.give_to(&mut command);
    otherwise(&mut command);
    command.output().unwrap()
}

async fn epoch(process: &Process) -> Value {
    process.data("{ mirror { epoch } }", json!({})).await["mirror"]["epoch"].clone()
}

/// Backs the database of a server up while it is written to, and gives what it had acknowledged before, and its epoch.
async fn backed_up(home: &Home, file: &Path) -> (Acknowledged, Value) {
    let process = start(home).await;
    let mut acknowledged = Acknowledged::by("a");
    for _ in 0..6 {
        assert!(acknowledged.write(&process).await);
    }
    let epoch = epoch(&process).await;

    let mut meanwhile = Acknowledged::by("b");
    let made = tokio::task::block_in_place(|| backup(home, file, |_| {}));
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let told = String::from_utf8_lossy(&made.stdout).into_owned();
    assert!(told.contains("rows in") && told.contains("checked"), "{told}");
    assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(meanwhile.write(&process).await, "the server goes on");

    let again = backup(home, file, |_| {});
    assert!(!again.status.success(), "it wrote over a file");
    assert!(String::from_utf8_lossy(&again.stderr).contains("exists already"));
    let left = fs::read_dir(file.parent().unwrap()).unwrap().count();
    assert_eq!(left, 1, "nothing lies beside");
    (acknowledged, epoch)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_sqlite_is_restored_with_all_of_its_moment() {
    let (dir, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let restored = elsewhere.path().join("dingmirror.db");
    let (acknowledged, before) = backed_up(&Home::sqlite(dir.path()), &restored).await;

    let process = start(&Home::sqlite(elsewhere.path())).await;
    acknowledged.all_there(&process).await;
    assert_ne!(epoch(&process).await, before, "what it lacks is not its history");
    Row::sqlite("restored from a backup").print(&acknowledged, "away", "at the next start, as another epoch");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_postgres_is_restored_with_all_of_its_moment() {
    let (database, empty) = (TestDatabase::postgres().await, TestDatabase::postgres().await);
    let dir = tempfile::tempdir().unwrap();
    let archive = dir.path().join("archive");
    let (acknowledged, before) = backed_up(&Home::from(&database), &archive).await;

    let mut restore = Command::new("pg_restore");
    restore.args(["--exit-on-error", "--no-owner", "--dbname", empty.url().unwrap()]);
    let restored = restore.arg(&archive).output().unwrap();
    assert!(
        restored.status.success(),
        "{}",
        String::from_utf8_lossy(&restored.stderr)
    );
    let process = start(&Home::from(&empty)).await;
    acknowledged.all_there(&process).await;
    assert_ne!(epoch(&process).await, before, "what it lacks is not its history");
    Row::postgres("restored from a backup", 0).print(&acknowledged, "away", "at the next start, as another epoch");

    drop(process);
    database.remove().await;
    empty.remove().await;
}

/// A `pg_dump` that does this.
fn another_program(dir: &Path, script: &str) {
    let program = dir.join("pg_dump");
    fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(program, fs::Permissions::from_mode(0o755)).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_postgres_that_cannot_be_made_says_why_and_leaves_nothing() {
    let database = TestDatabase::postgres().await;
    let home = Home::from(&database);
    start(&home).await.end_by("TERM").await;

    let dir = tempfile::tempdir().unwrap();
    let tools = tempfile::tempdir().unwrap();
    let tried = |path: &str| {
        let made = backup(&home, &dir.path().join("archive"), |command| {
            command.env("PATH", path);
        });
        assert!(!made.status.success());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "nothing is left");
        String::from_utf8_lossy(&made.stderr).into_owned()
    };

    let only = tools.path().to_str().unwrap();
    let told = tried(only);
    assert!(
        told.contains("pg_dump can't be run") && told.contains("postgresql-client"),
        "{told}"
    );

    another_program(
        tools.path(),
        "echo 'pg_dump: error: aborting because of server version mismatch' >&2; exit 1",
    );
    let told = tried(only);
    assert!(told.contains("of the server's version or a newer one"), "{told}");

    // Half an archive, and no error.
    let whole = std::env::var("PATH").unwrap();
    another_program(tools.path(), "for file; do :; done; echo PGDMP > \"$file\"");
    let told = tried(&format!("{only}:{whole}"));
    assert!(told.contains("pg_restore failed"), "{told}");
    database.remove().await;
}
