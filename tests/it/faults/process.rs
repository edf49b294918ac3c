//! The real program, whose disk is taken away and given back.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use dingmirror::{
    auth::{Permission, TokenIssuer},
    clock::Clock,
};
use serde_json::{Value, json};

use crate::support::server::JWT_SECRET;

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);

const SEND: &str = "mutation ($text: String!) { sendMessage(input: { recipients: { userIds: [\"somebody\"] }, \
                    content: { text: { content: $text } } }) { message { id } userErrors { message } } }";
const SAVE: &str = "mutation ($name: String!, $text: String!) { saveMessageTemplate(input: { name: $name, \
                    content: { text: { content: $text } } }) { userErrors { message } } }";
const UPDATE: &str = "mutation ($version: BigInt!, $agent: String!) { updateSettings(input: { expectedVersion: $version, \
                      agentId: $agent }) { settings { version } userErrors { message } } }";

/// What the program said that it keeps.
#[derive(Default)]
pub(super) struct Acknowledged {
    messages: Vec<String>,
    templates: Vec<String>,
    settings: i64,
    asked: usize,
}

impl Acknowledged {
    pub(super) fn count(&self) -> usize {
        self.messages.len() + self.templates.len() + usize::from(self.settings > 0)
    }
}

pub(super) struct Process {
    child: Child,
    base: String,
    data_dir: PathBuf,
    http: reqwest::Client,
}

/// What every start gets.
pub(super) fn environment(data_dir: &Path) -> Vec<(&'static str, String)> {
    vec![
        ("DINGMIRROR_DATA_DIR", data_dir.display().to_string()),
        ("DINGMIRROR_JWT_SECRET", JWT_SECRET.to_owned()),
        (
            "DINGMIRROR_SECRET_KEY",
            "a key of the tests that is long enough too".to_owned(),
        ),
        ("DINGMIRROR_LOG", "error".to_owned()),
    ]
}

impl Process {
    /// Starts it and waits until it is ready.
    pub(super) async fn start(data_dir: &Path) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);

        // A file that may not grow is an error of the write, not the end of the process.
        let child = Command::new("sh")
            .args(["-c", "trap '' XFSZ; exec \"$0\" serve"])
            .arg(env!("CARGO_BIN_EXE_dingmirror"))
            .envs(environment(data_dir))
            .env("DINGMIRROR_LISTEN", format!("127.0.0.1:{port}"))
            .env_remove("DATABASE_URL")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let process = Self {
            child,
            base: format!("http://127.0.0.1:{port}"),
            data_dir: data_dir.to_owned(),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
        };
        process.until_ready().await;
        process
    }

    pub(super) fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// How long a file of the process may be from now on, in bytes.
    pub(super) fn limit_files(&self, bytes: &str) {
        let mut command = Command::new("prlimit");
        command.arg(format!("--pid={}", self.child.id()));
        command.arg(format!("--fsize={bytes}:"));
        assert!(command.status().unwrap().success(), "prlimit of util-linux");
    }

    /// Asks for the next write, of three kinds in turn. Whether it was acknowledged.
    pub(super) async fn write(&self, acknowledged: &mut Acknowledged) -> bool {
        acknowledged.asked += 1;
        let nth = acknowledged.asked;
        let text = format!("{nth} {}", "x".repeat(1_500));
        match nth % 3 {
            0 => {
                let present = self.ask("{ settings { version } }", json!({})).await["settings"]["version"].take();
                let before = present.as_str().map_or(0, |text| text.parse().unwrap());
                let variables = json!({ "version": before.to_string(), "agent": nth.to_string() });
                let version = self.ask(UPDATE, variables).await["updateSettings"]["settings"]["version"].take();
                let version: Option<i64> = version.as_str().and_then(|text| text.parse().ok());
                acknowledged.settings = version.unwrap_or(acknowledged.settings);
                version.is_some_and(|version| version > before)
            }
            1 => {
                let id = self.ask(SEND, json!({ "text": text })).await["sendMessage"]["message"]["id"].take();
                let id = id.as_str().map(str::to_owned);
                let told = id.is_some();
                acknowledged.messages.extend(id);
                told
            }
            _ => {
                let name = format!("t{nth}");
                let data = self.ask(SAVE, json!({ "name": name, "text": text })).await;
                let told = data["saveMessageTemplate"]["userErrors"] == json!([]);
                acknowledged.templates.extend(told.then_some(name));
                told
            }
        }
    }

    /// Everything that was acknowledged is there.
    pub(super) async fn has(&self, acknowledged: &Acknowledged) {
        for id in &acknowledged.messages {
            let data = self
                .ask("query ($id: ID!) { message(id: $id) { id } }", json!({ "id": id }))
                .await;
            assert_eq!(data["message"]["id"], json!(id), "a message is lost");
        }
        for name in &acknowledged.templates {
            let query = "query ($name: String!) { messageTemplate(name: $name) { name } }";
            let data = self.ask(query, json!({ "name": name })).await;
            assert_eq!(data["messageTemplate"]["name"], json!(name), "a template is lost");
        }
        let version = self.ask("{ settings { version } }", json!({})).await["settings"]["version"].take();
        let version: i64 = version.as_str().unwrap().parse().unwrap();
        assert!(version >= acknowledged.settings, "settings are lost");
    }

    pub(super) async fn until_ready(&self) {
        self.until(|ready| ready.is_none()).await;
    }

    /// Why it isn't.
    pub(super) async fn until_not_ready(&self) -> String {
        self.until(Option::is_some).await.unwrap_or_default()
    }

    async fn until(&self, reached: impl Fn(&Option<String>) -> bool) -> Option<String> {
        let started = Instant::now();
        loop {
            let answer = self.http.get(format!("{}/readyz", self.base)).send().await;
            let mut last = None;
            if let Ok(answer) = answer {
                let body: Value = answer.json().await.unwrap();
                let why = body["reason"].as_str().map(str::to_owned);
                if reached(&why) {
                    return why;
                }
                last = Some(body);
            }
            assert!(started.elapsed() < PATIENCE, "/readyz stays {last:?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// `data` of an answer, null where there is none.
    async fn ask(&self, query: &str, variables: Value) -> Value {
        let token = TokenIssuer::new(&JWT_SECRET.into(), Clock::system()).issue(
            "test",
            &Permission::ALL,
            Duration::from_secs(3_600),
        );
        let request = self.http.post(format!("{}/graphql", self.base)).bearer_auth(token);
        let body = json!({ "query": query, "variables": variables });
        let mut answer: Value = request.json(&body).send().await.unwrap().json().await.unwrap();
        answer["data"].take()
    }

    pub(super) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// SIGTERM, and waits for the end.
    pub(super) async fn terminate(mut self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        let started = Instant::now();
        while self.child.try_wait().unwrap().is_none() {
            assert!(started.elapsed() < PATIENCE, "the process does not end");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}
