//! The access log: nothing by default, and a line of JSON for each request where the operator wants it.

use std::collections::BTreeSet;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use crate::support::{database::TestDatabase, process::Process, server::TestDingTalk};

const WANTED: (&str, &str) = ("DINGMIRROR_LOG", "info,dingmirror::access=debug");

/// What every line has.
const ALWAYS: [&str; 6] = ["timestamp", "level", "target", "message", "address", "request.id"];

/// What the page for operators says of a request's line.
const PAGE: &str = include_str!("../../../docs/operating.md");

/// Asks as the operator, as a stranger, with a bad token, and by a WebSocket.
async fn ask(running: &Process) {
    let url = format!("{}/graphql", running.base);
    let body = json!({ "query": "query Who { viewer { subject } }" });
    let request = || running.http.post(format!("{url}?by=the-query-string")).json(&body);
    let known = request()
        .bearer_auth(&running.token)
        .header("x-request-id", "of-the-operator")
        .header("x-forwarded-for", "198.51.100.1, 203.0.113.7");
    assert_eq!(known.send().await.unwrap().status(), 200);
    let stranger = request().header("x-request-id", "of-a-stranger");
    assert_eq!(stranger.send().await.unwrap().status(), 200);
    let refused = request().bearer_auth("no.token").header("x-request-id", "refused");
    assert_eq!(refused.send().await.unwrap().status(), 401);
    over_websocket(running).await;
}

async fn over_websocket(running: &Process) {
    let url = format!("{}/graphql/ws", running.base.replace("http://", "ws://"));
    let mut request = url.into_client_request().unwrap();
    let headers = request.headers_mut();
    headers.insert("sec-websocket-protocol", "graphql-transport-ws".parse().unwrap());
    headers.insert("x-request-id", "of-a-socket".parse().unwrap());
    let (mut socket, _) = connect_async(request).await.unwrap();

    let init = json!({ "type": "connection_init", "payload": { "token": running.token } });
    socket.send(Message::text(init.to_string())).await.unwrap();
    let asked = json!({ "id": "1", "type": "subscribe", "payload": { "query": "query Mine { viewer { subject } }" } });
    socket.send(Message::text(asked.to_string())).await.unwrap();
    while let Some(Ok(message)) = socket.next().await {
        if message.to_text().is_ok_and(|text| text.contains("\"complete\"")) {
            break;
        }
    }
}

/// The line of this request, and no other one has its id.
fn line(log: &str, id: &str) -> Value {
    let lines = log
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line of JSON"));
    let mut of_it = lines.filter(|line: &Value| line["request.id"] == id && line["target"] == "dingmirror::access");
    let line = of_it.next().unwrap_or_else(|| panic!("no line of {id}: {log}"));
    assert!(id == "of-a-socket" || of_it.next().is_none(), "{id} has two");
    line
}

fn fields(line: &Value) -> BTreeSet<&str> {
    line.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn a_request_is_a_line_with_its_caller_and_nothing_that_it_carried() {
    let (database, dingtalk) = (TestDatabase::sqlite().await, TestDingTalk::start(10, 2).await);
    let settings = [
        WANTED,
        ("DINGMIRROR_LOG_FORMAT", "json"),
        ("DINGMIRROR_TRUSTED_PROXIES", "127.0.0.0/8"),
    ];
    let running = Process::serving(&database, &dingtalk, &settings).await;
    ask(&running).await;
    let log = running.end_by("TERM").await;

    let request = ["method", "path", "status", "duration_ms"];
    let of_request = |more: &[&'static str]| -> BTreeSet<&str> {
        ALWAYS.into_iter().chain(request).chain(more.iter().copied()).collect()
    };
    let known = line(&log, "of-the-operator");
    assert_eq!(fields(&known), of_request(&["subject", "operation"]), "{known}");
    assert_eq!((&known["method"], &known["path"]), (&json!("POST"), &json!("/graphql")));
    assert_eq!(
        (&known["status"], &known["address"]),
        (&json!(200), &json!("203.0.113.7"))
    );
    assert_eq!(
        (&known["subject"], &known["operation"]),
        (&json!("the operator"), &json!("Who"))
    );
    assert!(known["duration_ms"].as_f64().is_some_and(|ms| ms > 0.0), "{known}");
    assert_eq!(
        (&known["level"], &known["message"]),
        (&json!("DEBUG"), &json!("request"))
    );

    let stranger = line(&log, "of-a-stranger");
    assert_eq!(fields(&stranger), of_request(&["operation"]), "{stranger}");
    assert_eq!(stranger["address"], "127.0.0.1");
    let refused = line(&log, "refused");
    assert_eq!(fields(&refused), of_request(&["refused"]), "{refused}");
    assert_eq!(
        (&refused["status"], &refused["refused"]),
        (&json!(401), &json!("UNAUTHENTICATED"))
    );

    let operation = log
        .lines()
        .find(|line| line.contains("operation over WebSocket"))
        .unwrap();
    let operation: Value = serde_json::from_str(operation).unwrap();
    let expected: BTreeSet<_> = ALWAYS.into_iter().chain(["subject", "operation"]).collect();
    assert_eq!(fields(&operation), expected, "{operation}");
    assert_eq!(
        (&operation["request.id"], &operation["operation"]),
        (&json!("of-a-socket"), &json!("Mine"))
    );

    assert!(!log.contains("the-query-string") && !log.contains("viewer"), "{log}");
    for field in fields(&known).into_iter().chain(["refused"]) {
        assert!(
            PAGE.contains(&format!("| `{field}` |")),
            "docs/operating.md says nothing of {field}"
        );
    }
}

#[tokio::test]
async fn by_default_a_request_that_is_answered_leaves_no_line() {
    let (database, dingtalk) = (TestDatabase::sqlite().await, TestDingTalk::start(10, 2).await);
    let running = Process::serving(&database, &dingtalk, &[("DINGMIRROR_LOG_FORMAT", "json")]).await;
    ask(&running).await;
    let log = running.end_by("TERM").await;

    assert!(
        log.contains("a token or key was refused"),
        "why one was refused is told: {log}"
    );
    assert!(!log.contains("dingmirror::access"), "{log}");
}
