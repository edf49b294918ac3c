//! The server in a process of its own, whose memory can be read, with people, messages and links in it.

use std::{
    fs::{self, File},
    net::SocketAddr,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{
    database::TestDatabase,
    process::{Home, Process, program},
    server::TestDingTalk,
};

/// A cheap query that takes longer isn't answered.
const TOO_LONG: Duration = Duration::from_secs(10);

/// Names another build of the server than the tests' own.
const OTHER_BUILD: &str = "ATTACKED_BINARY";

pub(super) fn is_other_build() -> bool {
    std::env::var_os(OTHER_BUILD).is_some()
}

pub(super) struct Target {
    pub(super) process: Process,
    pub(super) address: SocketAddr,
    pub(super) token: String,
    http: reqwest::Client,
    _database: TestDatabase,
}

/// What cheap queries came to.
pub(super) struct Probes {
    pub(super) took: Vec<Duration>,
    pub(super) failed: usize,
}

impl Probes {
    pub(super) fn median(&self) -> Duration {
        let mut took = self.took.clone();
        took.sort();
        took.get(took.len() / 2).copied().unwrap_or(TOO_LONG)
    }
}

impl Target {
    /// With 500 people, a hundred links and some messages.
    pub(super) async fn start(dingtalk: &TestDingTalk) -> Self {
        let database = TestDatabase::sqlite().await;
        let dir = tempfile::tempdir().unwrap();
        let log = File::create(dir.path().join("output")).unwrap();
        let target = Self::spawn(dingtalk, database, [Stdio::null(), Stdio::from(log)], dir, "warn").await;
        target.fill(dingtalk).await;
        target
    }

    /// A server with this standard output and this standard error, where the log goes.
    pub(super) async fn spawn(
        dingtalk: &TestDingTalk,
        database: TestDatabase,
        output: [Stdio; 2],
        dir: TempDir,
        level: &str,
    ) -> Self {
        let mut command = program(&["serve"]);
        if let Ok(other) = std::env::var(OTHER_BUILD) {
            command = Command::new(other);
            command.arg("serve").stdin(Stdio::null()).env_remove("DATABASE_URL");
        }

        command
            .args(["--sync-interval", "0", "--calls-per-second", "60", "--log", level])
            .env("DINGMIRROR_ALLOWED_HOSTS", dingtalk.base.trim_start_matches("http://"))
            .env("DINGMIRROR_EVENT_TOKEN", "token")
            .env("DINGMIRROR_EVENT_AES_KEY", "a".repeat(43));

        let process = Process::spawn_into(output, dir, command, &Home::from(&database));
        process.until_it_answers().await;
        Self {
            address: process.address,
            token: process.token.clone(),
            process,
            http: reqwest::Client::builder()
                .no_proxy()
                .pool_max_idle_per_host(0)
                .build()
                .unwrap(),
            _database: database,
        }
    }

    async fn fill(&self, dingtalk: &TestDingTalk) {
        self.process.configure(dingtalk, &json!({})).await;
        self.process.until_synced().await;
        let people = self.data("{ users(first: 500) { nodes { userId } } }", json!({})).await;
        let people = people["users"]["nodes"].as_array().unwrap().clone();
        let text = "x".repeat(1_800);
        let send = "mutation($u: [String!]!, $t: String!) { sendMessage(input: { recipients: { userIds: $u }
            content: { markdown: { title: \"t\", text: $t } } }) { userErrors { message } } }";

        for (n, person) in people.iter().take(20).enumerate() {
            let variables = json!({ "u": [person["userId"]], "t": format!("{n} {text}") });
            let sent = self.data(send, variables).await;
            assert_eq!(sent["sendMessage"]["userErrors"], json!([]));
        }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// `data` of an answer that must have no errors.
    pub(super) async fn data(&self, query: &str, variables: Value) -> Value {
        let (_, mut answer) = self.ask(query, variables).await.unwrap();
        assert!(answer.get("errors").is_none(), "{answer:#}");
        answer["data"].take()
    }

    /// Status and body.
    pub(super) async fn ask(&self, query: &str, variables: Value) -> reqwest::Result<(u16, Value)> {
        let request = self.http.post(self.url("/graphql")).bearer_auth(&self.token);
        let answer = request
            .json(&json!({ "query": query, "variables": variables }))
            .send()
            .await?;
        let status = answer.status().as_u16();
        Ok((status, answer.json().await?))
    }

    pub(super) async fn still_answers(&self) {
        self.data("{ mirror { revision } }", json!({})).await;
    }

    /// Cheap queries with a token and health checks without one, each on a connection of its own.
    pub(super) async fn probe(&self, time: Duration) -> Probes {
        let mut probes = Probes {
            took: Vec::new(),
            failed: 0,
        };
        let began = Instant::now();
        let mut number = 0;

        while began.elapsed() < time {
            number += 1;
            let started = Instant::now();
            let asked = tokio::time::timeout(TOO_LONG, async {
                if number % 4 == 0 {
                    let health = self.http.get(self.url("/livez")).send().await?;
                    return Ok::<_, reqwest::Error>(health.status().is_success());
                }
                let (status, answer) = self.ask("{ mirror { revision } }", json!({})).await?;
                Ok(status == 200 && answer.get("errors").is_none())
            });
            match asked.await {
                Ok(Ok(true)) => probes.took.push(started.elapsed()),
                _ => probes.failed += 1,
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }

        probes
    }

    /// The peak of what it had in memory since the last [`Self::forget_peak`].
    pub(super) fn peak_mb(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok())
            .unwrap()
            / 1_024
    }

    /// Where the system allows it.
    pub(super) fn forget_peak(&self) {
        let _ = fs::write(format!("/proc/{}/clear_refs", self.process.id()), "5");
    }
}

/// A connection, where there is one to be had.
pub(super) async fn connect(address: SocketAddr) -> Option<TcpStream> {
    let connecting = TcpStream::connect(address);
    tokio::time::timeout(Duration::from_secs(5), connecting)
        .await
        .ok()?
        .ok()
}

/// Sends bytes; false once the server has closed.
pub(super) async fn send(stream: &mut TcpStream, bytes: &[u8]) -> bool {
    stream.write_all(bytes).await.is_ok()
}

/// The status of the answer, or how else it ended.
pub(super) async fn answer(stream: &mut TcpStream) -> String {
    let mut head = [0; 12];
    match stream.read_exact(&mut head).await {
        Ok(_) => String::from_utf8_lossy(&head[9..]).into_owned(),
        Err(_) => "closed".to_owned(),
    }
}

/// Waits until the server closes, and reads everything until then.
pub(super) async fn closed(stream: &mut TcpStream) {
    let mut buffer = [0; 16 * 1_024];
    while matches!(stream.read(&mut buffer).await, Ok(1..)) {}
}
