//! An asynchronous standby that lags is promoted; a backup is read back.

use dingmirror::{catalogue::Statement, clock::Clock};
use serde_json::json;

use super::{EPOCH, code, ready, replica, save, until, until_not_ready};
use crate::support::{
    cluster::{Address, Cluster},
    server::{TestDingTalk, TestServer},
};

const SEND: &str = "mutation ($users: [String!]!, $policy: OnUnknown!) {
    sendMessage(input: { recipients: { userIds: $users }, content: { text: { content: \"一次\" } }, onUnknown: $policy }) {
        message { id } userErrors { message } } }";

const STATES: &str = "query ($id: ID!) { message(id: $id) { recipients { nodes { state reason } } } }";

async fn name_of(server: &TestServer, user: &str) -> String {
    let found = server
        .data(
            "query ($id: String!) { user(userId: $id) { name } }",
            json!({ "id": user }),
        )
        .await;
    found["user"]["name"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_promoted_standby_that_lagged_is_noticed_and_the_snapshot_is_right_again() {
    let dingtalk = TestDingTalk::start(12, 3).await;
    let primary = Cluster::start();
    let standby = Cluster::standby_of(&primary);
    let address = Address::before(primary.port).await;
    let server = replica(address.port, &dingtalk).await;
    server.configure(dingtalk.settings()).await;
    server.sync().await;

    // What both have: a template, the feed, and a message that waits because sending is stopped.
    let kept = save(&server, "kept", "both have it", None).await.unwrap();
    let now = Clock::system().now();
    let stop = dingmirror::store::Stop {
        until: now + std::time::Duration::from_secs(3_600),
        reason: Statement::other("a test"),
        code: None,
    };
    server.services.store.stop_sending(&stop).await.unwrap();
    let directory = dingtalk.control("directory").await;
    let user = directory["users"][0]["userid"].as_str().unwrap().to_owned();
    let sent = server.data(SEND, json!({ "users": [user], "policy": "HOLD" })).await;
    let message = sent["sendMessage"]["message"]["id"].clone();
    assert!(message.is_string(), "{sent}");
    let before = server.data(EPOCH, json!({})).await["mirror"].clone();
    primary.replayed_by(&standby).await;
    standby.down("fast");

    // What only the primary has: a revision, a version, and that the message was sent.
    let rename = |name: &str| json!([{ "edit": "update_user", "userid": user, "fields": { "name": name } }]);
    dingtalk.tell(reqwest::Method::POST, "edits", rename("Lost Name")).await;
    server.sync().await;
    assert_eq!(name_of(&server, &user).await, "Lost Name");
    let lost = save(&server, "kept", "the primary alone has it", Some(&kept))
        .await
        .unwrap();
    let feed = server
        .data("{ changes(first: 500) { pageInfo { endCursor } } }", json!({}))
        .await;
    let cursor = feed["changes"]["pageInfo"]["endCursor"].clone();
    server.services.store.resume_sending(None).await.unwrap();
    until("the message is sent", async || {
        dingtalk.control("messages").await.to_string().matches("一次").count() == 1
    })
    .await;

    primary.down("immediate");
    until_not_ready(&server).await;
    standby.up();
    standby.promote();
    address.lead_to(standby.port);

    // Another replica goes on at once, and gives the lost numbers to something else.
    dingtalk.tell(reqwest::Method::POST, "edits", rename("New Name")).await;
    let other = replica(address.port, &dingtalk).await;
    other.sync().await;
    let after = other.data(EPOCH, json!({})).await["mirror"].clone();
    assert_ne!(before["epoch"], after["epoch"]);

    // The old snapshot and what came after it never meet.
    until("the first replica serves the new epoch", async || {
        let mirror = server.graphql(&server.admin_token(), EPOCH, json!({})).await["data"]["mirror"].clone();
        mirror == after
    })
    .await;
    for (department, id) in [("departments", "dept_id"), ("users", "userid")] {
        assert!(directory[department][0][id].is_string() || directory[department][0][id].is_number());
    }
    let everybody = "{ users(first: 500) { nodes { userId name } } departments(first: 500) { nodes { deptId name } } }";
    assert_eq!(
        server.data(everybody, json!({})).await,
        other.data(everybody, json!({})).await
    );
    assert_eq!(name_of(&server, &user).await, "New Name");

    // Versions and cursors of the lost time are refused.
    let refused = save(&server, "kept", "again", Some(&lost)).await.unwrap_err();
    assert!(refused.to_string().contains("VERSION_CONFLICT"), "{refused}");
    let feed = "query ($after: String) { changes(first: 5, after: $after) { nodes { kind } } }";
    let refused = server
        .graphql(&server.admin_token(), feed, json!({ "after": cursor }))
        .await;
    assert_eq!(code(&refused), "BAD_USER_INPUT", "{refused}");
    assert!(
        refused["errors"][0]["message"].as_str().unwrap().contains("epoch"),
        "{refused}"
    );

    // What was sent is not sent again, although the database says that it waits.
    let states = server.data(STATES, json!({ "id": message })).await;
    let recipient = &states["message"]["recipients"]["nodes"][0];
    assert_eq!(recipient["state"], "UNKNOWN", "{states}");
    assert!(
        recipient["reason"].as_str().unwrap().contains("failed over"),
        "{states}"
    );
    other.services.store.resume_sending(None).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    let times = dingtalk.control("messages").await.to_string().matches("一次").count();
    assert_eq!(times, 1, "DingTalk had it once");

    // And work goes on by itself.
    until("it is ready", async || ready(&server).await).await;
    save(&server, "after", "the new primary has it", None).await.unwrap();
    println!(
        "| a standby that lagged is promoted | Postgres | 5 | 3, the loss is told by an epoch | not ready | by itself |"
    );
    server.stop().await;
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dump_that_is_read_back_begins_an_epoch_and_a_restart_does_not() {
    let dingtalk = TestDingTalk::start(5, 2).await;
    let cluster = Cluster::start();
    let epoch = async || {
        let server = replica(cluster.port, &dingtalk).await;
        let epoch = server.data(EPOCH, json!({})).await["mirror"]["epoch"].clone();
        server.stop().await;
        epoch
    };

    let first = epoch().await;
    cluster.down("fast");
    cluster.up();
    assert_eq!(epoch().await, first, "a restart loses nothing");
    cluster.down("immediate");
    cluster.up();
    assert_eq!(epoch().await, first, "neither does a crash");

    // As a dump does: the tables are made anew, with the same rows.
    cluster
        .sql("CREATE TABLE copy AS TABLE mirror_revision; DROP TABLE mirror_revision; ALTER TABLE copy RENAME TO mirror_revision; \
              ALTER TABLE mirror_revision ADD PRIMARY KEY (id)")
        .await;
    assert_ne!(epoch().await, first);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_right_that_was_missing_and_is_given_is_used_from_then_on() {
    let dingtalk = TestDingTalk::start(5, 2).await;
    let cluster = Cluster::start();
    cluster
        .sql(
            "CREATE ROLE app LOGIN; GRANT CREATE, USAGE ON SCHEMA public TO app; \
             REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC",
        )
        .await;

    let place = async || -> String {
        let url = Cluster::url(cluster.port).replacen("postgres@", "app@", 1);
        let target = dingmirror::store::Target::Postgres {
            url: url.into(),
            max_connections: 4,
        };
        let server = TestServer::start(target, &dingtalk).await;
        server.data(EPOCH, json!({})).await;
        server.stop().await;
        let mut beside = cluster.beside().await;
        let place = sqlx::query_scalar("SELECT place || ' ' || epoch FROM database_epoch");
        place.fetch_one(&mut beside).await.unwrap()
    };

    let without = place().await;
    assert!(without.starts_with("-/-/"), "{without}");
    cluster
        .sql("GRANT EXECUTE ON FUNCTION pg_control_system() TO app")
        .await;
    let with = place().await;
    assert!(!with.starts_with("-/"), "{with}");
    let epoch = |told: &str| told.split(' ').nth(1).unwrap().to_owned();
    assert_eq!(epoch(&without), epoch(&with), "nothing failed over");
}
