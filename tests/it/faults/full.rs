//! No room: for data, for the log, for temporary files, for another file.

use std::{
    fs,
    time::{Duration, Instant},
};

use serde_json::json;

use super::{
    acknowledged::Acknowledged,
    row::{Row, kept_after_a_kill, meet, start, works_again},
};
use crate::support::{
    cluster::{Cluster, Layout},
    disk::Disk,
    process::{Home, PATIENCE, Process, program, serve},
    server::TestDingTalk,
};

/// Said where a row can't be had: a mount needs rights that not everybody has.
const NO_DISK: &str = "not run: no file system can be mounted here";

#[tokio::test]
async fn a_full_disk_loses_nothing_that_was_acknowledged() {
    // Data and write-ahead log are in one directory: neither can be full alone.
    let row = Row::sqlite("disk full (data and log)");
    let Some(disk) = Disk::mount("size=8m") else {
        return println!("{}: {NO_DISK}", row.fault);
    };
    let home = Home::sqlite(disk.path());
    let mut process = start(&home).await;
    let mut acknowledged = Acknowledged::by("a");

    let why = meet(
        &row,
        &mut process,
        &mut acknowledged,
        async |_: &Process| disk.fill(),
        async |_: &Process| disk.make_room(),
    )
    .await;
    assert!(why.contains("takes no writes"), "{why}");
    kept_after_a_kill(process, &home, &acknowledged).await;
}

#[tokio::test]
async fn a_quota_of_files_is_told_at_the_start_and_not_met_afterwards() {
    let row = Row::sqlite("quota (no further file)");
    let Some(disk) = Disk::mount("size=8m,nr_inodes=5") else {
        return println!("{}: {NO_DISK}", row.fault);
    };
    let home = Home::sqlite(disk.path());
    // Root of the file system, lock, database, log: the log's index finds no room.
    let filler = disk.path().join("filler");
    fs::write(&filler, "").unwrap();
    let mut refused = Process::spawn(program(&["serve"]), &home);
    assert!(!refused.ended().await.success());
    let words = refused.written();
    assert!(
        words.contains("dingmirror.db") && words.contains("cannot use"),
        "{words}"
    );

    fs::remove_file(filler).unwrap();
    let mut process = start(&home).await;
    assert!(
        fs::write(disk.path().join("one more"), "").is_err(),
        "the quota is used up"
    );
    let mut acknowledged = Acknowledged::by("a");
    works_again(&row, &mut process, &mut acknowledged).await;
    kept_after_a_kill(process, &home, &acknowledged).await;
    row.print(
        &acknowledged,
        "ready: serving needs no further file",
        "the start says it",
    );
}

#[tokio::test]
async fn disks_of_postgres_that_are_full_lose_nothing_that_was_acknowledged() {
    let (Some(data), Some(log)) = (Disk::mount("size=80m"), Disk::mount("size=24m")) else {
        return println!("disk full (Postgres): {NO_DISK}");
    };
    let layout = Layout {
        data: Some(data.path()),
        wal: Some(log.path()),
        ..Layout::default()
    };
    let cluster = Cluster::start_with(&layout);
    let home = Home::postgres(&Cluster::url(cluster.port));
    let mut process = start(&home).await;
    let mut acknowledged = Acknowledged::by("a");

    let row = Row::postgres("disk full (data)", 14);
    let fill = async |_: &Process| data.fill();
    let make_room = async |_: &Process| data.make_room();
    let why = meet(&row, &mut process, &mut acknowledged, fill, make_room).await;
    assert!(why.contains("takes no writes"), "{why}");

    // The server ends all sessions, recovers, and meets the same again, or stays down.
    let row = Row::postgres("disk full (log)", 1);
    let fill = async |_: &Process| {
        log.fill();
        cluster.burn_log().await;
    };
    let make_room = async |_: &Process| {
        log.make_room();
        cluster.up_again();
    };
    meet(&row, &mut process, &mut acknowledged, fill, make_room).await;
    kept_after_a_kill(process, &home, &acknowledged).await;
}

const SETTINGS: [(&str, &str); 2] = [
    ("DINGMIRROR_LOG", "error"),
    ("DINGMIRROR_RECIPIENTS_PER_MINUTE", "1000000"),
];

/// The most that this program asks of a database at once, where it may make no temporary file.
async fn ask_much(process: &Process, dingtalk: &TestDingTalk) {
    process.configure(dingtalk, &json!({})).await;
    process.until_synced().await;
    let send = "mutation { sendMessage(input: { recipients: { departments: [{ deptId: \"1\" }] }, \
                content: { text: { content: \"to everybody\" } } }) { message { id } userErrors { message } } }";
    let sent = process.data(send, json!({})).await;
    let id = &sent["sendMessage"]["message"]["id"];
    assert!(id.is_string(), "{sent}");
    let counts = "query ($id: ID!) { message(id: $id) { state recipientCounts { state count } } }";
    let done = |data: &serde_json::Value| data["message"]["state"] == "DONE";
    process.until(counts, json!({ "id": id }), done).await;
    let lists = "{ changes(first: 500) { nodes { kind } } messages(first: 100) { nodes { id } } syncRuns(first: 10) { nodes { id } } }";
    process.data(lists, json!({})).await;
}

#[tokio::test]
async fn sqlite_needs_no_room_for_temporary_files() {
    let row = Row::sqlite("disk full (temporary files)");
    let Some(disk) = Disk::mount("size=64k") else {
        return println!("{}: {NO_DISK}", row.fault);
    };
    disk.fill();
    let dingtalk = TestDingTalk::start(600, 30).await;
    let dir = tempfile::tempdir().unwrap();
    let mut command = serve(&dingtalk, &SETTINGS);
    command.env("SQLITE_TMPDIR", disk.path());
    let mut process = Process::start(command, &Home::sqlite(dir.path())).await;

    ask_much(&process, &dingtalk).await;
    let mut acknowledged = Acknowledged::by("a");
    works_again(&row, &mut process, &mut acknowledged).await;
    row.print(&acknowledged, "ready: none is needed", "not needed");
}

#[tokio::test]
async fn where_postgres_has_no_room_for_temporary_files_writes_are_taken_and_a_sync_waits() {
    let row = Row::postgres("disk full (temporary files)", 0);
    let dingtalk = TestDingTalk::start(600, 30).await;
    let cluster = Cluster::start();
    let home = Home::postgres(&Cluster::url(cluster.port));
    let mut process = Process::start(serve(&dingtalk, &SETTINGS), &home).await;

    // What is applied is read back in the order of its keys: sorted beside the memory where there is little of that.
    for sql in [
        "ALTER SYSTEM SET work_mem = '64kB'",
        "ALTER SYSTEM SET temp_file_limit = 0",
        "SELECT pg_reload_conf()",
    ] {
        cluster.sql(sql).await;
    }

    process.configure(&dingtalk, &json!({})).await;
    let began = Instant::now();
    while !process.written().contains("temp_file_limit") {
        assert!(began.elapsed() < PATIENCE, "no temporary file is needed");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let mut acknowledged = Acknowledged::by("a");
    works_again(&row, &mut process, &mut acknowledged).await;

    cluster.sql("ALTER SYSTEM SET temp_file_limit = -1").await;
    cluster.sql("SELECT pg_reload_conf()").await;
    process.until_synced().await;
    acknowledged.all_there(&process).await;
    row.print(&acknowledged, "ready: writes are taken, a sync waits", "by itself");
}
