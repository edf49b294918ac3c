//! An event that is committed behind a newer one.

use serde_json::json;
use sqlx::{Connection, Executor, PgConnection};

use super::rig::{Channel, Rig};
use crate::support::{database::TestDatabase, server::TestDingTalk};
use dingmirror::store::Target;
use secrecy::ExposeSecret;

#[tokio::test]
async fn an_event_that_is_committed_behind_a_newer_one_is_acted_upon() {
    let database = TestDatabase::postgres().await;
    let Target::Postgres { url, .. } = database.target() else {
        panic!()
    };
    let dingtalk = TestDingTalk::start(40, 6).await;
    let rig = Rig::new(&database, dingtalk, Channel::Push, 10_000).await;
    let hire = |user: &str| json!({ "edit": "hire", "userid": user, "departments": [1] });
    let is_there = |user: &str| format!("{{ user(userId: \"{user}\") {{ state }} }}");
    rig.edit(hire("first")).await;
    rig.until(&is_there("first"), |it| it["user"]["state"] == "ACTIVE")
        .await;
    rig.settled().await;

    // It has its number, and is committed only after a newer one was acted upon.
    let mut slow = PgConnection::connect(url.expose_secret()).await.unwrap();
    slow.execute("BEGIN").await.unwrap();
    let copy = "INSERT INTO dingtalk_events (event_key, channel, kind, users, departments, born_at, received_at, state)
        SELECT event_key || '-late', channel, kind, users, departments, born_at, received_at, 'PENDING'
        FROM dingtalk_events ORDER BY seq LIMIT 1";
    slow.execute(copy).await.unwrap();
    rig.edit(hire("second")).await;
    rig.until(&is_there("second"), |it| it["user"]["state"] == "ACTIVE")
        .await;
    rig.settled().await;
    slow.execute("COMMIT").await.unwrap();

    let pending = rig.server.services.store.count_pending_events().await.unwrap();
    assert_eq!(pending, 1, "it waits behind the newer one");
    rig.settled().await;
    rig.server.stop().await;
    database.remove().await;
}
