//! The change feed: one order, by pages and by subscription.

use std::time::Duration;

use dingmirror::{
    auth::{Caller, Permission},
    clock::Clock,
    graphql::{AppSchema, schema},
};
use futures_util::StreamExt;
use serde_json::{Value, json};

use crate::support::{
    database::TestDatabase,
    server::{TestDingTalk, TestServer},
};

fn subscription(query: &str, permissions: &[Permission]) -> async_graphql::Request {
    async_graphql::Request::new(query).data(Caller {
        subject: "test".into(),
        permissions: permissions.iter().copied().collect(),
        expires_at: Clock::system().now() + Duration::from_secs(600),
        key: None,
        issuer: None,
        token: None,
        leeway: chrono::TimeDelta::zero(),
    })
}

/// The code of the error that a subscription begins with.
async fn refusal(schema: &AppSchema, query: &str, permissions: &[Permission]) -> Value {
    let mut events = schema.execute_stream(subscription(query, permissions)).boxed();
    let mut event = events.next().await.unwrap();
    let extensions = event.errors.remove(0).extensions.unwrap();
    extensions.get("code").cloned().unwrap().into_json().unwrap()
}

async fn feed(server: &TestServer) -> Vec<Value> {
    let (mut all, mut after) = (Vec::new(), Value::Null);
    loop {
        let query = "query ($after: String) { changes(first: 17, after: $after) { nodes { cursor entityId kind } pageInfo { hasNextPage endCursor } totalCount } }";
        let page = server.data(query, json!({ "after": after })).await["changes"].take();
        all.extend(page["nodes"].as_array().unwrap().iter().cloned());
        if page["pageInfo"]["hasNextPage"] == false {
            assert_eq!(page["totalCount"], all.len());
            return all;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

both_databases!(
    async fn a_subscription_goes_on_behind_its_cursor_and_misses_nothing(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(50, 8).await;
        let server = TestServer::synced(database.target(), &dingtalk).await;
        let schema = schema(server.services.clone());
        let before = feed(&server).await;
        let seen = before[20]["cursor"].as_str().unwrap();

        let query = format!("subscription {{ directoryChanges(after: \"{seen}\") {{ cursor entityId kind }} }}");
        let mut resumed = schema
            .execute_stream(subscription(&query, &[Permission::DirectoryRead]))
            .boxed();
        let from_now = "subscription { directoryChanges { cursor entityId kind } }";
        let mut fresh = schema
            .execute_stream(subscription(from_now, &[Permission::DirectoryRead]))
            .boxed();

        // Polled once, so that it listens before the edit.
        let nothing = tokio::time::timeout(Duration::from_millis(300), fresh.next()).await;
        assert!(nothing.is_err(), "{nothing:?}");

        let leaver = dingtalk.control("directory").await["users"][9]["userid"].clone();
        dingtalk
            .tell(
                reqwest::Method::POST,
                "edits",
                json!([{ "edit": "leave", "userid": leaver }]),
            )
            .await;
        server.sync().await;

        let after = feed(&server).await;
        assert!(after.len() > before.len());
        for (stream, expected) in [(&mut resumed, &after[21..]), (&mut fresh, &after[before.len()..])] {
            for change in expected {
                let event = tokio::time::timeout(Duration::from_secs(10), stream.next())
                    .await
                    .unwrap()
                    .unwrap();
                assert!(event.errors.is_empty(), "{:?}", event.errors);
                assert_eq!(event.data.into_json().unwrap()["directoryChanges"], *change);
            }
        }
        assert!(
            after[before.len()..]
                .iter()
                .any(|change| change["entityId"] == leaver && change["kind"] == "REMOVED")
        );
        server.stop().await;
    }
);

#[tokio::test]
async fn subscriptions_ask_for_their_permission_and_for_a_cursor_of_the_feed() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(10, 3).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;
    let schema = schema(server.services.clone());
    let others: Vec<_> = Permission::ALL
        .into_iter()
        .filter(|it| *it != Permission::DirectoryRead)
        .collect();

    for (query, permissions, expected) in [
        ("subscription { directoryChanges { cursor } }", &others[..], "FORBIDDEN"),
        ("subscription { syncProgress { id } }", &others[..], "FORBIDDEN"),
        (
            "subscription { directoryChanges(after: \"x\") { cursor } }",
            &Permission::ALL[..],
            "BAD_USER_INPUT",
        ),
    ] {
        assert_eq!(refusal(&schema, query, permissions).await, expected, "{query}");
    }
    server.stop().await;
}

both_databases!(
    async fn a_cursor_that_is_older_than_the_feed_is_refused_and_a_younger_one_goes_on(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(20, 4).await;
        let server = TestServer::synced(database.target(), &dingtalk).await;
        let all = feed(&server).await;
        let later = Clock::system().now() + Duration::from_secs(86_400);
        while server.services.store.forget_changes(later).await.unwrap() > 0 {}

        let kept = feed(&server).await;
        assert_eq!(
            kept,
            all[all.len() - 1..],
            "the newest stays, and a feed without a cursor begins there"
        );

        let cursor = |change: &Value| change["cursor"].as_str().unwrap().to_owned();
        let (seen, missed) = (cursor(&all[all.len() - 2]), cursor(&all[all.len() - 3]));
        let query = "query ($after: String) { changes(after: $after) { nodes { cursor } } }";
        let page = server.data(query, json!({ "after": seen })).await;
        assert_eq!(page["changes"]["nodes"][0]["cursor"], kept[0]["cursor"]);

        for query in [
            "query ($after: String) { changes(after: $after) { nodes { cursor } } }",
            "query ($after: String) { matchChanges(after: $after) { nodes { cursor } } }",
        ] {
            let answer = server
                .graphql(&server.admin_token(), query, json!({ "after": missed }))
                .await;
            let error = &answer["errors"][0];
            assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
            let message = error["message"].as_str().unwrap();
            assert!(
                message.contains("no longer kept") && message.contains("anew"),
                "{message}"
            );
        }

        let schema = schema(server.services.clone());
        for feed in ["directoryChanges", "matchChanges"] {
            let query = format!("subscription {{ {feed}(after: \"{missed}\") {{ cursor }} }}");
            assert_eq!(
                refusal(&schema, &query, &Permission::ALL).await,
                "BAD_USER_INPUT",
                "{feed}"
            );
        }
        server.stop().await;
    }
);

both_databases!(
    async fn whoever_hears_of_matches_alone_keeps_a_good_place_while_only_others_change(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(20, 4).await;
        let server = TestServer::synced(database.target(), &dingtalk).await;
        let schema = schema(server.services.clone());
        let heard = subscription("subscription { matchChanges { cursor } }", &Permission::ALL);
        let mut heard = schema.execute_stream(heard).boxed();
        let mut hears_nothing = async || {
            let event = tokio::time::timeout(Duration::from_millis(500), heard.next()).await;
            assert!(event.is_err(), "{event:?}");
        };
        let newest = async || feed(&server).await.pop().unwrap()["cursor"].clone();
        let read = async |after: &Value| {
            let query =
                "query ($after: String) { matchChanges(after: $after) { nodes { cursor } pageInfo { endCursor } } }";
            let mut page = server.data(query, json!({ "after": after })).await["matchChanges"].take();
            assert_eq!(page["nodes"], json!([]));
            page["pageInfo"]["endCursor"].take()
        };

        hears_nothing().await;
        let mut place = read(&Value::Null).await;
        assert_eq!(place, newest().await, "how far the log was read");

        let somebody = dingtalk.control("directory").await["users"][9]["userid"].clone();
        let later = Clock::system().now() + Duration::from_secs(86_400);
        for title in ["a", "b", "c"] {
            let edit = json!([{ "edit": "update_user", "userid": somebody, "fields": { "title": title } }]);
            dingtalk.tell(reqwest::Method::POST, "edits", edit).await;
            server.sync().await;
            hears_nothing().await;
            place = read(&place).await;
            assert_eq!(place, newest().await);
            while server.services.store.forget_changes(later).await.unwrap() > 0 {}
        }
        server.stop().await;
    }
);
