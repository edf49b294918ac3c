//! A reader of the log that stands still.

use std::{process::Stdio, time::Duration};

use serde_json::json;

use super::target::Target;
use crate::support::{database::TestDatabase, server::TestDingTalk};

/// A pipe holds 64 kB; this is far more.
const REQUESTS: usize = 400;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_reader_that_stands_still_stops_neither_the_server_nor_its_end() {
    let dingtalk = TestDingTalk::start(10, 2).await;
    let database = TestDatabase::sqlite().await;
    // One pipe for both, as service managers have it; its reader is there and reads nothing.
    let (_reader, writer) = std::io::pipe().unwrap();
    let output = [Stdio::from(writer.try_clone().unwrap()), Stdio::from(writer)];
    let mut target = Target::spawn(&dingtalk, database, output, tempfile::tempdir().unwrap(), "trace").await;

    for _ in 0..REQUESTS {
        let asked = tokio::time::timeout(Duration::from_secs(20), target.ask("{ __typename }", json!({}))).await;
        assert_eq!(asked.expect("it answers").unwrap().0, 200);
    }
    let figures = reqwest::get(target.url("/metrics"))
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(figures.contains("dingmirror_log_lines_dropped_total"), "{figures}");

    target.process.signal("TERM");
    let ended = tokio::time::timeout(Duration::from_secs(40), target.process.ended()).await;
    assert!(ended.expect("it ends").success());
}
