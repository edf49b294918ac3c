//! The real program as a child process: asked over HTTP, watched, signalled and killed.

use std::{
    fs::File,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use dingmirror::{
    auth::{Permission, TokenIssuer},
    clock::Clock,
    settings::Api,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    database::TestDatabase,
    server::{JWT_SECRET, TestDingTalk},
};

/// What seals the secrets of every test server.
pub const SECRET_KEY: &str = "a key of the tests that is long enough too";

/// Longer than anything here takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// A fault has to be told by then. An answer of `/readyz` counts for a second, and a proof takes at most three.
const TOLD_WITHIN: Duration = Duration::from_secs(10);

/// The program with these arguments and nothing of this process's settings.
pub fn program(args: &[&str]) -> Command {
    bare(Command::new(env!("CARGO_BIN_EXE_dingmirror")), args)
}

/// The program, started by a shell that does `first`.
pub fn program_after(first: &str, args: &[&str]) -> Command {
    let mut shell = Command::new("sh");
    let script = format!("{first}; exec \"$0\" \"$@\"");
    shell.args(["-c", &script, env!("CARGO_BIN_EXE_dingmirror")]);
    bare(shell, args)
}

fn bare(mut command: Command, args: &[&str]) -> Command {
    command.args(args).env_remove("DATABASE_URL").stdin(Stdio::null());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("DINGMIRROR_")) {
        command.env_remove(name);
    }
    command
}

/// Where a process keeps what it has to keep.
#[derive(Debug, Clone)]
pub struct Home {
    pub data_dir: PathBuf,
    /// `DATABASE_URL`; without it, SQLite in `data_dir`.
    pub url: Option<String>,
}

impl Home {
    /// SQLite in this directory.
    pub fn sqlite(data_dir: &Path) -> Self {
        Self {
            data_dir: data_dir.to_owned(),
            url: None,
        }
    }

    /// This Postgres.
    pub fn postgres(url: &str) -> Self {
        Self {
            data_dir: std::env::temp_dir(),
            url: Some(url.to_owned()),
        }
    }

    /// What every command is given.
    pub fn give_to(&self, command: &mut Command) {
        command
            .env("DINGMIRROR_DATA_DIR", &self.data_dir)
            .env("DINGMIRROR_JWT_SECRET", JWT_SECRET)
            .env("DINGMIRROR_SECRET_KEY", SECRET_KEY);
        if let Some(url) = &self.url {
            command.env("DATABASE_URL", url);
        }
    }
}

impl From<&TestDatabase> for Home {
    fn from(database: &TestDatabase) -> Self {
        Self {
            data_dir: database.data_dir(),
            url: database.url().map(str::to_owned),
        }
    }
}

/// A server, killed when it is dropped. What it wrote is shown when the test fails.
pub struct Process {
    child: Child,
    pub address: SocketAddr,
    pub base: String,
    pub token: String,
    pub http: reqwest::Client,
    dir: TempDir,
}

