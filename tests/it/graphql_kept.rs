//! Answers that are kept until the directory changes: for whom, which, and how long.

use dingmirror::auth::Permission;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use crate::support::{
    database::TestDatabase,
    server::{TestDingTalk, TestServer, config},
};

const READER: &[Permission] = &[Permission::DirectoryRead];
const ALL: &[Permission] = &Permission::ALL;

/// More than 4 kB.
const PEOPLE: &str = "query People { users(first: 60) { nodes { id userId name title jobNumber } } }";
/// Email addresses need a permission of their own.
const CONTACTS: &str = "{ users(first: 60) { nodes { id userId name title email mobile } } }";

async fn post(
    server: &TestServer,
    permissions: &[Permission],
    body: &Value,
    staleness: Option<&str>,
) -> (HeaderMap, String) {
    let mut request = server
        .http
        .post(format!("{}/graphql", server.base))
        .bearer_auth(server.token(permissions))
        .json(body);
    if let Some(staleness) = staleness {
        request = request.header("mirror-max-staleness", staleness);
    }
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    (response.headers().clone(), response.text().await.unwrap())
}

/// How many answers were told again so far.
async fn told_again(server: &TestServer) -> u64 {
    let metrics = server.http.get(format!("{}/metrics", server.base)).send();
    let text = metrics.await.unwrap().text().await.unwrap();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("dingmirror_graphql_answers_told_again_total "));
    line.unwrap().parse().unwrap()
}

#[tokio::test]
async fn the_same_answer_is_told_again_until_the_directory_changes() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(80, 6).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;
    let body = json!({"query": PEOPLE});

    let (headers, first) = post(&server, READER, &body, None).await;
    assert!(first.len() > 4_096);
    assert_eq!(told_again(&server).await, 0);
    let (again, second) = post(&server, READER, &body, None).await;
    assert_eq!(told_again(&server).await, 1);
    assert_eq!(first, second);
    let told = |headers: &HeaderMap| {
        let mut all: Vec<_> = headers
            .iter()
            .filter(|(name, _)| !["x-request-id", "date"].contains(&name.as_str()))
            .map(|(name, value)| (name.to_string(), value.clone()))
            .collect();
        all.sort();
        all
    };
    assert_eq!(told(&headers), told(&again));

    dingtalk
        .tell(
            reqwest::Method::POST,
            "edits",
            json!({"edit": "hire", "userid": "0newcomer", "departments": [1]}),
        )
        .await;
    server.sync().await;
    let (_, third) = post(&server, READER, &body, None).await;
    assert!(third.contains("0newcomer"), "{third}");
    assert_eq!(told_again(&server).await, 1);
    assert_eq!(post(&server, READER, &body, None).await.1, third);
    assert_eq!(told_again(&server).await, 2);

    server.stop().await;
}

#[tokio::test]
async fn an_answer_is_told_again_only_to_those_who_may_see_the_same() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(80, 6).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;
    let body = json!({"query": CONTACTS});

    let (_, all) = post(&server, ALL, &body, None).await;
    assert!(all.contains("@"), "{all}");
    let (_, reader) = post(&server, READER, &body, None).await;
    assert!(!reader.contains("@") && reader.contains("FORBIDDEN"), "{reader}");
    let (_, nobody) = post(&server, &[], &body, None).await;
    assert!(nobody.contains("FORBIDDEN"), "{nobody}");
    assert_eq!(told_again(&server).await, 0);

    // An answer with errors isn't kept.
    post(&server, READER, &body, None).await;
    assert_eq!(told_again(&server).await, 0);
    assert_eq!(post(&server, ALL, &body, None).await.1, all);
    assert_eq!(told_again(&server).await, 1);

    let nobody = server.http.post(format!("{}/graphql", server.base)).json(&body);
    let nobody = nobody.send().await.unwrap().text().await.unwrap();
    assert!(!nobody.contains("@"), "{nobody}");
    let strange = server
        .http
        .post(format!("{}/graphql", server.base))
        .bearer_auth("no.good.token");
    assert_eq!(strange.json(&body).send().await.unwrap().status(), 401);
    assert_eq!(told_again(&server).await, 1);

    server.stop().await;
}

#[tokio::test]
async fn answers_that_depend_on_more_are_made_each_time() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(80, 6).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;

    for query in [
        "{ mirror { revision } users(first: 60) { nodes { id userId name title jobNumber } } }",
        "{ users(first: 80) { nodes { id userId name lastVerifiedAt } } }",
        "{ changes(first: 50) { nodes { id cause kind at } } }",
    ] {
        for _ in 0..2 {
            post(&server, ALL, &json!({"query": query}), None).await;
        }
        assert_eq!(told_again(&server).await, 0, "{query}");
    }

    // What wishes to know its age or its cost isn't kept, and what is kept doesn't answer it.
    let asked = json!({"query": PEOPLE});
    post(&server, ALL, &asked, None).await;
    for (body, staleness) in [
        (json!({"query": PEOPLE, "extensions": {"mirror": true}}), None),
        (json!({"query": PEOPLE, "extensions": {"cost": true}}), None),
        (json!({"query": PEOPLE, "extensions": {"maxStaleness": 3_600}}), None),
        (asked.clone(), Some("3600")),
    ] {
        for _ in 0..2 {
            post(&server, ALL, &body, staleness).await;
        }
        assert_eq!(told_again(&server).await, 0, "{body}");
    }

    // Small ones are kept like large ones.
    let heavy = json!({"query": "{ users(filter: { nameStartsWith: \"王\" }, first: 1) { totalCount } }"});
    let (_, first) = post(&server, ALL, &heavy, None).await;
    assert_eq!(post(&server, ALL, &heavy, None).await.1, first);
    assert_eq!(told_again(&server).await, 1);

    server.stop().await;
}

#[tokio::test]
async fn without_a_place_nothing_is_kept() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(80, 6).await;
    let mut config = config(database.target(), &dingtalk);
    config.kept_answers = 0;
    let server = TestServer::start_with(config).await;
    server.configure(dingtalk.settings()).await;
    server.sync().await;

    for _ in 0..3 {
        post(&server, ALL, &json!({"query": PEOPLE}), None).await;
    }
    assert_eq!(told_again(&server).await, 0);

    server.stop().await;
}
