//! When a sync, a link or another method makes somebody another person, the feed and the subscription say so.

use std::time::Duration;

use dingmirror::{
    auth::{Caller, Permission},
    clock::Clock,
    graphql::schema,
    id::id_at,
    identity::{ConfluenceIdentity, IdentityLink, LinkAction, LinkChange},
    store::Store,
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
            key: None,
            issuer: None,
            token: None,
            leeway: chrono::TimeDelta::zero(),
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
        drop(heard);
        company.server.stop().await;
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

both_databases!(
    async fn a_change_is_put_down_to_what_made_it_whatever_else_happened(database: TestDatabase) {
        let company = Company::with(database, PEOPLE).await;
        let by = |email: &str| json!({ "username": "wiki", "email": email });
        company.resolve(by("anna@x.example")).await;
        company.turn().await;
        company.resolve(by("ben@x.example")).await;
        company.turn().await;

        let mut runs = Vec::new();
        for edit in [
            json!({ "edit": "update_user", "userid": "anna", "fields": { "title": "x" } }),
            json!({ "edit": "leave", "userid": "ben" }),
            json!({ "edit": "update_user", "userid": "anna", "fields": { "title": "y" } }),
        ] {
            company
                .dingtalk
                .tell(reqwest::Method::POST, "edits", json!([edit]))
                .await;
            runs.push(company.server.sync().await.id);
        }
        company.turn().await;

        let identity = json!({ "username": "wiki" });
        let link = company
            .link(json!({ "identity": identity, "userId": "anna" }))
            .await
            .unwrap();
        company
            .edit(json!({ "edit": "update_user", "userid": "anna", "fields": { "title": "z" } }))
            .await;
        company.turn().await;
        let unlink = "mutation ($id: ID!) { unlinkIdentity(input: { id: $id }) { userErrors { code } } }";
        company.data(unlink, json!({ "id": link["id"] })).await;
        company.turn().await;

        let changes = feed(&company).await;
        let said: Vec<_> = changes
            .iter()
            .map(|it| [&it["cause"], &it["causeId"], &it["userIdAfter"]])
            .collect();
        let expected = [
            [json!("IDENTITY"), json!(""), json!("ben")],
            [json!("RUN"), json!(runs[1].to_string()), json!("ben")],
            [json!("REQUEST"), json!("test"), json!("anna")],
            [json!("REQUEST"), json!("test"), json!("ben")],
        ];
        assert_eq!(said, expected.each_ref().map(|it| it.each_ref()), "{changes:#?}");
        company.server.stop().await;
    }
);

both_databases!(
    async fn what_happened_while_nobody_watched_has_no_cause(database: TestDatabase) {
        let Company { dingtalk, server } = Company::with(database, PEOPLE).await;
        let query = "{ resolve(identities: [{ username: \"wiki\", email: \"anna@x.example\" }]) { status } }";
        server.data(query, json!({})).await;
        server.services.matching.turn().await.unwrap();
        server.stop().await;

        let store = Store::connect(database.target(), Clock::system()).await.unwrap();
        let at = Clock::system().now();
        let link = LinkChange {
            action: LinkAction::Linked,
            before: None,
            link: IdentityLink {
                id: id_at(at),
                identity: ConfluenceIdentity {
                    username: Some("wiki".into()),
                    ..Default::default()
                },
                userid: "ben".into(),
                reason: None,
                at,
                by: "another replica's caller".into(),
            },
            reason: None,
            imported: false,
        };
        store.change_links(0, &[link], "admin").await.unwrap();
        drop(store);

        let server = TestServer::start(database.target(), &dingtalk).await;
        let company = Company { dingtalk, server };
        company.turn().await;
        let changes = feed(&company).await;
        assert_eq!(
            [&changes[0]["cause"], &changes[0]["causeId"], &changes[0]["userIdAfter"]],
            [&json!("UNKNOWN"), &json!(""), &json!("ben")]
        );
        company.server.stop().await;
    }
);
