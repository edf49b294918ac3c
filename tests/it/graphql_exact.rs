//! Answers that are the same again: `ETag` and 304; how old an answer may be; what lists cost where little is there.

use dingmirror::auth::Permission;
use reqwest::{Response, header::HeaderMap};
use serde_json::{Value, json};

use crate::support::{
    database::TestDatabase,
    server::{TestDingTalk, TestServer},
};

const COMPANY: &str = "{ department(deptId: 1) { name children { nodes { name } } } }";

/// GET as a caller with these permissions, with these headers.
async fn get(
    server: &TestServer,
    permissions: &[Permission],
    query: &str,
    headers: &[(&'static str, &str)],
) -> Response {
    let mut request = server
        .http
        .get(format!("{}/graphql", server.base))
        .query(&[("query", query)])
        .bearer_auth(server.token(permissions));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).map(|value| value.to_str().unwrap())
}

async fn tag(server: &TestServer, permissions: &[Permission], query: &str) -> Option<String> {
    let response = get(server, permissions, query, &[]).await;
    assert_eq!(response.status(), 200);
    header(response.headers(), "etag").map(ToOwned::to_owned)
}

const READER: &[Permission] = &[Permission::DirectoryRead];
const ALL: &[Permission] = &Permission::ALL;

#[tokio::test]
async fn an_answer_that_a_caller_has_is_not_sent_again() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(40, 6).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;

    let first = get(&server, READER, COMPANY, &[]).await;
    let headers = first.headers().clone();
    let tag_of_it = header(&headers, "etag").unwrap().to_owned();
    assert!(!tag_of_it.starts_with("W/"), "{tag_of_it}");
    assert_eq!(header(&headers, "cache-control"), Some("private, no-cache"));
    assert!(header(&headers, "vary").unwrap().contains("authorization"));
    assert!(first.json::<Value>().await.unwrap()["data"]["department"]["name"].is_string());

    for known in [
        tag_of_it.clone(),
        format!("\"other\", {tag_of_it}"),
        format!("W/{tag_of_it}"),
    ] {
        let again = get(&server, READER, COMPANY, &[("if-none-match", &known)]).await;
        assert_eq!(again.status(), 304, "{known}");
        assert!(header(again.headers(), "etag").is_some());
        assert_eq!(header(again.headers(), "cache-control"), Some("private, no-cache"));
        assert!(again.bytes().await.unwrap().is_empty());
    }

    // Compressed it is another one, which is known as well.
    let compressed = get(
        &server,
        READER,
        "{ users(first: 40) { nodes { userId name id } } }",
        &[("accept-encoding", "gzip")],
    )
    .await;
    let gzip = header(compressed.headers(), "etag").unwrap().to_owned();
    assert!(gzip.ends_with("-gzip\""), "{gzip}");
    let again = get(
        &server,
        READER,
        "{ users(first: 40) { nodes { userId name id } } }",
        &[("if-none-match", &gzip)],
    )
    .await;
    assert_eq!(again.status(), 304);

    server.stop().await;
}

#[tokio::test]
async fn what_one_caller_has_says_nothing_to_another() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(40, 6).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;
    let people = "{ users(first: 5) { nodes { userId } } }";

    let reader = tag(&server, READER, people).await.unwrap();
    let all = tag(&server, ALL, people).await.unwrap();
    assert_ne!(reader, all);
    assert_eq!(tag(&server, READER, people).await.as_deref(), Some(&*reader));

    for (permissions, known, status) in [
        (READER, &all, 200),
        (ALL, &reader, 200),
        (ALL, &all, 304),
        (&[][..], &all, 200),
    ] {
        let response = get(&server, permissions, people, &[("if-none-match", known)]).await;
        assert_eq!(response.status(), status, "{permissions:?}");
    }
    let nobody = server
        .http
        .get(format!("{}/graphql", server.base))
        .query(&[("query", people)]);
    let nobody = nobody.header("if-none-match", &all).send().await.unwrap();
    assert_eq!((nobody.status().as_u16(), nobody.headers().get("etag")), (200, None));

    // An answer with errors, and whatever depends on more than the snapshot, has no tag.
    let mail = "{ users(first: 5) { nodes { email } } }";
    assert_eq!(tag(&server, READER, mail).await, None);
    assert!(tag(&server, ALL, mail).await.is_some());
    for other in [
        "{ mirror { revision } }",
        "{ viewer { subject } }",
        "{ users(first: 1) { nodes { lastVerifiedAt } } }",
        "{ users(first: 1) { nodes { name confluenceIdentities { totalCount } } } }",
        "{ department(deptId: 1) { name } changes(first: 1) { nodes { id } } }",
    ] {
        assert_eq!(tag(&server, ALL, other).await, None, "{other}");
    }

    server.stop().await;
}

