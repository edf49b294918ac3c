//! The real program as a child process, which can be killed and paused.

use std::{
    fs::File,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use dingmirror::{
    auth::{Permission, TokenIssuer},
    clock::Clock,
    settings::Api,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{
    database::TestDatabase,
    server::{JWT_SECRET, TestDingTalk},
};

/// Longer than a start takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// `dingmirror serve`, killed when it is dropped. Its log is shown when the test fails.
pub(super) struct Process {
    child: Child,
    base: String,
    log: PathBuf,
    http: reqwest::Client,
}

impl Process {
    /// Starts it on a port of its own, with `lease` as how long it keeps others from syncing when it died.
    pub(super) fn spawn(database: &TestDatabase, dingtalk: &TestDingTalk, name: &str, lease: &str) -> Self {
        Self::spawn_with(database, dingtalk, name, &["--sync-lease", lease])
    }

    /// The same with these flags.
    pub(super) fn spawn_with(database: &TestDatabase, dingtalk: &TestDingTalk, name: &str, flags: &[&str]) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let log = database.data_dir().join(format!("{name}-{port}.log"));
        let output = File::create(&log).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_dingmirror"));
        command
            .args(["serve", "--sync-interval", "0"])
            .args(flags)
            .args(["--calls-per-second", "60", "--log", "info"])
            .env("DINGMIRROR_LISTEN", format!("127.0.0.1:{port}"))
            .env("DINGMIRROR_DATA_DIR", database.data_dir())
            .env("DINGMIRROR_JWT_SECRET", JWT_SECRET)
            .env("DINGMIRROR_SECRET_KEY", "a key of the tests that is long enough too")
            .env("DINGMIRROR_ALLOWED_HOSTS", dingtalk.base.trim_start_matches("http://"))
            .stdout(Stdio::from(output.try_clone().unwrap()))
            .stderr(Stdio::from(output));
        match database.url() {
            Some(url) => command.env("DATABASE_URL", url),
            None => command.env_remove("DATABASE_URL"),
        };
        Self {
            child: command.spawn().unwrap(),
            base: format!("http://127.0.0.1:{port}"),
            log,
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }

    /// Where it listens.
    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// Waits until it answers.
    pub(super) async fn ready(&self) {
        let started = Instant::now();
        while self.http.get(format!("{}/readyz", self.base)).send().await.is_err() {
            assert!(started.elapsed() < PATIENCE, "the server does not start");
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// `data` of an answer that must have no errors.
    pub(super) async fn data(&self, query: &str, variables: Value) -> Value {
        let token = TokenIssuer::new(&JWT_SECRET.into(), Clock::system()).issue(
            "test",
            &Permission::ALL,
            Duration::from_secs(3_600),
        );
        let request = self.http.post(format!("{}/graphql", self.base)).bearer_auth(token);
        let body = json!({ "query": query, "variables": variables });
        let mut answer: Value = request.json(&body).send().await.unwrap().json().await.unwrap();
        assert!(answer.get("errors").is_none(), "{answer:#}");
        answer["data"].take()
    }

    /// Fills the settings in; the first sync begins with that.
    pub(super) async fn configure(&self, dingtalk: &TestDingTalk) {
        let mut input = json!({
            "expectedVersion": "0",
            "agentId": dingtalk.config.agent_id.to_string(),
            "appKey": dingtalk.config.app_key,
            "appSecret": dingtalk.config.app_secret,
            "enabled": true,
        });
        for api in Api::ALL {
            input[api.field()] = format!("{}{}", dingtalk.base, api.path()).into();
        }
        let update = "mutation ($input: UpdateSettingsInput!) { updateSettings(input: $input) { settings { version } userErrors { field message } } }";
        let data = self.data(update, json!({ "input": input })).await;
        assert_eq!(data["updateSettings"]["userErrors"], json!([]));
    }

    /// Waits until the newest run is FINISHED.
    pub(super) async fn finished(&self, patience: Duration) {
        self.finished_another(None, patience).await;
    }

    /// Waits until the newest run is FINISHED and isn't `former`, which was finished before this process started.
    pub(super) async fn finished_another(&self, former: Option<Uuid>, patience: Duration) {
        let former = former.map(|id| URL_SAFE_NO_PAD.encode(format!("SyncRun:{id}")));
        let started = Instant::now();
        loop {
            let query = "{ syncRuns(first: 1) { nodes { id state } } }";
            let runs = self.data(query, json!({})).await;
            let newest = &runs["syncRuns"]["nodes"][0];
            if newest["state"] == "FINISHED" && newest["id"].as_str() != former.as_deref() {
                return;
            }
            assert!(started.elapsed() < patience, "the run does not finish: {runs}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// SIGKILL: no code of the process runs any more when this returns.
    pub(super) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// SIGSTOP: it stands still, with its connections open.
    pub(super) fn pause(&self) {
        self.signal("-STOP");
    }

    /// SIGCONT: it goes on and has noticed nothing.
    pub(super) fn resume(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("--- {}", self.log.display());
            eprintln!("{}", std::fs::read_to_string(&self.log).unwrap_or_default());
        }
    }
}
