//! DingTalk takes a message, and its answer can't be written down: the ledger tells the truth afterwards, and nobody
//! has it twice.

use std::time::{Duration, Instant};

use dingmirror::settings::Api;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    cluster::{Cluster, Layout},
    disk::Disk,
    process::{Home, PATIENCE, Process, serve},
    server::TestDingTalk,
};

const SEND: &str = "mutation ($users: [String!]!, $text: String!) { sendMessage(input: { \
                    recipients: { userIds: $users }, content: { text: { content: $text } } }) \
                    { message { id } userErrors { message } } }";
const STATES: &str = "query ($id: ID!) { message(id: $id) { state recipients(first: 10) { nodes { state } } } }";

/// How long an attempt may take before its outcome counts as unknown, and longer than a slow answer of DingTalk takes
/// here.
const CLAIM: &str = "4s";

const ARRIVED: [&str; 3] = ["ACCEPTED", "DELIVERED_UNREAD", "READ"];

/// A disk that is full, and has room again.
trait Fault {
    async fn begin(&self);
    async fn end(&self);
}

struct SqliteDisk<'a>(&'a Disk);

impl Fault for SqliteDisk<'_> {
    async fn begin(&self) {
        self.0.fill();
    }

    async fn end(&self) {
        self.0.make_room();
    }
}

/// The log's: a full disk of data leaves room on pages that are there, and takes the answer.
struct PostgresDisk<'a>(&'a Disk, &'a Cluster);

impl Fault for PostgresDisk<'_> {
    async fn begin(&self) {
        self.0.fill();
        self.1.burn_log().await;
    }

    async fn end(&self) {
        self.0.make_room();
        self.1.up_again();
    }
}

async fn server(home: &Home, dingtalk: &TestDingTalk) -> Process {
    let settings = [("DINGMIRROR_SEND_CLAIM", CLAIM), ("DINGMIRROR_LOG", "error")];
    Process::start(serve(dingtalk, &settings), home).await
}

async fn state(process: &Process, message: &Value, is_right: impl Fn(&str) -> bool) -> String {
    let of = |data: &Value| {
        data["message"]["recipients"]["nodes"][0]["state"]
            .as_str()
            .map(str::to_owned)
    };
    let right = |data: &Value| of(data).is_some_and(|state| is_right(&state));
    let data = process.until(STATES, json!({ "id": message }), right).await;
    of(&data).unwrap()
}

/// How often DingTalk was asked to send it.
async fn sends(dingtalk: &TestDingTalk, text: &str) -> usize {
    dingtalk.control("messages").await.to_string().matches(text).count()
}

/// A message whose answer is under way when the disk is full.
async fn sent_into_the_fault(process: &Process, dingtalk: &TestDingTalk, text: &str, fault: &impl Fault) -> Value {
    let directory = dingtalk.control("directory").await;
    let user = &directory["users"][0]["userid"];
    let slow = json!({ "api": Api::AsyncSend.path(), "kind": "slow", "ms": 2_000, "count": 1 });
    dingtalk.tell(Method::POST, "faults", slow).await;
    let sent = process.data(SEND, json!({ "users": [user], "text": text })).await;
    let message = sent["sendMessage"]["message"]["id"].clone();
    assert!(message.is_string(), "{sent}");
    state(process, &message, |state| state == "SENDING").await;

    fault.begin().await;
    process.until_not_ready().await;
    let began = Instant::now();
    while sends(dingtalk, text).await == 0 {
        assert!(began.elapsed() < PATIENCE, "DingTalk is not asked");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    message
}

/// The two ways in which it ends: the process lives on and has the answer in hand, or it is killed with it.
async fn told_truly(home: &Home, fault: &impl Fault, database: &str) {
    let dingtalk = TestDingTalk::start(4, 2).await;
    let mut process = server(home, &dingtalk).await;
    process.configure(&dingtalk, &json!({})).await;
    process.until_synced().await;

    for (text, killed) in [("kept in hand", false), ("lost with the process", true)] {
        let message = sent_into_the_fault(&process, &dingtalk, text, fault).await;
        // DingTalk's answer comes, and the claim ends, on the full disk.
        tokio::time::sleep(Duration::from_secs(5)).await;

        let told = if killed {
            process.kill();
            fault.end().await;
            process = server(home, &dingtalk).await;
            state(&process, &message, |state| state == "UNKNOWN").await
        } else {
            fault.end().await;
            state(&process, &message, |state| ARRIVED.contains(&state)).await
        };

        assert_eq!(sends(&dingtalk, text).await, 1, "DingTalk had it once");
        let what = if killed { ", killed with it" } else { "" };
        println!("| DingTalk's answer on a full disk{what} | {database} | 1 | 1 | not ready | {told}, sent once |");
        process.until_ready().await;
    }
}

#[tokio::test]
async fn an_answer_that_sqlite_has_no_room_for_is_told_truly_afterwards() {
    let Some(disk) = Disk::mount("size=16m") else {
        return println!("sending on a full disk: not run: no file system can be mounted here");
    };
    told_truly(&Home::sqlite(disk.path()), &SqliteDisk(&disk), "SQLite").await;
}

#[tokio::test]
async fn an_answer_that_postgres_has_no_room_for_is_told_truly_afterwards() {
    let Some(log) = Disk::mount("size=24m") else {
        return println!("sending on a full disk: not run: no file system can be mounted here");
    };
    let layout = Layout {
        wal: Some(log.path()),
        ..Layout::default()
    };
    let cluster = Cluster::start_with(&layout);
    let home = Home::postgres(&Cluster::url(cluster.port));
    told_truly(&home, &PostgresDisk(&log, &cluster), "Postgres").await;
}
