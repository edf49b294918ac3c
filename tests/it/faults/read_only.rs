//! A database that takes no writes. A Postgres, as a standby or `default_transaction_read_only` makes it, answers every
//! question; files without the right to write refuse the start.

use std::{fs, os::unix::fs::PermissionsExt, process::Command};

use super::{
    acknowledged::Acknowledged,
    row::{Row, meet, start, works_again},
};
use crate::support::{
    cluster::{Address, Cluster, is_root},
    database::TestDatabase,
    disk::Disk,
    process::{Home, Process, program},
};

const READ_ONLY: &str = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', \
                         current_database()); END $$";
const WRITABLE: &str = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I RESET default_transaction_read_only', \
                        current_database()); END $$";
/// The setting is for new sessions.
const NEW_SESSIONS: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                            WHERE datname = current_database() AND pid <> pg_backend_pid()";

#[tokio::test]
async fn a_postgres_that_takes_no_writes_is_not_ready_until_it_does() {
    let row = Row::postgres("read-only (default_transaction_read_only)", 6);
    let database = TestDatabase::postgres().await;
    let mut process = start(&Home::from(&database)).await;
    let mut acknowledged = Acknowledged::by("a");
    let begin = async |_: &Process| {
        let mut beside = database.beside().await;
        beside.run(READ_ONLY).await;
        beside.run(NEW_SESSIONS).await;
    };
    let end = async |_: &Process| {
        let mut beside = database.beside().await;
        beside.run("SET default_transaction_read_only = off").await;
        beside.run(WRITABLE).await;
        beside.run(NEW_SESSIONS).await;
    };

    meet(&row, &mut process, &mut acknowledged, begin, end).await;
    drop(process);
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_is_refused_at_the_start_told_while_serving_and_works_once_promoted() {
    let row = Row::postgres("read-only (a standby as the target)", 2);
    let primary = Cluster::start();
    let address = Address::before(primary.port).await;
    let home = Home::postgres(&Cluster::url(address.port));
    let mut process = start(&home).await;
    let mut acknowledged = Acknowledged::by("a");
    let standby = Cluster::standby_of(&primary);

    let begin = async |_: &Process| {
        primary.replayed_by(&standby).await;
        address.lead_to(standby.port);
    };
    let end = async |_: &Process| {
        let mut refused = Process::spawn(program(&["serve"]), &home);
        assert!(!refused.ended().await.success());
        let words = refused.written();
        assert!(
            words.contains("takes no writes") && words.contains("lead to the primary"),
            "{words}"
        );
        standby.promote();
    };
    meet(&row, &mut process, &mut acknowledged, begin, end).await;
}

#[tokio::test]
async fn a_read_only_file_system_or_file_refuses_the_start_with_the_remedy() {
    let dir = tempfile::tempdir().unwrap();
    let row = Row::sqlite("read-only file");
    let home = Home::sqlite(dir.path());
    let mut process = start(&home).await;
    let mut acknowledged = Acknowledged::by("a");
    works_again(&row, &mut process, &mut acknowledged).await;
    process.end_by("TERM").await;

    let file = dir.path().join("dingmirror.db");
    let mode = |mode| fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
    mode(0o400);
    refused(&home).await;
    mode(0o600);
    let mut process = start(&home).await;
    works_again(&row, &mut process, &mut acknowledged).await;
    row.print(&acknowledged, "the start says it", "at the next start");
    process.end_by("TERM").await;

    // While it serves a file system can't be made read-only: the kernel waits for those who have files open for
    // writing.
    let row = Row::sqlite("read-only file system at the start");
    let Some(disk) = Disk::mount("size=8m") else {
        return println!("{}: not run: no file system can be mounted here", row.fault);
    };
    fs::copy(&file, disk.path().join("dingmirror.db")).unwrap();
    disk.read_only();
    refused(&Home::sqlite(disk.path())).await;
    row.print(&acknowledged, "the start says it", "at the next start");
}

async fn refused(home: &Home) {
    let mut command = program(&["serve"]);
    if is_root() {
        // Root writes to everything unless it gives that right away.
        let mut less = Command::new("setpriv");
        less.args(["--bounding-set=-dac_override,-dac_read_search"]);
        less.arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => less.env(name, value),
                None => less.env_remove(name),
            };
        }
        command = less;
    }

    let mut process = Process::spawn(command, home);
    assert!(!process.ended().await.success());
    let words = process.written();
    assert!(
        words.contains("cannot write to") && words.contains("DINGMIRROR_DATA_DIR"),
        "{words}"
    );
}