#[tokio::test]
async fn a_change_of_the_directory_changes_the_tag() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(40, 6).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;
    let before = tag(&server, READER, COMPANY).await.unwrap();
    let revision = server.services.snapshots.current().revision();

    dingtalk
        .tell(
            reqwest::Method::POST,
            "edits",
            json!({"edit": "hire", "userid": "newcomer", "departments": [1]}),
        )
        .await;
    server.sync().await;
    assert!(server.services.snapshots.current().revision() > revision);
    let again = get(&server, READER, COMPANY, &[("if-none-match", &before)]).await;
    assert_eq!(again.status(), 200);
    assert_ne!(header(again.headers(), "etag"), Some(&*before));

    server.stop().await;
}

#[tokio::test]
async fn an_answer_that_is_too_old_is_refused_and_one_tells_its_age() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(20, 4).await;
    let server = TestServer::start(database.target(), &dingtalk).await;
    let ask = async |extensions: Value, header: Option<&str>| {
        let mut request = server
            .http
            .post(format!("{}/graphql", server.base))
            .header("accept", "application/graphql-response+json")
            .bearer_auth(server.admin_token())
            .json(&json!({"query": "{ department(deptId: 1) { name } }", "extensions": extensions}));
        if let Some(header) = header {
            request = request.header("mirror-max-staleness", header);
        }
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json::<Value>().await.unwrap())
    };

    let (status, told) = ask(json!({"maxStaleness": 1_000_000}), None).await;
    assert_eq!(
        (status, &told["errors"][0]["extensions"]["code"]),
        (412, &json!("STALE")),
        "no sync yet: {told}"
    );

    server.configure(dingtalk.settings()).await;
    server.sync().await;
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    for (extensions, header, expected) in [
        (json!({}), None, 200),
        (json!({"maxStaleness": 3_600}), None, 200),
        (json!({"maxStaleness": 0.5}), None, 412),
        (json!({}), Some("0"), 412),
        (json!({"maxStaleness": 3_600}), Some("0.5"), 412),
        (json!({"maxStaleness": 0.5}), Some("3600"), 412),
        (json!({"maxStaleness": "1"}), None, 400),
        (json!({}), Some("soon"), 400),
    ] {
        let (status, told) = ask(extensions.clone(), header).await;
        assert_eq!(status, expected, "{extensions} {header:?}: {told}");
        if status == 412 {
            assert!(
                told["errors"][0]["extensions"]["ageSeconds"].as_i64().unwrap() >= 1,
                "{told}"
            );
            assert!(told.get("data").is_none());
        }
    }

    let (_, told) = ask(json!({"mirror": true}), None).await;
    let mirror = server
        .data("{ mirror { epoch revision asOf verdict } }", json!({}))
        .await;
    assert_eq!(told["extensions"]["mirror"], mirror["mirror"], "{told}");
    assert!(ask(json!({}), None).await.1.get("extensions").is_none());

    server.stop().await;
}

#[tokio::test]
async fn an_org_chart_of_three_levels_costs_what_is_there() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(60, 12).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;
    let people = "members { nodes { user { name title } } }";
    let chart = format!(
        "{{ department(deptId: 1) {{ children {{ nodes {{ name {people} children {{ nodes {{ name {people}
            children {{ nodes {{ name {people} }} }} }} }} }} }} }} }}"
    );
    let answer = server.data(&chart, json!({})).await;
    assert!(answer["department"]["children"]["nodes"][0]["name"].is_string());

    // What computes for long is counted for each of those that are there.
    let searches: String = (0..60)
        .map(|n| format!("a{n}: users(filter: {{ search: \"x\" }}, first: 1) {{ totalCount }} "))
        .collect();
    let told = server
        .graphql(&server.admin_token(), &format!("{{ {searches} }}"), json!({}))
        .await;
    let extensions = &told["errors"][0]["extensions"];
    assert_eq!(extensions["limit"], "complexity", "{told}");
    assert!(extensions["cost"].as_i64().unwrap() > 100_000);
    assert_eq!(extensions["costliestField"], "a0", "{told}");

    server.stop().await;
}
