//! Taking a message to 1,000 recipients in, beside an empty mutation of the same server: on Postgres and on the
//! embedded database, one after the other on the same machine, over HTTP, from the first byte of a request that is
//! written already to the answer read. First with each message sent before the next one comes, to people by their
//! userid and by their email address, then all of them one upon another, while the engine sends those before.
//!
//! `scripts/with-postgres cargo bench --bench measure -- sending`

use std::time::{Duration, Instant};

use dingmirror::{
    app::App,
    auth::{Permission, TokenIssuer},
    clock::Clock,
    config::{Config, Database},
    delivery::DeliveryConfig,
    message::Pace,
    simulator::{Simulator, SimulatorConfig},
};
use serde_json::{Value, json};
use sqlx::{Connection, Executor, PgConnection};
use tokio_util::sync::CancellationToken;

use crate::support;

const RECIPIENTS: usize = 1_000;
const PEOPLE: usize = 10_000;
const RUNS: usize = 40;
/// Recipients a page of `users`.
const PAGE: usize = 500;

/// Runs it.
pub fn run() {
    let runtime = support::runtime();
    runtime.block_on(async {
        let directory = std::env::temp_dir().join(format!("dingmirror-bench-{}", std::process::id()));
        measure("the embedded database", Database::Embedded, directory.clone()).await;
        std::fs::remove_dir_all(&directory).unwrap();

        let (url, admin) = postgres().await;
        measure("Postgres", Database::Postgres(url.clone().into()), std::env::temp_dir()).await;
        drop_database(&url, &admin).await;
    });
}

async fn postgres() -> (String, String) {
    let admin = std::env::var("TEST_DATABASE_URL").expect("run it by scripts/with-postgres");
    let name = format!("bench_sending_{}", std::process::id());
    let mut connection = PgConnection::connect(&admin).await.unwrap();
    let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
    connection.execute(create).await.unwrap();
    let mut url = url::Url::parse(&admin).unwrap();
    url.set_path(&name);
    (url.into(), admin)
}

async fn drop_database(url: &str, admin: &str) {
    let name = url::Url::parse(url).unwrap().path().trim_start_matches('/').to_owned();
    let mut connection = PgConnection::connect(admin).await.unwrap();
    let statement = sqlx::AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"));
    connection.execute(statement).await.unwrap();
}

async fn measure(what: &str, database: Database, data_dir: std::path::PathBuf) {
    let shutdown = CancellationToken::new();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let company = SimulatorConfig {
        users: PEOPLE,
        departments: 200,
        rate_limit_per_second: None,
        ..SimulatorConfig::default()
    };
    let simulator = Simulator::start(company.clone(), listener, shutdown.clone()).await;
    let base = simulator.base_url().as_str().trim_end_matches('/').to_owned();

    let config = Config {
        database,
        sync_lease: Duration::from_secs(15),
        verify_per_hour: 5_000,
        calls_per_second: 1_000,
        // Not at DingTalk's pace: the next one would have to wait for twelve seconds.
        delivery: DeliveryConfig {
            pace: Pace {
                recipients_a_minute: 10_000_000,
                calls_a_second: 1_000,
            },
            ..DeliveryConfig::default()
        },
        ..support::config(&base, &data_dir.to_string_lossy(), None)
    };

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}/graphql", listener.local_addr().unwrap());
    let app = App::build(config, Clock::system()).await.unwrap();
    let server = tokio::spawn(app.run(listener, shutdown.clone()));
    let caller = Caller::new(&endpoint);
    caller.configure(&company, &base).await;
    let people = caller.people().await;

    let email = |person: &Value| json!({ "email": person["email"] });
    let userids: Vec<Value> = people.iter().map(|person| person["userId"].clone()).collect();
    let identities: Vec<Value> = people.iter().map(email).collect();
    for (list, people, pressed) in [
        ("userIds", &userids, false),
        ("identities", &identities, false),
        ("userIds", &userids, true),
    ] {
        let (mut sends, mut empties) = (Vec::new(), Vec::new());
        // In turn, as a company's people have a few messages a day each.
        for (n, people) in people.chunks(RECIPIENTS).cycle().take(RUNS).enumerate() {
            let content = format!("Page {n} changed, {list}, {pressed}");
            let input = json!({ "recipients": { list: people }, "content": { "text": { "content": content } } });
            let query = "mutation ($input: SendMessageInput!) { sendMessage(input: $input) {
                message { id state } replayed notices userErrors { message } } }";
            let (answer, took) = caller.timed(query, json!({ "input": input })).await;
            sends.push(took);
            let id = answer["sendMessage"]["message"]["id"].as_str().expect("a message");
            if !pressed {
                caller.sent(id).await;
            }

            let (_, took) = caller.timed("mutation { __typename }", json!({})).await;
            empties.push(took);
        }

        let how = if pressed {
            "one upon another"
        } else {
            "each after the one before was sent"
        };
        report(&format!("{RECIPIENTS} {list} on {what}, {how}"), sends, empties);
    }

    shutdown.cancel();
    server.await.unwrap().unwrap();
}

