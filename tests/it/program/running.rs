//! `dingmirror serve` as a child process, with everything that it writes.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use dingmirror::{
    auth::{Permission, TokenIssuer},
    clock::Clock,
    settings::Api,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{
    database::TestDatabase,
    server::{JWT_SECRET, TestDingTalk},
};

pub(super) const SECRET_KEY: &str = "a key of the tests that is long enough too";

/// Longer than anything here takes on a busy machine.
pub(super) const PATIENCE: Duration = Duration::from_secs(90);

/// The program with these arguments and nothing of this process's settings.
pub(super) fn program(args: &[&str]) -> Command {
    bare(Command::new(env!("CARGO_BIN_EXE_dingmirror")), args)
}

/// The program as it is started by `nohup`, which has SIGHUP ignored.
pub(super) fn without_hang_up(args: &[&str]) -> Command {
    let mut shell = Command::new("sh");
    shell.args([
        "-c",
        "trap '' HUP; exec \"$0\" \"$@\"",
        env!("CARGO_BIN_EXE_dingmirror"),
    ]);
    bare(shell, args)
}

fn bare(mut command: Command, args: &[&str]) -> Command {
    command.args(args).env_remove("DATABASE_URL").stdin(Stdio::null());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("DINGMIRROR_")) {
        command.env_remove(name);
    }
    command
}

/// A server, killed when it is dropped.
pub(super) struct Running {
    child: Child,
    pub(super) base: String,
    pub(super) token: String,
    pub(super) http: reqwest::Client,
    output: PathBuf,
    _dir: TempDir,
}

impl Running {
    pub(super) async fn start(database: &TestDatabase, dingtalk: &TestDingTalk, settings: &[(&str, &str)]) -> Self {
        Self::start_by(program(&["serve"]), database, dingtalk, settings).await
    }

    /// The same, by this command.
    pub(super) async fn start_by(
        mut command: Command,
        database: &TestDatabase,
        dingtalk: &TestDingTalk,
        settings: &[(&str, &str)],
    ) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let dir = tempfile::tempdir().unwrap();
        let output = dir.path().join("output");
        let file = File::create(&output).unwrap();
        command
            .env("DINGMIRROR_LISTEN", format!("127.0.0.1:{port}"))
            .env("DINGMIRROR_DATA_DIR", database.data_dir())
            .env("DINGMIRROR_JWT_SECRET", JWT_SECRET)
            .env("DINGMIRROR_SECRET_KEY", SECRET_KEY)
            .env("DINGMIRROR_ALLOWED_HOSTS", dingtalk.base.trim_start_matches("http://"))
            .env("DINGMIRROR_CALLS_PER_SECOND", "60")
            .env("DINGMIRROR_SHUTDOWN_GRACE", "5s")
            .envs(settings.iter().copied())
            .stdout(Stdio::from(file.try_clone().unwrap()))
            .stderr(Stdio::from(file));
        if let Some(url) = database.url() {
            command.env("DATABASE_URL", url);
        }
        let running = Self {
            child: command.spawn().unwrap(),
            base: format!("http://127.0.0.1:{port}"),
            token: TokenIssuer::new(&JWT_SECRET.into(), Clock::system()).issue(
                "the operator",
                &Permission::ALL,
                Duration::from_secs(3_600),
            ),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            output,
            _dir: dir,
        };
        let started = Instant::now();
        while running
            .http
            .get(format!("{}/readyz", running.base))
            .send()
            .await
            .is_err()
        {
            assert!(started.elapsed() < PATIENCE, "it does not start: {}", running.written());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        running
    }

    /// Everything that it wrote so far.
    pub(super) fn written(&self) -> String {
        written(&self.output)
    }

    pub(super) async fn graphql(&self, query: &str, variables: Value) -> Value {
        let body = json!({ "query": query, "variables": variables });
        let request = self
            .http
            .post(format!("{}/graphql", self.base))
            .bearer_auth(&self.token);
        request.json(&body).send().await.unwrap().json().await.unwrap()
    }

    /// `data` of an answer that must have no errors.
    pub(super) async fn data(&self, query: &str, variables: Value) -> Value {
        let mut answer = self.graphql(query, variables).await;
        assert!(answer.get("errors").is_none(), "{query}: {answer:#}");
        answer["data"].take()
    }

    /// Asks until the answer is right.
    pub(super) async fn until(&self, query: &str, is_right: impl Fn(&Value) -> bool) -> Value {
        let started = Instant::now();
        loop {
            let data = self.data(query, json!({})).await;
            if is_right(&data) {
                return data;
            }
            assert!(
                started.elapsed() < PATIENCE,
                "{query} stays {data:#}\n{}",
                self.written()
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Fills the form in, some fields otherwise.
    pub(super) async fn configure(&self, dingtalk: &TestDingTalk, otherwise: &Value) {
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
        for (field, value) in otherwise.as_object().unwrap() {
            input[field] = value.clone();
        }
        self.update(input).await;
    }

    /// Changes these fields of the form, whatever its version is.
    pub(super) async fn change(&self, fields: &Value) {
        let mut input = fields.clone();
        input["expectedVersion"] = self.data("{ settings { version } }", json!({})).await["settings"]["version"].take();
        self.update(input).await;
    }

    async fn update(&self, input: Value) {
        let update = "mutation ($input: UpdateSettingsInput!) { updateSettings(input: $input) { userErrors { field message } } }";
        let data = self.data(update, json!({ "input": input })).await;
        assert_eq!(data["updateSettings"]["userErrors"], json!([]));
    }

    /// Sends it this signal.
    pub(super) fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &pid]).status();
        assert!(sent.unwrap().success());
    }

    /// Sends it this signal, waits until it ends by itself with success, and gives everything that it wrote.
    pub(super) async fn end_by(mut self, signal: &str) -> String {
        self.signal(signal);
        let asked = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                assert!(status.success(), "it ended with {status}: {}", self.written());
                return self.written();
            }
            assert!(asked.elapsed() < PATIENCE, "it does not end");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

fn written(output: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(output).unwrap()).into_owned()
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
