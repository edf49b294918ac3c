//! Documents and requests made to bring the server down: each is refused with a code, at once, and the server goes on.

mod table;

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use table::table;

use crate::edge_support::{TestServer, answer, code};

/// The issue's bound, kept by a debug build too.
const AT_ONCE: Duration = Duration::from_millis(50);

/// At least three tries, and more if other work on the machine made all of them slow: the best one counts.
const TRIES: std::ops::Range<u32> = 3..30;

fn enough(tries: u32, best: Duration) -> bool {
    tries >= TRIES.end || (tries >= TRIES.start && best < AT_ONCE)
}

/// What the whole table may add to the process's memory, with other tests beside it. One unguarded case takes 3.4 GB.
const MEMORY_KB: u64 = 400 * 1024;

fn peak_memory_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn over_http_each_is_refused_at_once_and_the_server_goes_on() {
    let server = TestServer::start().await;
    server.still_answers().await;
    let before = peak_memory_kb();
    for case in table() {
        let (mut tries, mut best) = (0, Duration::MAX);
        while !enough(tries, best) {
            tries += 1;
            let started = Instant::now();
            let (status, body) = answer(server.post(&case.body)).await;
            best = best.min(started.elapsed());
            assert!((400..500).contains(&status), "{}: {status} {body}", case.name);
            assert_eq!(code(&body), case.code, "{}: {body}", case.name);
            let limit = body["errors"][0]["extensions"]["limit"].as_str();
            assert_eq!(limit, case.limit, "{}: {body}", case.name);
            assert!(body.get("data").is_none(), "{}", case.name);
            assert!(body.to_string().len() < 10_000, "{}: the answer is long", case.name);
        }
        assert!(best < AT_ONCE, "{}: {best:?}", case.name);
        server.still_answers().await;
    }
    let grown = peak_memory_kb().saturating_sub(before);
    assert!(grown < MEMORY_KB, "{grown} kB more");
}

#[tokio::test(flavor = "multi_thread")]
async fn over_websocket_each_is_refused_at_once_and_the_connection_goes_on() {
    let server = TestServer::start().await;
    let mut socket = server.ready_socket().await;
    let before = peak_memory_kb();
    for case in table() {
        let (mut tries, mut best) = (0, Duration::MAX);
        while !enough(tries, best) {
            tries += 1;
            let started = Instant::now();
            socket
                .say(json!({"id": "x", "type": "subscribe", "payload": case.body}))
                .await;
            let error = socket.hear().await;
            best = best.min(started.elapsed());
            assert_eq!(error["type"], "error", "{}: {error}", case.name);
            let first = &error["payload"][0]["extensions"];
            assert_eq!(first["code"], case.code, "{}: {error}", case.name);
            assert_eq!(first["limit"].as_str(), case.limit, "{}: {error}", case.name);
        }
        assert!(best < AT_ONCE, "{}: {best:?}", case.name);
    }
    socket.subscribe("x", "{ hello }").await;
    assert_eq!(socket.hear().await["type"], "next");
    let grown = peak_memory_kb().saturating_sub(before);
    assert!(grown < MEMORY_KB, "{grown} kB more");
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_no_request_are_refused_at_once() {
    let server = TestServer::start().await;
    let batch = json!(vec![json!({"query": "{ hello }"}); 1_000]).to_string();
    let cases: Vec<(&str, Vec<u8>, u16, &str)> = vec![
        (
            "JSON, 100,000 deep",
            "[".repeat(100_000).into_bytes(),
            400,
            "BAD_REQUEST",
        ),
        (
            "JSON objects, deep",
            r#"{"a":"#.repeat(50_000).into_bytes(),
            400,
            "BAD_REQUEST",
        ),
        ("a batch of 1,000", batch.into_bytes(), 400, "BAD_REQUEST"),
        ("no UTF-8", vec![0xff; 1_000], 400, "BAD_REQUEST"),
        ("nothing", Vec::new(), 400, "BAD_REQUEST"),
        (
            "a document of 100 kB",
            json!({"query": "#".repeat(100_000)}).to_string().into_bytes(),
            413,
            "DOCUMENT_TOO_LARGE",
        ),
        (
            "variables of 1.5 MB",
            json!({"query": "query($t: String!) { echo(text: $t) }", "variables": {"t": "x".repeat(1_500_000)}})
                .to_string()
                .into_bytes(),
            422,
            "LIMIT_EXCEEDED",
        ),
    ];
    for (name, body, expected, expected_code) in cases {
        let (mut tries, mut best) = (0, Duration::MAX);
        while !enough(tries, best) {
            tries += 1;
            let request = server.post(&Value::Null).body(body.clone());
            let started = Instant::now();
            let (status, body) = answer(request).await;
            best = best.min(started.elapsed());
            assert_eq!((status, code(&body)), (expected, expected_code), "{name}: {body}");
        }
        assert!(best < AT_ONCE, "{name}: {best:?}");
        server.still_answers().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_50_mb_is_refused_before_it_is_read_and_never_kept() {
    let server = TestServer::start().await;
    let body = bytes::Bytes::from(vec![b' '; 50_000_000]);
    server.still_answers().await;
    let before = peak_memory_kb();
    let (status, answer_) = answer(server.post(&Value::Null).body(body.clone())).await;
    assert_eq!((status, code(&answer_)), (413, "DOCUMENT_TOO_LARGE"));
    // Without an announced length it is read up to the limit only; the rest of the stream meets a closed connection.
    let mut raw = tokio::net::TcpStream::connect(server.address).await.unwrap();
    let head =
        "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    raw.write_all(head.as_bytes()).await.unwrap();
    let chunk = format!("{:x}\r\n{}\r\n", 1_000_000, " ".repeat(1_000_000));
    for _ in 0..50 {
        if raw.write_all(chunk.as_bytes()).await.is_err() {
            break;
        }
    }
    assert!(peak_memory_kb().saturating_sub(before) < MEMORY_KB);
    server.still_answers().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_nobody_could_foresee_is_cut_off() {
    let server = TestServer::start().await;
    let (status, body) = server.query("{ numbers(count: 200000) }").await;
    assert_eq!((status, code(&body)), (422, "LIMIT_EXCEEDED"));
    assert_eq!(body["errors"][0]["extensions"]["limit"], "responseNodes");
    server.still_answers().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn introspection_as_graphiql_asks_it_is_answered() {
    let server = TestServer::start().await;
    let document = include_str!("../../../src/graphql/admission/introspection.graphql");
    let (status, body) = server.query(document).await;
    assert_eq!(status, 200, "{body}");
    assert!(body["data"]["__schema"]["types"].as_array().unwrap().len() > 10);
}