fn report(what: &str, mut sends: Vec<Duration>, mut empties: Vec<Duration>) {
    sends.sort_unstable();
    empties.sort_unstable();
    let ratio = |at: usize| sends[at].as_secs_f64() / empties[at].as_secs_f64();

    println!(
        "figure: sendMessage to {what}: {:.1} ms at best, {:.1} ms at the median, {:.1} ms at the worst; an empty mutation \
         {:.2} ms and {:.2} ms; ratios {:.0} and {:.0}",
        ms(sends[0]),
        ms(sends[RUNS / 2]),
        ms(sends[RUNS - 1]),
        ms(empties[0]),
        ms(empties[RUNS / 2]),
        ratio(0),
        ratio(RUNS / 2)
    );
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

struct Caller {
    client: reqwest::Client,
    endpoint: String,
    token: String,
}

impl Caller {
    fn new(endpoint: &str) -> Self {
        let issuer = TokenIssuer::new(&support::SECRET.into(), Clock::system());
        Self {
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
            endpoint: endpoint.to_owned(),
            token: issuer.issue("bench", &Permission::ALL, Duration::from_secs(3_600)),
        }
    }

    async fn call(&self, query: &str, variables: Value) -> Value {
        self.timed(query, variables).await.0
    }

    /// The answer's data, and how long it took; writing the request is the caller's time and doesn't count.
    async fn timed(&self, query: &str, variables: Value) -> (Value, Duration) {
        let request = self.client.post(&self.endpoint).bearer_auth(&self.token);
        let request = request.json(&json!({ "query": query, "variables": variables }));
        let request = request.build().unwrap();
        let began = Instant::now();
        let mut answer: Value = self.client.execute(request).await.unwrap().json().await.unwrap();
        let took = began.elapsed();
        assert!(answer["errors"].is_null(), "{answer}");
        (answer["data"].take(), took)
    }

    async fn configure(&self, company: &SimulatorConfig, base: &str) {
        let mut input = json!({ "expectedVersion": 0, "agentId": company.agent_id.to_string(), "appKey": company.app_key,
            "appSecret": company.app_secret, "enabled": true });
        let settings = self.call("{ settings { getTokenUrl departmentListSubUrl departmentGetUrl userListIdUrl userGetUrl
            userGetByMobileUrl asyncSendUrl authScopesUrl userListUrl userCountUrl getSendProgressUrl getSendResultUrl recallUrl
            callBackFailedResultUrl streamOpenUrl } }", json!({})).await;

        for (field, url) in settings["settings"].as_object().unwrap() {
            let path = url::Url::parse(url.as_str().unwrap()).unwrap().path().to_owned();
            input[field] = json!(format!("{base}{path}"));
        }

        let update =
            "mutation ($input: UpdateSettingsInput!) { updateSettings(input: $input) { userErrors { message } } }";
        let done = self.call(update, json!({ "input": input })).await;
        assert_eq!(done["updateSettings"]["userErrors"], json!([]));

        let start = "mutation { startSync(input: { mode: FULL }) { run { id } } }";
        self.call(start, json!({})).await;
    }

    /// Waits until everybody of a message was sent to.
    async fn sent(&self, id: &str) {
        let query = "query ($id: ID!) { message(id: $id) { state recipientCounts { state count } } }";
        loop {
            let data = self.call(query, json!({ "id": id })).await;
            if data["message"]["state"] == "DONE" {
                let counts = data["message"]["recipientCounts"].as_array().unwrap();
                let all: u64 = counts.iter().filter_map(|it| it["count"].as_u64()).sum();
                assert_eq!(all, RECIPIENTS as u64, "{data}");
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Everybody with userid and email, once the mirror has them.
    async fn people(&self) -> Vec<Value> {
        loop {
            let data = self.call("{ mirror { userCount } }", json!({})).await;
            if data["mirror"]["userCount"].as_u64() >= Some(PEOPLE as u64) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }

        let query = "query ($first: Int!, $after: String) {
            users(first: $first, after: $after) { nodes { userId email } pageInfo { endCursor } } }";
        let (mut people, mut after) = (Vec::new(), Value::Null);
        while people.len() < PEOPLE {
            let mut data = self.call(query, json!({ "first": PAGE, "after": after })).await;
            people.append(data["users"]["nodes"].as_array_mut().unwrap());
            after = data["users"]["pageInfo"]["endCursor"].take();
        }
        people
    }
}
