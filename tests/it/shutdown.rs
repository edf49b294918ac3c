//! SIGTERM while a sync and a send are under way: the process ends by itself, in time, and nothing is lost.

use std::{
    process::{Child, Command},
    time::{Duration, Instant},
};

use dingmirror::{
    auth::{Permission, TokenIssuer},
    clock::Clock,
    simulator::SimulatorConfig,
};
use serde_json::{Value, json};

use crate::support::{
    database::TestDatabase,
    server::{JWT_SECRET, TestDingTalk, TestServer},
};

/// The grace time given to the process; ending takes at most this and the runtime's own second, with room for a busy machine.
const GRACE: Duration = Duration::from_secs(5);

/// A server in a process of its own.
struct Process {
    child: Child,
    base: String,
    token: String,
    http: reqwest::Client,
}

impl Process {
    async fn start(database: &TestDatabase, dingtalk: &TestDingTalk, data_dir: &std::path::Path) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let mut command = Command::new(env!("CARGO_BIN_EXE_dingmirror"));
        command
            .arg("serve")
            .env("DINGMIRROR_LISTEN", format!("127.0.0.1:{port}"))
            .env("DINGMIRROR_DATA_DIR", data_dir)
            .env("DINGMIRROR_JWT_SECRET", JWT_SECRET)
            .env("DINGMIRROR_SECRET_KEY", "a key of the tests that is long enough too")
            .env("DINGMIRROR_ALLOWED_HOSTS", dingtalk.base.trim_start_matches("http://"))
            .env("DINGMIRROR_SHUTDOWN_GRACE", "5s")
            .env("DINGMIRROR_CALLS_PER_SECOND", "20")
            .env("DINGMIRROR_LOG", "warn");
        match database.url() {
            Some(url) => command.env("DATABASE_URL", url),
            None => command.env_remove("DATABASE_URL"),
        };
        let child = command.spawn().unwrap();
        let token = TokenIssuer::new(&JWT_SECRET.into(), Clock::system()).issue(
            "test",
            &Permission::ALL,
            Duration::from_secs(3_600),
        );
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let process = Self {
            child,
            base: format!("http://127.0.0.1:{port}"),
            token,
            http,
        };
        let started = Instant::now();
        while process
            .http
            .get(format!("{}/readyz", process.base))
            .send()
            .await
            .is_err()
        {
            assert!(started.elapsed() < Duration::from_secs(60), "the server does not start");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        process
    }

    async fn data(&self, query: &str, variables: Value) -> Value {
        let body = json!({ "query": query, "variables": variables });
        let request = self
            .http
            .post(format!("{}/graphql", self.base))
            .bearer_auth(&self.token)
            .json(&body);
        let mut answer: Value = request.send().await.unwrap().json().await.unwrap();
        assert!(answer.get("errors").is_none(), "{answer:#}");
        answer["data"].take()
    }

    /// SIGTERM, and how long the process took to end.
    async fn terminate(mut self) -> Duration {
        let asked = Instant::now();
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                assert!(status.success(), "the process ended with {status}");
                return asked.elapsed();
            }
            assert!(asked.elapsed() < Duration::from_secs(60), "the process does not end");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

both_databases!(
    async fn sigterm_during_a_sync_ends_the_process_and_the_run_is_on_record(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(400, 60).await;
        let dir = database.data_dir();
        let process = Process::start(database, &dingtalk, &dir).await;
        configure(&process, &dingtalk).await;
        let started = process
            .data("mutation { startSync(input: {}) { run { id state } } }", json!({}))
            .await;
        assert_eq!(started["startSync"]["run"]["state"], "RUNNING");
        tokio::time::sleep(Duration::from_millis(500)).await;
        let took = process.terminate().await;
        assert!(took < GRACE * 2, "it took {took:?}");

        let server = TestServer::start(database.target(), &dingtalk).await;
        let run = server
            .data(
                "query ($id: ID!) { syncRun(id: $id) { state } }",
                json!({ "id": started["startSync"]["run"]["id"] }),
            )
            .await;
        // On record as left behind, with its lease given back; a server that looks for such runs may have taken it up again.
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

        let dir = database.data_dir();
        let process = Process::start(database, &dingtalk, &dir).await;
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
        let took = process.terminate().await;
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

async fn configure(process: &Process, dingtalk: &TestDingTalk) {
    let mut input = json!({
        "expectedVersion": "0",
        "agentId": dingtalk.config.agent_id.to_string(),
        "appKey": dingtalk.config.app_key,
        "appSecret": dingtalk.config.app_secret,
        "enabled": true,
    });
    for api in dingmirror::settings::Api::ALL {
        input[api.field()] = format!("{}{}", dingtalk.base, api.path()).into();
    }
    let update = "mutation ($input: UpdateSettingsInput!) { updateSettings(input: $input) { settings { version complete } userErrors { field message } } }";
    let data = process.data(update, json!({ "input": input })).await;
    assert_eq!(
        data["updateSettings"],
        json!({ "settings": { "version": "1", "complete": true }, "userErrors": [] })
    );
}
