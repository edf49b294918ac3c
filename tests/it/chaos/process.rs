//! The program as these tests run it: it syncs when it is told to, and its calls are slow enough to be met.

use std::time::{Duration, Instant};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;
use uuid::Uuid;

use crate::support::{
    database::TestDatabase,
    process::{Home, Process, program},
    server::TestDingTalk,
};

/// Starts a replica with these flags.
pub(super) fn spawn(database: &TestDatabase, dingtalk: &TestDingTalk, flags: &[&str]) -> Process {
    let mut command = program(&["serve", "--sync-interval", "0"]);
    command
        .args(flags)
        .args(["--calls-per-second", "60", "--log", "info"])
        .env("DINGMIRROR_ALLOWED_HOSTS", dingtalk.base.trim_start_matches("http://"));
    Process::spawn(command, &Home::from(database))
}

/// Waits until the newest run is FINISHED and isn't `former`, which was finished before this process started.
pub(super) async fn finished_another(process: &Process, former: Option<Uuid>, patience: Duration) {
    let former = former.map(|id| URL_SAFE_NO_PAD.encode(format!("SyncRun:{id}")));
    let started = Instant::now();

    loop {
        let runs = process
            .data("{ syncRuns(first: 1) { nodes { id state } } }", json!({}))
            .await;
        let newest = &runs["syncRuns"]["nodes"][0];
        if newest["state"] == "FINISHED" && newest["id"].as_str() != former.as_deref() {
            return;
        }
        assert!(started.elapsed() < patience, "the run does not finish: {runs}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
