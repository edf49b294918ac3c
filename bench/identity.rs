//! Resolving Confluence users against a mirror of 100,000 people: one call for 1,000 of them, 1,000 calls, and the same
//! look-up as an indexed query on Postgres, one after the other on the same machine and data, each for as long a time.
//!
//! `scripts/with-postgres cargo bench --bench measure -- identity`

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use dingmirror::{
    app::App,
    auth::{Permission, TokenIssuer},
    clock::Clock,
    config::Config,
    directory::{
        Cause, Change, ChangeKind, ChangeSet, DeptId, Membership, RecordId, RecordState, SharedText, Snapshot,
        Standing, User, UserFacts,
    },
    identity::{ConfluenceIdentity, IdentityLink, Links, ResolutionStatus, resolve},
    settings::{AllowedHosts, MatchingMethod},
    store::{Store, Target},
};
use serde_json::{Value, json};
use sqlx::{Connection, Executor, PgConnection, Row};
use tokio_util::sync::CancellationToken;

use crate::support;

const PEOPLE: usize = 100_000;
const ASKED: usize = 1_000;
const LINKS: usize = 5_000;
/// How long each way is repeated. Machines have good and bad moments, which last longer than a short way's twenty
/// rounds.
const WINDOW: Duration = Duration::from_secs(3);

fn user(number: usize) -> User {
    let at = chrono::DateTime::from_timestamp(1_700_000_000, 0).unwrap();
    User {
        facts: UserFacts {
            unionid: Some(format!("union{number}").into()),
            name: format!("员工{number}").into(),
            mobile: Some(format!("138{number:08}").into()),
            job_number: Some(format!("{number:06}").into()),
            title: Some("工程师".into()),
            email: Some(if number.is_multiple_of(3) {
                SharedText::new()
            } else {
                email(number).into()
            }),
            org_email: number.is_multiple_of(3).then(|| email(number).into()),
            active: Some(true),
            memberships: vec![Membership {
                dept_id: DeptId(1),
                order: Some(176_294_576_350_761_512),
                leader: None,
            }],
            ..UserFacts::unsaid(format!("0115{number:014}").into())
        },
        standing: Standing {
            state: RecordState::Active,
            cause: None,
            revision: 0,
            first_seen: at,
            last_seen: at,
        },
    }
}

fn email(number: usize) -> String {
    format!("person.{number}@example.com")
}

/// Who is asked for: spread over the company, every tenth nobody.
fn asked() -> Vec<String> {
    let number = |n: usize| (n * 7_919) % PEOPLE;
    (0..ASKED)
        .map(|n| {
            if n % 10 == 9 {
                format!("nobody.{n}@example.com")
            } else {
                email(number(n))
            }
        })
        .collect()
}

/// Links by hand of other Confluence users: they are looked through, and apply to nobody who is asked for.
fn links() -> Links {
    let link = |n: usize| IdentityLink {
        id: uuid::Uuid::from_u128(n as u128),
        identity: ConfluenceIdentity {
            user_key: Some(format!("ff80808{n:025}")),
            email: Some(format!("linked.{n}@example.com")),
            ..Default::default()
        },
        userid: user(n).facts.userid,
        reason: None,
        at: chrono::DateTime::UNIX_EPOCH,
        by: "bench".into(),
    };
    Links::new(1, (0..LINKS).map(link))
}

/// What one round of a way takes.
#[derive(Clone, Copy)]
struct Timed {
    best: Duration,
    median: Duration,
}

/// Repeats a way for the length of the window.
async fn timed(mut run: impl AsyncFnMut()) -> Timed {
    let (began, mut rounds) = (Instant::now(), Vec::new());
    while began.elapsed() < WINDOW || rounds.len() < 5 {
        let round = Instant::now();
        run().await;
        rounds.push(round.elapsed());
    }

    rounds.sort_unstable();
    Timed {
        best: rounds[0],
        median: rounds[rounds.len() / 2],
    }
}

fn rate(elapsed: Duration) -> f64 {
    ASKED as f64 / elapsed.as_secs_f64()
}

/// Runs it.
pub fn run() {
    let runtime = support::runtime();
    runtime.block_on(bench());
}

async fn bench() {
    let admin = std::env::var("TEST_DATABASE_URL").expect("run it by scripts/with-postgres");
    let name = format!("bench_{}", std::process::id());
    let mut connection = PgConnection::connect(&admin).await.unwrap();
    connection
        .execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .await
        .unwrap();
    let mut url = url::Url::parse(&admin).unwrap();
    url.set_path(&name);

    println!("filling a mirror of {PEOPLE} people …");
    let snapshot = fill(url.as_str()).await;

    let memory = in_memory(&snapshot).await;
    let (single_sql, batch_sql) = in_sql(url.as_str()).await;
    let (one_call, single_calls) = over_http(url.as_str()).await;

    println!("\n{ASKED} identities against {PEOPLE} people, identities a second: at the median, at best");
    for (what, timed) in [
        ("the rules alone (one after the other, one thread)", memory),
        ("one GraphQL call of 1,000 over HTTP", one_call),
        ("1,000 GraphQL calls of one over HTTP, one connection", single_calls),
        ("1,000 indexed SQL queries, prepared, one connection", single_sql),
        ("one indexed SQL query for all 1,000 (= ANY)", batch_sql),
    ] {
        println!("  {what:<56} {:>10.0} {:>10.0}", rate(timed.median), rate(timed.best));
    }

    println!("\nratios: at the median, at best");
    for (what, fast, slow) in [
        ("one call / 1,000 single calls", one_call, single_calls),
        ("one call / 1,000 SQL queries", one_call, single_sql),
        ("the rules / 1,000 SQL queries (aim: 50)", memory, single_sql),
        ("the rules / one SQL query for all", memory, batch_sql),
    ] {
        let ratio = |fast: Duration, slow: Duration| slow.as_secs_f64() / fast.as_secs_f64();
        println!(
            "  {what:<56} {:>10.1} {:>10.1}",
            ratio(fast.median, slow.median),
            ratio(fast.best, slow.best)
        );
    }

    let dropped = connection
        .execute(sqlx::AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)")))
        .await;
    dropped.unwrap();
}

