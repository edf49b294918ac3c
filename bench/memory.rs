//! Memory and start of a server that mirrors 1,000, 10,000 and 100,000 people: a process of its own against a simulated
//! DingTalk without limits, measured from outside. A first sync into an empty database, a start with what it left, a
//! full sync and a reconciliation that find nothing new.
//!
//! `cargo bench --bench measure -- memory`, or with other sizes `cargo bench --bench measure -- memory 1000 100000`.
//! On the embedded database; by `scripts/with-postgres` on Postgres.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use dingmirror::{
    app::App,
    auth::{Permission, TokenIssuer},
    clock::Clock,
    config::Config,
    simulator::{Simulator, SimulatorConfig},
};
use serde_json::{Value, json};
use sqlx::{Connection, Executor, PgConnection};
use tokio_util::sync::CancellationToken;

use crate::support;

/// The variable that makes a process of this program the server: its port, DingTalk's base, and where its data is.
const SERVER: &str = "DINGMIRROR_BENCH_SERVER";
/// A process's memory is looked at so long after it is ready: what only the start needed has been given back.
const SETTLED: Duration = Duration::from_secs(2);
/// Starts of which the quickest counts.
const STARTS: usize = 3;
/// A simulator answers at once; DingTalk's own limit would make it hours.
const CALLS_PER_SECOND: u32 = 1_000;

/// Runs it with the arguments behind its name.
pub fn run(args: &[String]) {
    let runtime = support::runtime();

    if let Ok(server) = std::env::var(SERVER) {
        let server: Value = serde_json::from_str(&server).unwrap();
        return runtime.block_on(serve(&server));
    }

    let sizes: Vec<usize> = args.iter().filter_map(|argument| argument.parse().ok()).collect();
    let sizes = if sizes.is_empty() {
        vec![1_000, 10_000, 100_000]
    } else {
        sizes
    };

    println!("| people | departments | ready | resident | first sync, peak | full sync, peak | reconciliation, peak |");
    println!("|---|---|---|---|---|---|---|");
    for people in sizes {
        runtime.block_on(measure(people));
    }
}

async fn measure(people: usize) {
    let company = SimulatorConfig {
        users: people,
        departments: (people / 25 * 2).max(20),
        rate_limit_per_second: None,
        ..SimulatorConfig::default()
    };
    let shutdown = CancellationToken::new();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let simulator = Simulator::start(company.clone(), listener, shutdown.clone()).await;
    let place = Place::new(people).await;

    let server = Server::start(&place, simulator.base_url().as_str()).await;
    let first = server.sync("FULL").await;
    server.stop();

    let mut ready = Duration::MAX;
    for _ in 1..STARTS {
        let server = Server::start(&place, simulator.base_url().as_str()).await;
        ready = ready.min(server.ready);
        server.stop();
    }

    let server = Server::start(&place, simulator.base_url().as_str()).await;
    ready = ready.min(server.ready);
    tokio::time::sleep(SETTLED).await;
    let resident = server.memory("VmRSS");
    let full = server.sync("FULL").await;
    tokio::time::sleep(SETTLED).await;
    let reconciliation = server.sync("RECONCILE").await;
    server.stop();

    place.remove().await;
    shutdown.cancel();
    println!(
        "| {people} | {} | {:.2} s | {resident} MB | {first} | {full} | {reconciliation} |",
        company.departments,
        ready.as_secs_f64()
    );
}

/// Where a server's data is.
struct Place {
    directory: PathBuf,
    postgres: Option<(String, String)>,
}

impl Place {
    async fn new(people: usize) -> Self {
        let name = format!("bench_memory_{}_{people}", std::process::id());
        let directory = std::env::temp_dir().join(&name);
        let Ok(admin) = std::env::var("TEST_DATABASE_URL") else {
            return Self {
                directory,
                postgres: None,
            };
        };

        let mut connection = PgConnection::connect(&admin).await.unwrap();
        let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
        connection.execute(create).await.unwrap();
        let mut url = url::Url::parse(&admin).unwrap();
        url.set_path(&name);

        Self {
            directory,
            postgres: Some((url.into(), admin)),
        }
    }

    async fn remove(self) {
        if let Some((url, admin)) = self.postgres {
            let name = url::Url::parse(&url).unwrap().path().trim_start_matches('/').to_owned();
            let mut connection = PgConnection::connect(&admin).await.unwrap();
            let drop = sqlx::AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"));
            connection.execute(drop).await.unwrap();
        }
        if self.directory.exists() {
            fs::remove_dir_all(&self.directory).unwrap();
        }
    }
}

