//! SIGTERM while a sync and a send are under way: the process ends by itself, in time, and nothing is lost.

use std::time::{Duration, Instant};

use dingmirror::simulator::SimulatorConfig;
use serde_json::json;

use crate::support::{
    database::TestDatabase,
    process::Process,
    server::{TestDingTalk, TestServer},
};

/// The grace time given to the process; ending takes at most this and the runtime's own second, with room for a busy
/// machine.
const GRACE: Duration = Duration::from_secs(5);

/// What the process is given.
const SETTINGS: [(&str, &str); 3] = [
    ("DINGMIRROR_SHUTDOWN_GRACE", "5s"),
    ("DINGMIRROR_CALLS_PER_SECOND", "20"),
    ("DINGMIRROR_LOG", "warn"),
];

/// SIGTERM, and how long the process took to end.
async fn terminate(process: Process) -> Duration {
    let asked = Instant::now();
    process.end_by("TERM").await;
    asked.elapsed()
}

both_databases!(
    async fn sigterm_during_a_sync_ends_the_process_and_the_run_is_on_record(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(400, 60).await;
        let process = Process::serving(database, &dingtalk, &SETTINGS).await;
        process.configure(&dingtalk, &json!({})).await;
        let started = process
            .data("mutation { startSync(input: {}) { run { id state } } }", json!({}))
            .await;
        assert_eq!(started["startSync"]["run"]["state"], "RUNNING");

        tokio::time::sleep(Duration::from_millis(500)).await;
        let took = terminate(process).await;
        assert!(took < GRACE * 2, "it took {took:?}");

        let server = TestServer::start(database.target(), &dingtalk).await;
        let run = server
            .data(
                "query ($id: ID!) { syncRun(id: $id) { state } }",
                json!({ "id": started["startSync"]["run"]["id"] }),
            )
            .await;
        // On record as left behind, with its lease given back; a server that looks for such runs may have taken it up
        // again.
        assert_ne!(run["syncRun"]["state"], "FINISHED");

        server.configure(dingtalk.settings()).await;
        let run = server.sync().await;
        assert_eq!(run.progress.users_read, 400, "{run:#?}");
        server.stop().await;
    }
);

both_databases!(
    async fn sigterm_during_a_send_ends_the_process_and_every_recipient_is_accounted_for(database: TestDatabase) {
        let config = SimulatorConfig {
            users: 30,
            departments: 5,
            rate_limit_per_second: None,
            ..SimulatorConfig::default()
        };
        let dingtalk = TestDingTalk::start_with(config).await;
        // Fill the mirror first.
        TestServer::synced(database.target(), &dingtalk).await.stop().await;
        dingtalk
            .tell(
                reqwest::Method::POST,
                "faults",
                json!({
                    "api": "/topapi/message/corpconversation/asyncsend_v2", "kind": "slow", "ms": 1500,
                }),
            )
            .await;

        let process = Process::serving(database, &dingtalk, &SETTINGS).await;
        let truth = dingtalk.control("directory").await;
        let users: Vec<&str> = truth["users"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|u| u["userid"].as_str())
            .take(10)
            .collect();

        let send = "mutation ($users: [String!]!) { sendMessage(input: { recipients: { userIds: $users }, content: { text: { content: \"重启之前\" } } }) { message { id } userErrors { message } } }";
        let sent = process.data(send, json!({ "users": users })).await;
        let id = sent["sendMessage"]["message"]["id"].clone();
        tokio::time::sleep(Duration::from_millis(700)).await;
        let took = terminate(process).await;
        assert!(took < GRACE * 2, "it took {took:?}");

        // The call under way was finished and recorded before the end: nobody is left between two states.
        let server = TestServer::start(database.target(), &dingtalk).await;
        let message = server
            .data(
                "query ($id: ID!) { message(id: $id) { state recipientCounts { state count } } }",
                json!({ "id": id }),
            )
            .await;
        assert_eq!(
            message["message"],
            json!({ "state": "DONE", "recipientCounts": [{ "state": "ACCEPTED", "count": 10 }] })
        );

        let messages = dingtalk.control("messages").await;
        assert_eq!(
            messages.to_string().matches("重启之前").count(),
            1,
            "sent once: {messages:#}"
        );
        server.stop().await;
    }
);
