//! Replicas of unlike configuration over one Postgres: who sends, who syncs, and what each says.

mod held;
mod table;

use std::time::Duration;

use dingmirror::{
    clock::Clock,
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

pub async fn send(server: &TestServer, users: &[String]) -> Value {
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

pub async fn states(server: &TestServer, id: &Value) -> Vec<RecipientState> {
    let query = "query ($id: ID!) { node(id: $id) { ... on Message { recipients(first: 500) { nodes { state } } } } }";
    let told = server.data(query, json!({ "id": id })).await;
    let nodes = told["node"]["recipients"]["nodes"].as_array().cloned().unwrap();
    let state = |node: Value| serde_json::from_value(node["state"].clone()).unwrap();
    nodes.into_iter().map(state).collect()
}

/// Waits until nobody of the message waits any more.
pub async fn sent(server: &TestServer, id: &Value, what: &str) {
    let waits = [RecipientState::Queued, RecipientState::Sending];
    for _ in 0..200 {
        if !states(server, id).await.iter().any(|state| waits.contains(state)) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{what}: {:?}", states(server, id).await);
}

pub async fn people(dingtalk: &TestDingTalk) -> Vec<String> {
    let everybody = crate::delivery::mirrored(dingtalk).await;
    let active = everybody.iter().filter(|user| user.facts.active == Some(true));
    active.map(|user| user.facts.userid.to_string()).collect()
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
            normal_calls: None,
            coalesce_window: Duration::ZERO,
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_dingtalk_takes_no_calls_from_keeps_nobody_from_reading() {
    let database = TestDatabase::postgres().await;
    let dingtalk = TestDingTalk::start(40, 4).await;
    let users = people(&dingtalk).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;
    let barred = json!({
        "api": "/topapi/message/corpconversation/asyncsend_v2", "kind": "errcode", "code": 60_020, "msg": "访问ip不在白名单之中",
    });
    dingtalk.tell(reqwest::Method::POST, "faults", barred).await;

    let first = send(&server, &users[..1]).await;
    let mut said = Value::Null;
    for _ in 0..200 {
        said = server.data("{ delivery { ownFault } }", json!({})).await;
        if said["delivery"]["ownFault"].is_string() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(said["delivery"]["ownFault"].is_string(), "{first}");

    let (status, told) = ready(&server).await;
    assert_eq!(status, 200, "others may have the same address: {told}");
    assert!(told["detail"]["sendsNothing"].is_string(), "{told}");
    let second = send(&server, &users[1..2]).await;
    assert!(
        second["notices"].to_string().contains("sends nothing for now"),
        "{second}"
    );

    dingtalk.tell(reqwest::Method::DELETE, "faults", Value::Null).await;
    let resumed = server
        .data("mutation { resumeDelivery(input: {}) { clientMutationId } }", json!({}))
        .await;
    for message in [first, second] {
        sent(&server, &message["message"]["id"], &resumed.to_string()).await;
    }
    server.stop().await;
    database.remove().await;
}
