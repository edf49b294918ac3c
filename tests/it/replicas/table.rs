//! The table of unlike replicas: who sends, who syncs, and what each says.

use dingmirror::settings::Api;

use super::*;

/// How a replica differs from the one that has everything right.
#[derive(Clone, Copy)]
enum Unlike {
    Nothing,
    Key,
    Hosts,
    /// So many hours ahead.
    Clock(i64),
    /// A newer version has migrated the database, and this one was started before.
    Older,
    /// An older version had migrated the database, and this one is started after.
    Newer,
}

struct Case {
    name: &'static str,
    unlike: Unlike,
    /// What it says is the matter.
    says: &'static str,
    /// Whether it leaves everything to the others.
    stands_back: bool,
}

const fn able(name: &'static str, unlike: Unlike, says: &'static str) -> Case {
    Case {
        name,
        unlike,
        says,
        stands_back: false,
    }
}

const fn unable(name: &'static str, unlike: Unlike, says: &'static str) -> Case {
    Case {
        stands_back: true,
        ..able(name, unlike, says)
    }
}

const CASES: [Case; 7] = [
    able("nothing", Unlike::Nothing, ""),
    unable("its key", Unlike::Key, "DINGMIRROR_SECRET_KEY"),
    unable("its list of hosts", Unlike::Hosts, "DINGMIRROR_ALLOWED_HOSTS"),
    able("its clock, 2 h ahead", Unlike::Clock(2), "ahead of the database's"),
    able("its clock, 2 h behind", Unlike::Clock(-2), "behind the database's"),
    able(
        "its version, older than the schema",
        Unlike::Older,
        "a newer version has migrated it",
    ),
    able("its version, newer than the schema", Unlike::Newer, ""),
];

/// Calls that a server made.
fn calls(server: &TestServer, api: Api) -> u64 {
    server.services.client.stats().calls.get(&api).copied().unwrap_or(0)
}

/// What `startSync` came to: nothing, or why it isn't done here.
async fn start_sync(server: &TestServer) -> Option<String> {
    let query = "mutation { startSync(input: {}) { userErrors { message } } }";
    let told = server.data(query, json!({})).await;
    let errors = told["startSync"]["userErrors"].as_array().unwrap();
    errors
        .first()
        .map(|error| error["message"].as_str().unwrap().to_owned())
}

/// What `/readyz` says.
async fn says(server: &TestServer) -> (u16, String) {
    let (status, told) = ready(server).await;
    let detail = ["clockWarning", "schema"].map(|key| &told["detail"][key]);
    let said = [&told["reason"]].into_iter().chain(detail);
    let said: Vec<&str> = said.filter_map(Value::as_str).collect();
    (status, said.join("; "))
}

async fn other(case: &Case, database: &TestDatabase, dingtalk: &TestDingTalk) -> TestServer {
    let mut config = config(database.target(), dingtalk);
    config.intake.stream = true;
    let mut clock = Clock::system();
    match case.unlike {
        Unlike::Nothing | Unlike::Older | Unlike::Newer => {}
        Unlike::Key => config.secret_key = "another key of the tests, just as long".into(),
        Unlike::Hosts => config.allowed_hosts = AllowedHosts::parse("oapi.dingtalk.com api.dingtalk.com").unwrap(),
        Unlike::Clock(hours) => clock = Clock::of_machine(move || chrono::Utc::now() + chrono::TimeDelta::hours(hours)),
    }
    TestServer::start_at(config, clock).await
}

