//! When a sync, a link or another method makes somebody another person, the feed and the subscription say so.

use std::time::Duration;

use dingmirror::{
    auth::{Caller, Permission},
    clock::Clock,
    graphql::schema,
};
use futures_util::StreamExt;
use serde_json::{Value, json};

use super::support::Company;
use crate::support::{database::TestDatabase, server::TestServer};

const PEOPLE: &[super::support::Hire] = &[("anna", "anna@x.example", "0101"), ("ben", "ben@x.example", "0102")];

const FEED: &str =
    "{ matchChanges { totalCount nodes { cursor cause causeId statusBefore statusAfter userIdBefore userIdAfter
    userBefore { userId } userAfter { userId } identity { identity { username } } } } }";

async fn feed(company: &Company) -> Vec<Value> {
    let mut data = company.data(FEED, json!({})).await;
    let Value::Array(nodes) = data["matchChanges"]["nodes"].take() else {
        panic!()
    };
    assert_eq!(data["matchChanges"]["totalCount"], nodes.len());
    nodes
}

fn said(change: &Value) -> [&Value; 5] {
    ["cause", "statusBefore", "userIdBefore", "statusAfter", "userIdAfter"].map(|field| &change[field])
}

both_databases!(
    async fn every_change_of_a_match_is_told_once_with_its_cause(database: TestDatabase) {
        let company = Company::with(database, PEOPLE).await;
        let schema = schema(company.server.services.clone());
        let caller = Caller {
            subject: "test".into(),
            permissions: [Permission::IdentityRead, Permission::DirectoryRead].into(),
            expires_at: Clock::system().now() + Duration::from_secs(600),
        };
        let query =
            "subscription { matchChanges { cursor statusAfter userIdAfter identity { identity { username } } } }";
        let mut heard = schema
            .execute_stream(async_graphql::Request::new(query).data(caller))
            .boxed();
        let nothing = tokio::time::timeout(Duration::from_millis(300), heard.next()).await;
        assert!(nothing.is_err(), "{nothing:?}");

        company
            .resolve(json!({ "username": "wiki", "email": "anna@x.example" }))
            .await;
        company.turn().await;
        assert!(
            feed(&company).await.is_empty(),
            "being seen for the first time is no change"
        );

        // Anna leaves, ben gets her address, a link leads to her heir.
        company.edit(json!({ "edit": "leave", "userid": "anna" })).await;
        company.turn().await;
        company
            .edit(json!({ "edit": "update_user", "userid": "ben", "fields": { "email": "anna@x.example" } }))
            .await;
        company.turn().await;
        company.turn().await;
        let changes = feed(&company).await;
        assert_eq!(changes.len(), 2, "{changes:#?}");
        assert_eq!(
            said(&changes[0]),
            [
                &json!("RUN"),
                &json!("MATCHED"),
                &json!("anna"),
                &json!("INACTIVE"),
                &json!("anna")
            ]
        );
        assert_eq!(
            said(&changes[1]),
            [
                &json!("RUN"),
                &json!("INACTIVE"),
                &json!("anna"),
                &json!("MATCHED"),
                &json!("ben")
            ]
        );
        assert_eq!(changes[1]["identity"]["identity"]["username"], "wiki");

        company
            .edit(json!({ "edit": "hire", "userid": "cleo", "fields": { "email": "cleo@x.example", "active": true } }))
            .await;
        company
            .link(json!({ "identity": { "username": "wiki" }, "userId": "cleo" }))
            .await
            .unwrap();
        company.turn().await;
        company.turn().await;
        let changes = feed(&company).await;
        assert_eq!(changes.len(), 3, "{changes:#?}");
        assert_eq!(
            said(&changes[2]),
            [
                &json!("REQUEST"),
                &json!("MATCHED"),
                &json!("ben"),
                &json!("MATCHED"),
                &json!("cleo")
            ]
        );
        assert_eq!(changes[2]["causeId"], "test");

        for change in &changes {
            let event = tokio::time::timeout(Duration::from_secs(10), heard.next())
                .await
                .unwrap()
                .unwrap();
            assert!(event.errors.is_empty(), "{:?}", event.errors);
            let event = &event.data.into_json().unwrap()["matchChanges"];
            assert_eq!(
                (&event["cursor"], &event["userIdAfter"]),
                (&change["cursor"], &change["userIdAfter"])
            );
        }
        let all =
            "{ changes(first: 500) { nodes { cursor entity matchChange { userIdAfter } fields { field after } } } }";
        let data = company.data(all, json!({})).await;
        let of_identities: Vec<_> = data["changes"]["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|it| it["entity"] == "IDENTITY")
            .collect();
        assert_eq!(of_identities.len(), 3, "the change feed has them in its order");
        assert_eq!(of_identities[2]["cursor"], changes[2]["cursor"]);
        assert_eq!(of_identities[2]["matchChange"]["userIdAfter"], "cleo");
        drop(heard);
        company.server.stop().await;
        assert_eq!(of_identities[2]["fields"][1]["after"], "cleo");
        for (permission, shown) in [
            (Permission::IdentityRead, json!(["MATCHED", "cleo"])),
            (Permission::DirectoryContact, json!([null, null])),
        ] {
            let token = company.server.token(&[Permission::DirectoryRead, permission]);
            let all = "{ changes(first: 500) { nodes { entity fields { after } } } }";
            let answer = company.server.graphql(&token, all, json!({})).await;
            let nodes = answer["data"]["changes"]["nodes"].as_array().unwrap();
            let last = nodes.iter().rfind(|it| it["entity"] == "IDENTITY").unwrap();
            let values: Value = last["fields"]
                .as_array()
                .unwrap()
                .iter()
                .map(|it| it["after"].clone())
                .collect();
            assert_eq!(values, shown, "{permission:?}");
        }
    }
);

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_tell_a_change_once() {
    let database = TestDatabase::postgres().await;
    let company = Company::with(&database, PEOPLE).await;
    let other = TestServer::start(database.target(), &company.dingtalk).await;
    company
        .resolve(json!({ "username": "wiki", "email": "anna@x.example" }))
        .await;
    company.turn().await;
    // A replica that starts reconciles; the edit must not fall into that run.
    other.sync().await;
    company.edit(json!({ "edit": "leave", "userid": "anna" })).await;
    // Three turns together after it was told: each replica has then had every chance to tell it again.
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    let mut turns_after = 0;
    while turns_after < 3 {
        let (one, two) = tokio::join!(company.server.services.matching.turn(), other.services.matching.turn());
        one.unwrap();
        two.unwrap();
        if !feed(&company).await.is_empty() {
            turns_after += 1;
        }
        assert!(tokio::time::Instant::now() < deadline, "never told");
        tokio::time::sleep(Duration::from_millis(700)).await;
    }
    assert_eq!(feed(&company).await.len(), 1);
    assert_eq!(other.services.identities.memory.known().len(), 1);
    other.stop().await;
    company.server.stop().await;
    database.remove().await;
}