async fn fill(url: &str) -> Snapshot {
    let target = Target::Postgres {
        url: url.to_owned().into(),
        max_connections: 4,
    };
    let store = Store::connect(target, Clock::system()).await.unwrap();
    store.migrate().await.unwrap();

    let everybody: Vec<User> = (0..PEOPLE).map(user).collect();
    for users in everybody.chunks(10_000) {
        let changes = users.iter().map(|user| Change {
            entity: RecordId::User(user.facts.userid.clone()).into(),
            kind: ChangeKind::Created,
            fields: Vec::new(),
        });
        let set = ChangeSet {
            departments: Vec::new(),
            changes: changes.collect(),
            users: users.to_vec(),
            held: Vec::new(),
        };
        store.apply(set, Cause::Request("bench".into()), None).await.unwrap();
    }

    let loaded = store.load_directory().await.unwrap();
    Snapshot::build(loaded.revision, loaded.departments, loaded.users)
}

async fn in_memory(snapshot: &Snapshot) -> Timed {
    let identities: Vec<_> = asked()
        .into_iter()
        .map(|email| ConfluenceIdentity {
            email: Some(email),
            ..Default::default()
        })
        .collect();
    let links = links();
    let method = MatchingMethod::EmailToEmail;

    let matched = identities
        .iter()
        .filter(|it| resolve(snapshot, &links, method, it).status == ResolutionStatus::Matched);
    assert_eq!(matched.count(), ASKED * 9 / 10);

    timed(async || {
        for identity in &identities {
            black_box(resolve(snapshot, &links, method, black_box(identity)));
        }
    })
    .await
}

async fn in_sql(url: &str) -> (Timed, Timed) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    for column in ["email", "org_email"] {
        let index = format!("CREATE INDEX ON users (lower(btrim({column})))");
        connection.execute(sqlx::AssertSqlSafe(index)).await.unwrap();
    }
    connection.execute("ANALYZE users").await.unwrap();

    let columns = "SELECT userid, name, state, active, email, org_email FROM users WHERE";
    let one = format!("{columns} lower(btrim(email)) = $1 OR lower(btrim(org_email)) = $1");
    let all = format!("{columns} lower(btrim(email)) = ANY($1) OR lower(btrim(org_email)) = ANY($1)");

    let single = timed(async || {
        let mut found = 0;
        for email in asked() {
            let rows = sqlx::query(sqlx::AssertSqlSafe(one.clone()))
                .bind(email)
                .fetch_all(&mut connection)
                .await
                .unwrap();
            found += rows
                .iter()
                .filter(|row| !row.get::<String, _>("userid").is_empty())
                .count();
        }
        assert_eq!(found, ASKED * 9 / 10);
    })
    .await;

    let batch = timed(async || {
        let rows = sqlx::query(sqlx::AssertSqlSafe(all.clone()))
            .bind(asked())
            .fetch_all(&mut connection)
            .await
            .unwrap();
        assert_eq!(rows.len(), ASKED * 9 / 10);
    })
    .await;
    (single, batch)
}

async fn over_http(url: &str) -> (Timed, Timed) {
    let config = Config {
        database_max_connections: 4,
        allowed_hosts: AllowedHosts::dingtalk(),
        sync_lease: Duration::from_secs(15),
        verify_per_hour: 5_000,
        remember_identities: Some(Duration::from_secs(86_400)),
        calls_per_second: 20,
        ..support::config("http://127.0.0.1:1", &std::env::temp_dir().to_string_lossy(), Some(url))
    };

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}/graphql", listener.local_addr().unwrap());
    let shutdown = CancellationToken::new();
    let app = App::build(config, Clock::system()).await.unwrap();
    let server = tokio::spawn(app.run(listener, shutdown.clone()));
    let issuer = TokenIssuer::new(&support::SECRET.into(), Clock::system());
    let token = issuer.issue("bench", &[Permission::IdentityRead], Duration::from_secs(3_600));
    let client = reqwest::Client::builder().no_proxy().build().unwrap();

    let call = async |emails: &[String]| {
        let query = "query ($i: [ConfluenceIdentityInput!]!) { resolve(identities: $i) { status rule reason user { userId name } } }";
        let identities: Vec<Value> = emails.iter().map(|email| json!({ "email": email })).collect();
        let request = json!({ "query": query, "variables": { "i": identities } });
        let response = client
            .post(&endpoint)
            .bearer_auth(&token)
            .json(&request)
            .send()
            .await
            .unwrap();
        let answer: Value = response.json().await.unwrap();
        assert_eq!(
            answer["data"]["resolve"].as_array().map(Vec::len),
            Some(emails.len()),
            "{answer}"
        );
    };

    let emails = asked();
    let one = timed(async || call(&emails).await).await;
    let single = timed(async || {
        for email in emails.chunks(1) {
            call(email).await;
        }
    })
    .await;

    shutdown.cancel();
    server.await.unwrap().unwrap();
    (one, single)
}
