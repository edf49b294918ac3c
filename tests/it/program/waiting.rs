//! A sync that can't get on says so soon: which call, in the run, the log and the terminal, and no guess how long.

use std::{
    io::{BufRead, BufReader},
    process::Stdio,
    sync::mpsc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::support::{
    database::TestDatabase,
    process::{PATIENCE, Process, SECRET_KEY, program},
    server::{JWT_SECRET, TestDingTalk},
};

/// A port of this machine on which nobody listens.
fn dead_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

const RUN: &str = "{ syncRuns(first: 1) { nodes { state error resumed progress { etaSeconds } } } }";

/// The line that tells how the sync ended.
fn ended(log: &str) -> &str {
    let line = log.lines().rfind(|line| line.contains("\"sync ended\""));
    line.unwrap_or_else(|| panic!("no sync ended in {log}"))
}

both_databases!(
    async fn a_sync_whose_list_url_leads_nowhere_says_which_call_fails(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(60, 10).await;
        let port = dead_port();
        let hosts = format!("{},127.0.0.1:{port}", dingtalk.base.trim_start_matches("http://"));
        let settings = [
            ("DINGMIRROR_ALLOWED_HOSTS", hosts.as_str()),
            ("DINGMIRROR_LOG_FORMAT", "json"),
        ];
        let running = Process::serving(database, &dingtalk, &settings).await;
        let nowhere = format!("http://127.0.0.1:{port}/topapi/v2/user/list");
        running.configure(&dingtalk, &json!({ "userListUrl": nowhere })).await;

        let began = Instant::now();
        let waits = |data: &Value| !data["syncRuns"]["nodes"][0]["error"].is_null();
        let data = running.until(RUN, json!({}), waits).await;
        // Thirty seconds on a quiet machine; this one may be busy.
        assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
        let run = &data["syncRuns"]["nodes"][0];
        assert!(run["error"].as_str().unwrap().contains("userListUrl"), "{run}");
        assert_eq!(
            (&run["state"], &run["progress"]["etaSeconds"]),
            (&json!("RUNNING"), &json!(null)),
            "{run}"
        );

        let began = Instant::now();
        while !running.written().contains("a sync waits for DingTalk") {
            assert!(
                began.elapsed() < PATIENCE,
                "the log says nothing: {}",
                running.written()
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }

        let log = running.end_by("TERM").await;
        let waits = log
            .lines()
            .find(|line| line.contains("a sync waits for DingTalk"))
            .expect(&log);
        assert!(
            !log.contains("DingTalk answers the sync again"),
            "nobody answered: {log}"
        );
        assert!(
            waits.contains("\"level\":\"WARN\"") && waits.contains("/topapi/v2/user/list"),
            "{waits}"
        );

        let ended = ended(&log);
        assert!(
            ended.contains("\"level\":\"WARN\"") && ended.contains("\"sync.state\":\"INTERRUPTED\""),
            "{ended}"
        );
        assert!(
            ended.contains("\"sync.mode\":\"FULL\"") && !ended.contains("Some("),
            "{ended}"
        );

        // Gone on with, it says nothing until it has something to say, and then what holds now.
        let running = Process::serving(database, &dingtalk, &settings).await;
        let began = Instant::now();
        loop {
            let data = running.data(RUN, json!({})).await;
            let run = &data["syncRuns"]["nodes"][0];
            if run["state"] == "RUNNING" {
                let error = run["error"].as_str().unwrap_or("userListUrl");
                assert!(
                    run["resumed"] == 1 && error.contains("userListUrl"),
                    "an old sentence: {run}"
                );
                if run["error"].is_string() {
                    break;
                }
            }
            assert!(began.elapsed() < PATIENCE, "it says nothing: {data}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
);

const RUNS: &str = "{ syncRuns(first: 2) { nodes { state verdict mode trigger error } } }";

both_databases!(
    async fn a_corrected_url_reaches_the_sync_that_waits(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(60, 10).await;
        let port = dead_port();
        let hosts = format!("{},127.0.0.1:{port}", dingtalk.base.trim_start_matches("http://"));
        let settings = [("DINGMIRROR_ALLOWED_HOSTS", hosts.as_str())];
        let running = Process::serving(database, &dingtalk, &settings).await;
        let nowhere = format!("http://127.0.0.1:{port}/topapi/v2/user/list");
        running.configure(&dingtalk, &json!({ "userListUrl": nowhere })).await;
        running
            .until(RUN, json!({}), |data| !data["syncRuns"]["nodes"][0]["error"].is_null())
            .await;

        // What the run doesn't read by changes nothing for it.
        running.change(&json!({ "agentId": "4711" })).await;
        let data = running.data(RUNS, json!({})).await;
        assert_eq!(data["syncRuns"]["nodes"].as_array().unwrap().len(), 1, "{data}");

        let right = format!("{}/topapi/v2/user/list", dingtalk.base);
        running.change(&json!({ "userListUrl": right })).await;
        let data = running
            .until(RUNS, json!({}), |data| {
                data["syncRuns"]["nodes"][0]["state"] == "FINISHED"
            })
            .await;
        let (new, old) = (&data["syncRuns"]["nodes"][0], &data["syncRuns"]["nodes"][1]);
        assert_eq!(new["verdict"], "COMPLETE", "{new}");
        assert_eq!(old["state"], "INTERRUPTED", "{old}");
        assert!(old["error"].as_str().unwrap().contains("settings"), "{old}");
        assert_eq!((&new["mode"], &new["trigger"]), (&old["mode"], &old["trigger"]));
    }
);

#[tokio::test]
async fn a_failed_sync_is_an_error_in_the_log() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(20, 4).await;
    let running = Process::serving(&database, &dingtalk, &[("DINGMIRROR_LOG_FORMAT", "json")]).await;
    running
        .configure(&dingtalk, &json!({ "appSecret": "not-the-secret-of-this-app" }))
        .await;
    running
        .until(RUN, json!({}), |data| data["syncRuns"]["nodes"][0]["state"] == "FAILED")
        .await;

    let log = running.end_by("TERM").await;
    let ended = ended(&log);
    assert!(
        ended.contains("\"level\":\"ERROR\"") && ended.contains("\"sync.state\":\"FAILED\""),
        "{ended}"
    );
}

/// The whole of DingTalk stands still after the first answers: the run waits, in a terminal that is none.
#[tokio::test]
async fn a_terminal_hears_what_a_sync_waits_for() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(60, 10).await;
    let running = Process::serving(&database, &dingtalk, &[("DINGMIRROR_SYNC_INTERVAL", "0")]).await;
    running.configure(&dingtalk, &json!({})).await;
    running
        .until("{ mirror { userCount } }", json!({}), |data| {
            data["mirror"]["userCount"] == 60
        })
        .await;
    running.end_by("TERM").await;
    let late = json!({ "api": "*", "kind": "slow", "ms": 3_600_000 });
    dingtalk.tell(reqwest::Method::POST, "faults", late).await;

    let mut command = program(&["sync"]);
    command
        .env("DINGMIRROR_DATA_DIR", database.data_dir())
        .env("DINGMIRROR_JWT_SECRET", JWT_SECRET)
        .env("DINGMIRROR_SECRET_KEY", SECRET_KEY)
        .env("DINGMIRROR_ALLOWED_HOSTS", dingtalk.base.trim_start_matches("http://"))
        .env("DINGMIRROR_LOG", "error")
        .stderr(Stdio::piped())
        .stdout(Stdio::null());

    let mut child = command.spawn().unwrap();
    let stderr = child.stderr.take().unwrap();
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });

    let mut heard = Vec::new();
    let began = Instant::now();
    let told = loop {
        let Ok(line) = lines.recv_timeout(PATIENCE) else {
            break None;
        };
        heard.push(line.clone());
        if line.contains("The run waits for DingTalk") {
            break Some(line);
        }
        if began.elapsed() > PATIENCE {
            break None;
        }
    };

    let _ = child.kill();
    let _ = child.wait();
    let told = told.unwrap_or_else(|| panic!("it says nothing: {heard:#?}"));
    assert!(told.contains("getTokenUrl") && !told.contains("to go"), "{told}");
}