impl Process {
    /// Starts `command`, which serves, on a port of its own.
    pub fn spawn(command: Command, home: &Home) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let file = File::create(dir.path().join("output")).unwrap();
        let output = [Stdio::from(file.try_clone().unwrap()), Stdio::from(file)];
        Self::spawn_into(output, dir, command, home)
    }

    /// The same with this standard output and this standard error. What a file `output` in `dir` holds is what it
    /// wrote.
    pub fn spawn_into([stdout, stderr]: [Stdio; 2], dir: TempDir, mut command: Command, home: &Home) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);

        home.give_to(&mut command);
        command
            .env("DINGMIRROR_LISTEN", address.to_string())
            .stdout(stdout)
            .stderr(stderr);

        let issuer = TokenIssuer::new(&JWT_SECRET.into(), Clock::system());
        Self {
            child: command.spawn().unwrap(),
            address,
            base: format!("http://{address}"),
            token: issuer.issue("the operator", &Permission::ALL, Duration::from_secs(3_600)),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            dir,
        }
    }

    /// Starts it and waits until it is ready.
    pub async fn start(command: Command, home: &Home) -> Self {
        let mut process = Self::spawn(command, home);
        process.until_ready().await;
        process
    }

    /// Starts one that may call `dingtalk`, with these settings, and waits until it answers.
    pub async fn serving(database: &TestDatabase, dingtalk: &TestDingTalk, settings: &[(&str, &str)]) -> Self {
        let process = Self::spawn(serve(dingtalk, settings), &Home::from(database));
        process.until_it_answers().await;
        process
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Everything that it wrote so far.
    pub fn written(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(self.dir.path().join("output")).unwrap_or_default()).into_owned()
    }

    /// The whole answer, errors included, or why there is none.
    pub async fn ask(&self, query: &str, variables: Value) -> reqwest::Result<Value> {
        let request = self
            .http
            .post(format!("{}/graphql", self.base))
            .bearer_auth(&self.token);
        let body = json!({ "query": query, "variables": variables });
        request.json(&body).send().await?.json().await
    }

    /// `data` of an answer that must have no errors.
    pub async fn data(&self, query: &str, variables: Value) -> Value {
        let mut answer = self.ask(query, variables).await.unwrap();
        assert!(answer.get("errors").is_none(), "{query}: {answer:#}");
        answer["data"].take()
    }

    /// Asks until the answer is right.
    pub async fn until(&self, query: &str, variables: Value, is_right: impl Fn(&Value) -> bool) -> Value {
        let started = Instant::now();
        loop {
            let answer = self.ask(query, variables.clone()).await;
            if let Ok(answer) = &answer
                && is_right(&answer["data"])
            {
                return answer["data"].clone();
            }
            assert!(started.elapsed() < PATIENCE, "{query} stays {answer:#?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Why it isn't ready; `Ok(None)` where it is, an error where nobody answers.
    pub async fn not_ready(&self) -> reqwest::Result<Option<String>> {
        let answer = self.http.get(format!("{}/readyz", self.base)).send().await?;
        let ready = answer.status().is_success();
        let body: Value = answer.json().await?;
        Ok((!ready).then(|| body["reason"].as_str().unwrap_or_default().to_owned()))
    }

    /// Waits until it answers, ready or not.
    pub async fn until_it_answers(&self) {
        let started = Instant::now();
        while self.not_ready().await.is_err() {
            assert!(started.elapsed() < PATIENCE, "it does not answer");
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// Waits until it is ready.
    pub async fn until_ready(&mut self) {
        let started = Instant::now();
        loop {
            let last = self.not_ready().await;
            if matches!(last, Ok(None)) {
                return;
            }
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "it ended with {ended:?}");
            assert!(started.elapsed() < PATIENCE, "it is not ready: {last:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until it says that it isn't ready, which takes seconds at most, and gives its reason.
    pub async fn until_not_ready(&self) -> String {
        let started = Instant::now();
        loop {
            if let Some(why) = self.not_ready().await.unwrap() {
                return why;
            }
            assert!(started.elapsed() < TOLD_WITHIN, "/readyz says that it is ready");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Fills the form in, some fields otherwise; the first sync begins with that.
    pub async fn configure(&self, dingtalk: &TestDingTalk, otherwise: &Value) {
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
        for (field, value) in otherwise.as_object().into_iter().flatten() {
            input[field] = value.clone();
        }
        self.update(input).await;
    }

    /// Changes these fields of the form, whatever its version is.
    pub async fn change(&self, fields: &Value) {
        let mut input = fields.clone();
        input["expectedVersion"] = self.data("{ settings { version } }", json!({})).await["settings"]["version"].take();
        self.update(input).await;
    }

    async fn update(&self, input: Value) {
        let update = "mutation ($input: UpdateSettingsInput!) { updateSettings(input: $input) { userErrors { field message } } }";
        let data = self.data(update, json!({ "input": input })).await;
        assert_eq!(data["updateSettings"]["userErrors"], json!([]));
    }

    /// Waits until the newest run is FINISHED.
    pub async fn until_synced(&self) {
        let runs = "{ syncRuns(first: 1) { nodes { state } } }";
        let finished = |data: &Value| data["syncRuns"]["nodes"][0]["state"] == "FINISHED";
        self.until(runs, json!({}), finished).await;
    }

    /// Sends it this signal.
    pub fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &pid]).status();
        assert!(sent.unwrap().success());
    }

    /// SIGKILL: no code of the process runs any more when this returns.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Waits until it ends by itself.
    pub async fn ended(&mut self) -> ExitStatus {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(started.elapsed() < PATIENCE, "it does not end");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Sends it this signal, waits until it ends with success, and gives everything that it wrote.
    pub async fn end_by(mut self, signal: &str) -> String {
        self.signal(signal);
        let status = self.ended().await;
        assert!(status.success(), "it ended with {status}");
        self.written()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("--- {}\n{}", self.base, self.written());
        }
    }
}

/// The command for a server that may call `dingtalk`, with these settings.
pub fn serve(dingtalk: &TestDingTalk, settings: &[(&str, &str)]) -> Command {
    let mut command = program(&["serve"]);
    command
        .env("DINGMIRROR_ALLOWED_HOSTS", dingtalk.base.trim_start_matches("http://"))
        .env("DINGMIRROR_CALLS_PER_SECOND", "60")
        // What became of a send is to be seen.
        .env("DINGMIRROR_FOLLOW_UP", "live")
        .env("DINGMIRROR_COALESCE_WINDOW", "0")
        .envs(settings.iter().copied());
    command
}
