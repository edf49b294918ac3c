//! Documents and requests made to bring the server down: each is refused with a code, at once, and the server goes on.

mod table;

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use table::table;

use crate::edge_support::{TestServer, answer, code};

/// A refusal takes at most so many times as long as the cheapest query; an unguarded case takes some thousand times as
/// long.
const TIMES_A_CHEAP_QUERY: u32 = 100;

/// At least three tries, and more if other work on the machine made all of them slow: the best one counts.
const TRIES: std::ops::Range<u32> = 3..30;

/// How quickly something is refused, beside a cheap query that is asked for in turn with it.
struct Quickness {
    tries: u32,
    refused: Duration,
    cheap: Duration,
}

impl Quickness {
    fn new() -> Self {
        Self {
            tries: 0,
            refused: Duration::MAX,
            cheap: Duration::MAX,
        }
    }

    fn is_fine(&self) -> bool {
        self.refused < self.cheap.saturating_mul(TIMES_A_CHEAP_QUERY)
    }

    /// Whether another try is needed.
    fn wants_more(&self) -> bool {
        self.tries < TRIES.start || (self.tries < TRIES.end && !self.is_fine())
    }

    fn add(&mut self, refused: Duration, cheap: Duration) {
        self.tries += 1;
        self.refused = self.refused.min(refused);
        self.cheap = self.cheap.min(cheap);
    }

    fn check(&self, name: &str) {
        assert!(
            self.is_fine(),
            "{name}: {:?}, a cheap query {:?}",
            self.refused,
            self.cheap
        );
    }
}

/// How long the server needs for its cheapest query.
async fn cheap_query(server: &TestServer) -> Duration {
    let started = Instant::now();
    server.still_answers().await;
    started.elapsed()
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
        let mut quickness = Quickness::new();
        while quickness.wants_more() {
            let started = Instant::now();
            let (status, body) = answer(server.post(&case.body)).await;
            quickness.add(started.elapsed(), cheap_query(&server).await);
            assert!((400..500).contains(&status), "{}: {status} {body}", case.name);
            assert_eq!(code(&body), case.code, "{}: {body}", case.name);
            let limit = body["errors"][0]["extensions"]["limit"].as_str();
            assert_eq!(limit, case.limit, "{}: {body}", case.name);
            assert!(body.get("data").is_none(), "{}", case.name);
            assert!(body.to_string().len() < 10_000, "{}: the answer is long", case.name);
        }
        quickness.check(case.name);
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
        let mut quickness = Quickness::new();
        while quickness.wants_more() {
            let started = Instant::now();
            socket
                .say(json!({"id": "x", "type": "subscribe", "payload": case.body}))
                .await;
            let error = socket.hear().await;
            quickness.add(started.elapsed(), cheap_query(&server).await);
            assert_eq!(error["type"], "error", "{}: {error}", case.name);
            let first = &error["payload"][0]["extensions"];
            assert_eq!(first["code"], case.code, "{}: {error}", case.name);
            assert_eq!(first["limit"].as_str(), case.limit, "{}: {error}", case.name);
        }
        quickness.check(case.name);
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
        let mut quickness = Quickness::new();
        while quickness.wants_more() {
            let request = server.post(&Value::Null).body(body.clone());
            let started = Instant::now();
            let (status, body) = answer(request).await;
            quickness.add(started.elapsed(), cheap_query(&server).await);
            assert_eq!((status, code(&body)), (expected, expected_code), "{name}: {body}");
        }
        quickness.check(name);
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
