//! Answers that are the same again: `ETag` and 304; how old an answer may be; what lists cost where little is there.

use std::{sync::Arc, time::Duration};

use dingmirror::{
    auth::{Permission, TokenVerifier},
    directory::SnapshotHandle,
    graphql::{Services, schema},
    http::{self, Connections, HttpConfig, MirrorAccess},
};
use reqwest::{Response, header::HeaderMap};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::support::{
    database::TestDatabase,
    server::{JWT_SECRET, TestDingTalk, TestServer},
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

    // How the mirror stands is told to those who may read it.
    for extensions in [json!({ "mirror": true }), json!({ "maxStaleness": 0 })] {
        let sender = server.token(&[Permission::MessageSend]);
        for (token, code) in [(None, "UNAUTHENTICATED"), (Some(&sender), "FORBIDDEN")] {
            let mut request = server.http.post(format!("{}/graphql", server.base));
            if let Some(token) = token {
                request = request.bearer_auth(token);
            }
            let request = request.json(&json!({ "query": "{ version }", "extensions": extensions }));
            let told: Value = request.send().await.unwrap().json().await.unwrap();
            assert_eq!(told["errors"][0]["extensions"]["code"], code, "{extensions}: {told}");
            assert!(told.get("extensions").is_none(), "{told}");
        }
    }

    server.stop().await;
}

/// The edge of a replica of `server` that shows what is in `snapshots`: its address.
async fn replica(server: &TestServer, snapshots: &SnapshotHandle) -> String {
    let (services, shutdown) = (server.services.clone(), CancellationToken::new());
    let clock = services.clock.clone();
    let mirror = MirrorAccess::new(services.store.clone(), snapshots.clone(), clock.clone());
    let config = HttpConfig {
        mirror: Some(mirror),
        ..HttpConfig::default()
    };
    let schema = schema(Services {
        snapshots: snapshots.clone(),
        ..services
    });
    let router = http::router(
        config,
        schema,
        TokenVerifier::new(&JWT_SECRET.into(), clock.clone()),
        Arc::new(|| Box::pin(async { http::Readiness::default() })),
        clock,
        shutdown.clone(),
    );

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(http::serve(listener, router, Connections::default(), shutdown));
    base
}

both_databases!(
    async fn the_age_of_an_answer_is_that_of_what_the_replica_shows(database: TestDatabase) {
        const MIRROR: &str = "{ mirror { epoch revision asOf verdict } }";
        let dingtalk = TestDingTalk::start(30, 6).await;
        let server = TestServer::synced(database.target(), &dingtalk).await;
        let snapshots = SnapshotHandle::new((*server.services.snapshots.current()).clone());
        let base = replica(&server, &snapshots).await;
        let ask = async |extensions: Value| {
            let request = server
                .http
                .post(format!("{base}/graphql"))
                .bearer_auth(server.admin_token());
            let request = request.json(&json!({ "query": MIRROR, "extensions": extensions }));
            request.send().await.unwrap().json::<Value>().await.unwrap()
        };
        let of_server = async || server.data(MIRROR, json!({})).await["mirror"].take();
        let of_replica = async || {
            let answer = ask(json!({ "mirror": true })).await;
            assert_eq!(answer["extensions"]["mirror"], answer["data"]["mirror"], "{answer}");
            answer["data"]["mirror"].clone()
        };

        let first = of_server().await;
        assert_eq!(of_replica().await, first);
        tokio::time::sleep(Duration::from_secs(2)).await;
        dingtalk
            .tell(reqwest::Method::POST, "churn", json!({ "count": 10 }))
            .await;
        // The second of them finds nothing to change.
        for _ in 0..2 {
            server.sync().await;
        }
        let second = of_server().await;
        assert_ne!(second["revision"], first["revision"]);

        assert_eq!(of_replica().await, first, "what it shows is as old as before");
        let answer = ask(json!({ "maxStaleness": 1.5 })).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "STALE", "{answer}");
        snapshots.publish((*server.services.snapshots.current()).clone());
        assert_eq!(of_replica().await, second);
        server.stop().await;
    }
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_of_an_answer_is_of_one_revision() {
    // SQLite keeps no reader waiting.
    let database = TestDatabase::postgres().await;
    let dingtalk = TestDingTalk::start(20, 4).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;
    let people = dingtalk.control("directory").await["users"].take();
    let somebody = &people[3]["userid"];
    let query = "query ($id: String!) { user(userId: $id) { revision title } mirror { revision } }";
    let before = server.data(query, json!({ "id": somebody })).await;

    // Half of the answer waits for the database while somebody else changes the directory.
    let mut beside = database.beside().await;
    beside.run("BEGIN; LOCK TABLE sync_runs IN ACCESS EXCLUSIVE MODE").await;
    let asked = server.data(query, json!({ "id": somebody }));
    let meanwhile = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let edit = json!([{ "edit": "update_user", "userid": somebody, "fields": { "title": "changed" } }]);
        dingtalk.tell(reqwest::Method::POST, "edits", edit).await;
        let refresh = "mutation ($id: String!) { refreshUser(input: { userId: $id }) { user { title revision } } }";
        let refreshed = server.data(refresh, json!({ "id": somebody })).await["refreshUser"]["user"].take();
        assert_eq!(refreshed["title"], "changed", "a mutation shows what it has changed");
        beside.run("COMMIT").await;
        refreshed
    };
    let (answer, refreshed) = tokio::join!(asked, meanwhile);
    assert_eq!(answer, before);

    let after = server.data(query, json!({ "id": somebody })).await;
    assert_eq!(after["user"], refreshed);
    assert_eq!(after["mirror"]["revision"], refreshed["revision"]);
    server.stop().await;
    database.remove().await;
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