/// One replica has everything right, the other one differs: everything that either takes in is sent, callers of the
/// former hear nothing of it, and the other one says what is the matter. The line of the table.
async fn line(case: &Case) -> String {
    let (name, database) = (case.name, TestDatabase::postgres().await);
    let dingtalk = TestDingTalk::start(120, 6).await;
    let users = people(&dingtalk).await;
    if matches!(case.unlike, Unlike::Newer) {
        let store = crate::store::open(&database).await;
        store.migrate_down(2).await.unwrap();
    }

    let right = TestServer::start(database.target(), &dingtalk).await;
    right.configure(dingtalk.settings()).await;
    let run = right.sync().await;
    assert_eq!(run.error, None, "{name}");
    let other = other(case, &database, &dingtalk).await;
    if matches!(case.unlike, Unlike::Older) {
        let sql = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_future', 0)";
        let mut beside = database.beside().await;
        beside.run(sql).await;
        beside
            .run("ALTER TABLE messages ADD COLUMN of_the_future text NOT NULL DEFAULT ''")
            .await;
        beside.run("CREATE TABLE of_the_future (id bigint PRIMARY KEY)").await;
    }

    let mut by_other = Vec::new();
    for server in [&right, &other, &right, &other, &right] {
        let mut said = send(server, &users).await;
        let id = said["message"]["id"].take();
        if std::ptr::eq(server, &right) {
            assert_eq!(
                (&said["notices"], &said["userErrors"]),
                (&json!([]), &json!([])),
                "{name}"
            );
        } else if said["userErrors"] == json!([]) {
            by_other = said["notices"].as_array().cloned().unwrap();
        } else {
            // It takes nothing in where it can't tell what would become of it, and says why.
            by_other = said["userErrors"].as_array().cloned().unwrap();
            let why = by_other[0]["message"].as_str().unwrap();
            assert!(case.stands_back && why.contains(case.says), "{name}: {why}");
            continue;
        }
        sent(&right, &id, name).await;
        let ended = states(&right, &id).await;
        assert!(!ended.contains(&RecipientState::Expired), "{name}: {ended:?}");
    }

    let now = right.services.clock.now();
    let stopped = right.services.store.sending_stopped(now).await;
    assert_eq!(stopped.unwrap(), None, "{name}");

    let sends = [&right, &other].map(|server| calls(server, Api::AsyncSend));
    let ((status, _), (other_status, said)) = (says(&right).await, says(&other).await);
    assert_eq!(status, 200, "{name}");
    assert!(said.contains(case.says), "{name}: {said}");

    let refused = start_sync(&other).await;
    if case.stands_back {
        assert_eq!((other_status, sends[1]), (503, 0), "{name}: {said}");
        let refused = refused.as_deref().unwrap_or_default();
        assert!(refused.contains(case.says), "{name}: {refused}");
        let said = other.data("{ delivery { ownFault } }", json!({})).await;
        let said = said["delivery"]["ownFault"].as_str().unwrap_or_default();
        assert!(said.contains(case.says), "{name}: {said}");
        assert!(
            other.services.store.is_lease_free("events").await.unwrap(),
            "{name}: it can't act on events, and leaves them to whoever can"
        );
    } else {
        assert_eq!((other_status, refused.as_ref()), (200, None), "{name}: {said}");
        assert!(sends.iter().sum::<u64>() >= 5, "{name}: {sends:?}");
        assert!(!by_other.iter().any(Value::is_object), "{name}: it took them in");
    }

    let line = format!(
        "| {name} | {} and {} | {} | {other_status} | {} | {} |\n",
        sends[0],
        sends[1],
        refused.map_or("both".into(), |refused| format!("the right one; here: {refused}")),
        if said.is_empty() { "—" } else { &said },
        if by_other.is_empty() {
            "—".into()
        } else {
            json!(by_other).to_string()
        },
    );

    other.stop().await;
    right.stop().await;
    database.remove().await;
    line
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_table_of_unlike_replicas() {
    let mut text = "Two replicas on one Postgres: one has everything right, the other one differs in one thing\n\n\
                    | what differs | calls that send, of the right one and of the other | syncs | `/readyz` | says | notices to its callers |\n\
                    |---|---|---|---|---|---|\n"
        .to_owned();
    for case in &CASES {
        text += &line(case).await;
    }
    println!("{text}");
    std::fs::write(concat!(env!("CARGO_TARGET_TMPDIR"), "/replicas.md"), text).unwrap();
}
