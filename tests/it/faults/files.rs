//! SQLite's own files: they vanish while they are in use, and at a clean end one of them has everything.

use std::fs;

use super::{
    acknowledged::Acknowledged,
    row::{Row, kept_after_a_kill, meet, start},
};
use crate::support::process::{Home, Process};

#[tokio::test]
async fn files_that_vanish_stop_the_writes_until_they_are_back() {
    for (name, fault) in [
        ("dingmirror.db", "the database file vanishes"),
        ("dingmirror.db-wal", "the log's file vanishes"),
    ] {
        let row = Row::sqlite(fault);
        let dir = tempfile::tempdir().unwrap();
        let (file, aside) = (dir.path().join(name), dir.path().join("aside"));
        let home = Home::sqlite(dir.path());
        let mut process = start(&home).await;
        let mut acknowledged = Acknowledged::by("a");

        let begin = async |_: &Process| fs::rename(&file, &aside).unwrap();
        let end = async |_: &Process| fs::rename(&aside, &file).unwrap();
        let why = meet(&row, &mut process, &mut acknowledged, begin, end).await;
        assert!(why.contains(&format!("{name} is gone")), "{why}");
        kept_after_a_kill(process, &home, &acknowledged).await;
    }
}

#[tokio::test]
async fn after_a_clean_end_the_database_file_alone_has_everything() {
    let (dir, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let process = start(&Home::sqlite(dir.path())).await;
    let mut acknowledged = Acknowledged::by("a");
    for _ in 0..6 {
        assert!(acknowledged.write(&process).await);
    }
    process.end_by("TERM").await;

    let name = "dingmirror.db";
    fs::copy(dir.path().join(name), elsewhere.path().join(name)).unwrap();
    let process = start(&Home::sqlite(elsewhere.path())).await;
    acknowledged.all_there(&process).await;
    Row::sqlite("ended by SIGTERM, one file kept").print(&acknowledged, "away", "at the next start");
}
