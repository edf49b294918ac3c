//! The system refuses a write: the kernel lets no file of a process grow past a length (EFBIG), which both databases
//! take for an input/output error.

use std::{fs, path::Path, process::Command, time::Duration};

use super::{
    acknowledged::Acknowledged,
    row::{Row, kept_after_a_kill, meet, start, works_again, write_into_the_fault},
};
use crate::support::{
    cluster::Cluster,
    process::{Home, Process},
};

/// How long a file of the process may be from now on, in bytes.
fn limit_files(process: u32, bytes: &str) {
    let mut command = Command::new("prlimit");
    command.arg(format!("--pid={process}"));
    command.arg(format!("--fsize={bytes}:"));
    assert!(command.status().unwrap().success(), "prlimit of util-linux");
}

/// No file may grow past the log's present length.
fn limit_to_log(data_dir: &Path, process: &Process) {
    let log = fs::metadata(data_dir.join("dingmirror.db-wal")).unwrap().len();
    limit_files(process.id(), &log.to_string());
}

#[tokio::test]
async fn an_input_output_error_loses_nothing_that_was_acknowledged() {
    let row = Row::sqlite("I/O error");
    let dir = tempfile::tempdir().unwrap();
    let home = Home::sqlite(dir.path());
    let mut process = start(&home).await;
    let mut acknowledged = Acknowledged::by("a");

    let begin = async |process: &Process| limit_to_log(dir.path(), process);
    let end = async |process: &Process| limit_files(process.id(), "unlimited");
    let why = meet(&row, &mut process, &mut acknowledged, begin, end).await;
    assert!(why.contains("takes no writes"), "{why}");
    kept_after_a_kill(process, &home, &acknowledged).await;
}

#[tokio::test]
async fn killed_during_the_error_nothing_acknowledged_is_lost() {
    let row = Row::sqlite("killed during the error");
    let dir = tempfile::tempdir().unwrap();
    let home = Home::sqlite(dir.path());
    let mut process = start(&home).await;
    let mut acknowledged = Acknowledged::by("a");
    assert!(acknowledged.write(&process).await);

    limit_to_log(dir.path(), &process);
    write_into_the_fault(&process, &mut acknowledged, row.more).await;
    process.kill();

    let mut process = start(&home).await;
    acknowledged.all_there(&process).await;
    works_again(&row, &mut process, &mut acknowledged).await;
    row.print(&acknowledged, "away", "at the next start");
}

#[tokio::test]
async fn a_server_that_cannot_write_its_log_recovers_and_loses_nothing() {
    let row = Row::postgres("I/O error (log)", 2);
    let cluster = Cluster::start();
    let home = Home::postgres(&Cluster::url(cluster.port));
    let mut process = start(&home).await;
    let mut acknowledged = Acknowledged::by("a");
    for _ in 0..3 {
        assert!(acknowledged.write(&process).await);
    }

    // Whoever can't write the log ends all sessions of the server, which then recovers. Sessions of afterwards have no
    // limit.
    let mut beside = cluster.beside().await;
    let query = "SELECT pid FROM pg_stat_activity WHERE application_name = 'dingmirror'";
    let sessions: Vec<i32> = sqlx::query_scalar(query).fetch_all(&mut beside).await.unwrap();
    for session in sessions {
        cluster.forbid_writing(session);
    }

    assert!(!acknowledged.write(&process).await, "the fault is not met");
    // The server ends all sessions now; an answer of /readyz counts for a second.
    tokio::time::sleep(Duration::from_secs(2)).await;
    works_again(&row, &mut process, &mut acknowledged).await;
    assert!(
        sqlx::query(query).fetch_all(&mut beside).await.is_err(),
        "the server ended no session"
    );
    row.print(&acknowledged, "not asked: over at once", "by itself");
    kept_after_a_kill(process, &home, &acknowledged).await;
}
