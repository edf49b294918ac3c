//! Those who say little, slowly, or listen slowly.

use std::time::Duration;

use futures_util::FutureExt;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::sleep,
};

use super::{
    Attack, Force,
    swarm::{Tally, swarm},
    target::{Target, answer, closed, connect, send},
};

macro_rules! attack {
    ($name:literal, $run:expr) => {
        Attack {
            name: $name,
            run: |target, force, tally| ($run)(target, force, tally).boxed(),
        }
    };
}
pub(super) use attack;

pub(super) const ALL: &[Attack] = &[
    attack!("says nothing", |t, f, y| dribble(t, f, y, "", "")),
    attack!("slow head", |t, f, y| dribble(
        t,
        f,
        y,
        "GET / HTTP/1.1\r\nHost: x\r\nA: ",
        "a"
    )),
    attack!("TLS and other noise", |t, f, y| dribble(
        t,
        f,
        y,
        "\x16\x03\x01\x02\x00\x01",
        "\x01"
    )),
    attack!("slow body to /graphql", |t, f, y| dribble(
        t,
        f,
        y,
        body("/graphql"),
        " "
    )),
    attack!("slow body to /dingtalk/events", |t, f, y| dribble(
        t,
        f,
        y,
        body("/dingtalk/events?signature=a&timestamp=1&nonce=b"),
        "x"
    )),
    attack!("900 kB of a body to /dingtalk/events, then nothing", |t, f, y| dribble(
        t,
        f,
        y,
        body("/dingtalk/events?signature=a&timestamp=1&nonce=b") + &" ".repeat(900_000),
        ""
    )),
    attack!("900 kB of a body to /graphql, then nothing", |t, f, y| dribble(
        t,
        f,
        y,
        body("/graphql") + &" ".repeat(900_000),
        ""
    )),
    attack!("slow body to /readyz", |t, f, y| dribble(t, f, y, body("/readyz"), "x")),
    attack!("slow body to a page", |t, f, y| dribble(
        t,
        f,
        y,
        body("/graphiql"),
        "x"
    )),
    attack!("slow body to the WebSocket's address", |t, f, y| dribble(
        t,
        f,
        y,
        body("/graphql/ws"),
        "x"
    )),
    attack!("chunks of one byte", |t, f, y| dribble(
        t,
        f,
        y,
        "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
        "1\r\n \r\n"
    )),
    attack!("half-open: asks and closes its side", half_open),
    attack!("comes and goes", comes_and_goes),
    attack!("reads no large answer", |t, f, y| reads_nothing(
        t,
        f,
        y,
        "{users(first:500){nodes{a:raw b:raw c:raw}}}",
        ""
    )),
    attack!("reads no large compressed answer", |t, f, y| reads_nothing(
        t,
        f,
        y,
        "{users(first:500){nodes{a:raw b:raw c:raw}}}",
        "Accept-Encoding: br\r\n"
    )),
    attack!("reads no event of a stream", |t, f, y| reads_nothing(
        t,
        f,
        y,
        "subscription{syncProgress{id}}",
        "Accept: text/event-stream\r\n"
    )),
    attack!("reads no page", reads_no_page),
    attack!("asks for 200 pages at once and reads none", pipelines),
];

fn body(path: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n")
}

/// Sends `first`, then `next` every half second.
async fn dribble(target: &Target, force: Force, tally: Tally, first: impl Into<Vec<u8>>, next: &'static str) {
    let (address, first) = (target.address, bytes::Bytes::from(first.into()));
    swarm(force.many, |_| {
        let (first, tally) = (first.clone(), tally.clone());
        async move {
            let Some(mut stream) = connect(address).await else {
                return tally.add("no connection");
            };
            let (mut reading, mut writing) = stream.split();
            let dribble = async {
                let mut sent = writing.write_all(&first).await;
                while sent.is_ok() {
                    sleep(Duration::from_millis(500)).await;
                    sent = writing.write_all(next.as_bytes()).await;
                }
                // What the server said last is still to be read.
                std::future::pending::<()>().await;
            };

            let mut head = [0; 12];
            tokio::select! {
                () = dribble => {}
                read = reading.read_exact(&mut head) => match read {
                    Ok(_) => tally.add(String::from_utf8_lossy(&head[9..]).into_owned()),
                    Err(_) => tally.add("closed"),
                },
            }
        }
    })
    .await;
}

async fn half_open(target: &Target, force: Force, tally: Tally) {
    let address = target.address;
    swarm(force.many, |_| {
        let tally = tally.clone();
        async move {
            let Some(mut stream) = connect(address).await else {
                return tally.add("no connection");
            };
            send(&mut stream, b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n").await;
            let _ = stream.shutdown().await;
            tally.add(answer(&mut stream).await);
            closed(&mut stream).await;
        }
    })
    .await;
}

async fn comes_and_goes(target: &Target, force: Force, tally: Tally) {
    let address = target.address;
    swarm(force.few, |_| {
        let tally = tally.clone();
        async move {
            loop {
                let came = connect(address).await.is_some();
                tally.add(if came { "came and went" } else { "no connection" });
                sleep(Duration::from_millis(2)).await;
            }
        }
    })
    .await;
}

async fn reads_nothing(target: &Target, force: Force, tally: Tally, query: &str, headers: &str) {
    let (address, token) = (target.address, &target.token);
    let body = serde_json::json!({ "query": query }).to_string();
    let request = format!(
        "POST /graphql HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n{headers}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );

    swarm(force.many / 7, |_| {
        let (request, tally) = (request.clone(), tally.clone());
        async move {
            let Some(mut stream) = connect(address).await else {
                return tally.add("no connection");
            };
            send(&mut stream, request.as_bytes()).await;
            // The status, and nothing of what follows.
            tally.add(answer(&mut stream).await);
            std::future::pending().await
        }
    })
    .await;
}

async fn reads_no_page(target: &Target, force: Force, tally: Tally) {
    let address = target.address;
    swarm(force.many, |_| {
        let tally = tally.clone();
        async move {
            let Some(mut stream) = connect(address).await else {
                return tally.add("no connection");
            };
            let request = "GET /schema.graphql HTTP/1.1\r\nHost: x\r\nAccept-Encoding: br, gzip\r\n\r\n";
            send(&mut stream, request.as_bytes()).await;
            tally.add(answer(&mut stream).await);
            std::future::pending().await
        }
    })
    .await;
}

async fn pipelines(target: &Target, force: Force, tally: Tally) {
    let address = target.address;
    swarm(force.many / 8, |_| {
        let tally = tally.clone();
        async move {
            let Some(mut stream) = connect(address).await else {
                return tally.add("no connection");
            };
            let request = "GET /schema.graphql HTTP/1.1\r\nHost: x\r\n\r\n".repeat(200);
            send(&mut stream, request.as_bytes()).await;
            tally.add(answer(&mut stream).await);
            std::future::pending().await
        }
    })
    .await;
}
