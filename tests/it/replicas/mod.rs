//! Replicas of unlike configuration over one Postgres: who sends, who syncs, and what each says.

mod held;

use std::time::Duration;

use dingmirror::{
    clock::Clock,
    config::Config,
    message::RecipientState,
    settings::{AllowedHosts, SettingsPatch},
    store::{Claim, ClaimLimits},
};
use serde_json::{Value, json};

use crate::support::{
    database::TestDatabase,
    outbox::UNHURRIED,
    server::{TestDingTalk, TestServer, config},
};

async fn ready(server: &TestServer) -> (u16, Value) {
    let answer = server.http.get(format!("{}/readyz", server.base)).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn send(server: &TestServer, users: &[String]) -> Value {
    let query = "mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } notices userErrors { message } } }";
    let content = json!({"text": {"content": format!("Page changed {}", uuid::Uuid::new_v4())}});
    server
        .data(
            query,
            json!({"input": {"recipients": {"userIds": users}, "content": content}}),
        )
        .await["sendMessage"]
        .take()
}

async fn states(server: &TestServer, id: &Value) -> Vec<RecipientState> {
    let query = "query ($id: ID!) { node(id: $id) { ... on Message { recipients(first: 500) { nodes { state } } } } }";
    let told = server.data(query, json!({ "id": id })).await;
    let nodes = told["node"]["recipients"]["nodes"].as_array().cloned().unwrap();
    let state = |node: Value| serde_json::from_value(node["state"].clone()).unwrap();
    nodes.into_iter().map(state).collect()
}

/// Waits until nobody of the message waits any more.
async fn sent(server: &TestServer, id: &Value, what: &str) {
    let waits = [RecipientState::Queued, RecipientState::Sending];
    for _ in 0..200 {
        if !states(server, id).await.iter().any(|state| waits.contains(state)) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{what}: {:?}", states(server, id).await);
}

async fn people(dingtalk: &TestDingTalk) -> Vec<String> {
    let everybody = crate::delivery::mirrored(dingtalk).await;
    let active = everybody.iter().filter(|user| user.facts.active == Some(true));
    active.map(|user| user.facts.userid.to_string()).collect()
}

/// One replica has everything right, the other one `unlike`, which makes it say `why`: everything that either takes in is sent, the
/// other one's callers hear nothing of it, and only that one is not ready.
async fn unlike(what: &str, change: impl FnOnce(&mut Config), why: &str) {
    let database = TestDatabase::postgres().await;
    let dingtalk = TestDingTalk::start(120, 6).await;
    let users = people(&dingtalk).await;
    let healthy = TestServer::start(database.target(), &dingtalk).await;
    healthy.configure(dingtalk.settings()).await;
    healthy.sync().await;
    let mut config = config(database.target(), &dingtalk);
    config.intake.stream = true;
    change(&mut config);
    let other = TestServer::start_with(config).await;

    for _ in 0..5 {
        let said = send(&healthy, &users).await;
        assert_eq!(
            (&said["notices"], &said["userErrors"]),
            (&json!([]), &json!([])),
            "{what}"
        );
        sent(&healthy, &said["message"]["id"], what).await;
    }
    let stopped = healthy
        .services
        .store
        .sending_stopped(healthy.services.clock.now())
        .await;
    assert_eq!(stopped.unwrap(), None, "{what}");

    let (status, told) = ready(&healthy).await;
    assert_eq!(status, 200, "{what}: {told}");
    let (status, told) = ready(&other).await;
    assert_eq!(status, 503, "{what}: {told}");
    assert!(
        told["reason"].as_str().is_some_and(|said| said.contains(why)),
        "{what}: {told}"
    );
    let said = other.data("{ delivery { ownFault } }", json!({})).await;
    assert!(
        said["delivery"]["ownFault"]
            .as_str()
            .is_some_and(|said| said.contains(why)),
        "{said}"
    );
    assert!(
        other.services.store.is_lease_free("events").await.unwrap(),
        "{what}: it can't act on events, and leaves them to whoever can"
    );

    let run = healthy.sync().await;
    assert_eq!(run.error, None, "{what}");
    other.stop().await;
    healthy.stop().await;
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_cannot_open_the_secret_leaves_everything_to_the_others() {
    let other_key = |config: &mut Config| config.secret_key = "another key of the tests, just as long".into();
    unlike("another key", other_key, "DINGMIRROR_SECRET_KEY").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_with_another_list_of_hosts_leaves_everything_to_the_others() {
    let other_hosts =
        |config: &mut Config| config.allowed_hosts = AllowedHosts::parse("oapi.dingtalk.com api.dingtalk.com").unwrap();
    unlike("other hosts", other_hosts, "DINGMIRROR_ALLOWED_HOSTS").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_with_another_clock_sends_and_syncs_like_the_others() {
    let database = TestDatabase::postgres().await;
    let dingtalk = TestDingTalk::start(60, 4).await;
    let users = people(&dingtalk).await;
    let right = TestServer::start(database.target(), &dingtalk).await;
    right.configure(dingtalk.settings()).await;
    let ahead = Clock::of_machine(|| chrono::Utc::now() + chrono::TimeDelta::hours(2));
    let ahead = TestServer::start_at(config(database.target(), &dingtalk), ahead).await;
    for server in [&right, &ahead, &right] {
        let said = send(server, &users).await;
        sent(&right, &said["message"]["id"], "a clock ahead").await;
        let ended = states(&right, &said["message"]["id"]).await;
        assert!(!ended.contains(&RecipientState::Expired), "{ended:?}");
    }
    let (status, told) = ready(&ahead).await;
    assert_eq!(status, 200, "{told}");
    let said = told["detail"]["clockWarning"].as_str().unwrap_or_default();
    assert!(said.contains("ahead of the database's"), "{told}");
    assert_eq!(ready(&right).await.1["detail"]["clockWarning"], Value::Null);
    ahead.stop().await;
    right.stop().await;
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn switched_off_is_heard_while_the_directory_cannot_be_followed() {
    let database = TestDatabase::postgres().await;
    let dingtalk = TestDingTalk::start(40, 4).await;
    let users = people(&dingtalk).await;
    let a = TestServer::synced(database.target(), &dingtalk).await;
    let b = TestServer::start(database.target(), &dingtalk).await;
    let mut beside = database.beside().await;
    beside.run("UPDATE mirror_revision SET revision = revision + 1").await;
    beside.run("ALTER TABLE changes RENAME TO changes_away").await;
    beside.run("ALTER TABLE users RENAME TO users_away").await;
    // Longer than the follower's first rests.
    tokio::time::sleep(Duration::from_secs(8)).await;

    let off = SettingsPatch {
        enabled: Some(false),
        ..SettingsPatch::default()
    };
    b.configure(off).await;
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert!(!a.services.settings.current().enabled(), "A has heard of it");
    let before = dingtalk.control("messages").await["tasks"].as_array().map(Vec::len);
    send(&a, &users).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let after = dingtalk.control("messages").await["tasks"].as_array().map(Vec::len);
    assert_eq!(before, after, "nothing is sent");

    beside.run("ALTER TABLE changes_away RENAME TO changes").await;
    beside.run("ALTER TABLE users_away RENAME TO users").await;
    a.stop().await;
    b.stop().await;
    database.remove().await;
}

both_databases!(
    async fn nothing_is_claimed_by_settings_that_are_not_the_newest(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(20, 3).await;
        let server = TestServer::start(database.target(), &dingtalk).await;
        let store = server.services.store.clone();
        store.insert_message(crate::store::message(None, &["a"])).await.unwrap();
        let limits = |version| ClaimLimits {
            batch: 1,
            pace: UNHURRIED,
            ttl: Duration::from_secs(60),
            settings_version: Some(version),
            app: None,
        };
        let off = SettingsPatch {
            enabled: Some(false),
            ..dingtalk.settings()
        };
        server.configure(off).await;
        assert_eq!(store.claim_batch("w", &limits(0)).await.unwrap(), Claim::NewSettings);
        server.stop().await;
    }
);
