//! However many listen to what becomes of messages, it is read once.

use std::time::Duration;

use dingmirror::{auth::Caller, auth::Permission, clock::Clock, graphql::schema};
use futures_util::StreamExt;
use serde_json::json;
use sqlx::Row;

use crate::{
    store::message,
    support::{
        database::{Beside, TestDatabase},
        server::{TestDingTalk, TestServer},
    },
};

const LISTENERS: usize = 30;

/// How often the number of changes was looked up so far.
async fn looks(beside: &mut Beside) -> i64 {
    let Beside::Postgres(connection) = beside else {
        unreachable!("it is Postgres")
    };
    let sql = "SELECT (coalesce(seq_scan, 0) + coalesce(idx_scan, 0))::bigint FROM pg_stat_user_tables WHERE relname = 'message_update_count'";
    sqlx::query(sql).fetch_one(&mut **connection).await.unwrap().get(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thirty_listeners_cost_the_database_what_one_does_and_each_hears_what_is_theirs() {
    let database = TestDatabase::postgres().await;
    let dingtalk = TestDingTalk::start(5, 2).await;
    let server = TestServer::start(database.target(), &dingtalk).await;
    let schema = schema(server.services.clone());
    let listen = |query: &'static str| {
        let caller = Caller {
            subject: "test".into(),
            permissions: [Permission::MessageRead].into(),
            expires_at: Clock::system().now() + Duration::from_secs(600),
            key: None,
            issuer: None,
            token: None,
            leeway: chrono::TimeDelta::zero(),
        };
        schema
            .execute_stream(async_graphql::Request::new(query).data(caller))
            .boxed()
    };

    let (heard, mut told) = tokio::sync::mpsc::unbounded_channel();
    for n in 0..LISTENERS {
        let mut updates = listen(if n % 2 == 0 {
            "subscription { messageUpdates { caller } }"
        } else {
            "subscription { messageUpdates(caller: \"jira\") { caller } }"
        });
        let heard = heard.clone();
        tokio::spawn(async move {
            while let Some(event) = updates.next().await {
                assert!(event.errors.is_empty(), "{:?}", event.errors);
                let caller = event.data.into_json().unwrap()["messageUpdates"]["caller"].take();
                if heard.send((n, caller)).is_err() {
                    return;
                }
            }
        });
    }

    let mut beside = database.beside().await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let before = looks(&mut beside).await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    let after = looks(&mut beside).await;
    // Thirty that each look every second make a hundred and more, even on a slow machine.
    assert!(after - before < 30, "{} looks", after - before);

    let mut new = message(None, &["a"]);
    new.caller = "wiki".into();
    server.services.store.insert_message(new).await.unwrap();
    let mut new = message(None, &["a"]);
    new.caller = "jira".into();
    server.services.store.insert_message(new).await.unwrap();

    let mut missing: Vec<(usize, &str)> = (0..LISTENERS).map(|n| (n, "jira")).collect();
    missing.extend((0..LISTENERS).step_by(2).map(|n| (n, "wiki")));
    while !missing.is_empty() {
        let (n, caller) = tokio::time::timeout(Duration::from_secs(30), told.recv())
            .await
            .unwrap()
            .unwrap();
        assert!(n % 2 == 0 || caller == json!("jira"), "{n} heard of {caller}");
        missing.retain(|it| json!([it.0, it.1]) != json!([n, caller]));
    }
    server.stop().await;
    database.remove().await;
}