/// What the process of a server is told by its parent, and does: serves until its standard input ends.
async fn serve(told: &Value) {
    let dingtalk = told["dingtalk"].as_str().unwrap().trim_end_matches('/');
    let folder = told["directory"].as_str().unwrap();
    let config = Config {
        verify_per_hour: 5_000,
        calls_per_second: CALLS_PER_SECOND,
        ..support::config(dingtalk, folder, told["postgres"].as_str())
    };

    let listener = tokio::net::TcpListener::bind(told["listen"].as_str().unwrap())
        .await
        .unwrap();
    let app = App::build(config, Clock::system()).await.unwrap();
    support::fill_in(app.services(), dingtalk, true).await;

    let shutdown = CancellationToken::new();
    let over = shutdown.clone();
    std::thread::spawn(move || {
        std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
        over.cancel();
    });
    app.run(listener, shutdown).await.unwrap();
}

/// A running server.
struct Server {
    process: Child,
    base: String,
    client: reqwest::Client,
    token: String,
    /// From the start of the process to `/readyz`.
    ready: Duration,
}

impl Server {
    async fn start(place: &Place, dingtalk: &str) -> Self {
        // Free a moment ago; nobody else takes ports here.
        let free = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let told = json!({ "listen": free.to_string(), "dingtalk": dingtalk, "directory": place.directory,
            "postgres": place.postgres.as_ref().map(|(url, _)| url) });

        let began = Instant::now();
        let process = Command::new(std::env::current_exe().unwrap())
            .arg("memory")
            .env(SERVER, told.to_string())
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();

        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let base = format!("http://{free}");
        while !is_ready(&client, &base).await {
            assert!(began.elapsed() < Duration::from_secs(300), "the server doesn't start");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }

        let issuer = TokenIssuer::new(&support::SECRET.into(), Clock::system());
        Self {
            process,
            base,
            client,
            token: issuer.issue("bench", &Permission::ALL, Duration::from_secs(3_600)),
            ready: began.elapsed(),
        }
    }

    /// A sync to its end: how long it took, and the most memory that the process had meanwhile.
    async fn sync(&self, mode: &str) -> String {
        self.forget_peak();
        let began = Instant::now();
        let query =
            "mutation ($mode: SyncMode) { startSync(input: { mode: $mode }) { run { id } userErrors { message } } }";
        let started = self.call(query, json!({ "mode": mode })).await;
        let id = started["startSync"]["run"]["id"].as_str().expect("a run").to_owned();
        let query = "query ($id: ID!) { syncRun(id: $id) { state verdict error } }";

        loop {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let run = self.call(query, json!({ "id": id })).await;
            if run["syncRun"]["state"] != "RUNNING" {
                assert_eq!(run["syncRun"]["verdict"], "COMPLETE", "{run}");
                break;
            }
        }

        format!("{:.0} s, {} MB", began.elapsed().as_secs_f64(), self.memory("VmHWM"))
    }

    async fn call(&self, query: &str, variables: Value) -> Value {
        let request = self
            .client
            .post(format!("{}/graphql", self.base))
            .bearer_auth(&self.token);
        let request = request.json(&json!({ "query": query, "variables": variables }));
        let mut answer: Value = request.send().await.unwrap().json().await.unwrap();
        assert!(answer["errors"].is_null(), "{answer}");
        answer["data"].take()
    }

    /// A line of the process's `status`, in MB.
    fn memory(&self, what: &str) -> u64 {
        let status = fs::read_to_string(self.file("status")).unwrap();
        let line = status.lines().find(|line| line.starts_with(what)).unwrap();
        let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kib * 1_024 / 1_000_000
    }

    fn forget_peak(&self) {
        fs::write(self.file("clear_refs"), "5").unwrap();
    }

    fn file(&self, name: &str) -> PathBuf {
        Path::new("/proc").join(self.process.id().to_string()).join(name)
    }

    fn stop(mut self) {
        drop(self.process.stdin.take());
        assert!(self.process.wait().unwrap().success());
    }
}

async fn is_ready(client: &reqwest::Client, base: &str) -> bool {
    let answer = client.get(format!("{base}/readyz")).send().await;
    answer.is_ok_and(|answer| answer.status() == 200)
}
