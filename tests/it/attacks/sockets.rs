//! WebSockets and streams of events.

use std::time::Duration;

use futures_util::FutureExt;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::sleep,
};

use super::{
    Attack, Force,
    slow::attack,
    swarm::{Tally, swarm},
    target::{Target, connect, send},
};

const INIT: &str = r#"{"type":"connection_init"}"#;

pub(super) const ALL: &[Attack] = &[
    attack!("anonymous sockets, silent", |t, f, y| sockets(
        t,
        f,
        y,
        f.many,
        Vec::new(),
        Vec::new()
    )),
    attack!("anonymous sockets with pongs", |t, f, y| sockets(
        t,
        f,
        y,
        f.many,
        text(INIT),
        frame(0x8a, b"")
    )),
    attack!("anonymous sockets with 900 kB of a message", |t, f, y| sockets(
        t,
        f,
        y,
        f.many / 8,
        begun(0x81, 1_000_000, 900_000),
        Vec::new()
    )),
    attack!("frames that announce a gigabyte", |t, f, y| sockets(
        t,
        f,
        y,
        f.many,
        begun(0x81, 1_000_000_000, 1_000),
        vec![b'x'; 1_000]
    )),
    attack!("messages in fragments without end", |t, f, y| sockets(
        t,
        f,
        y,
        f.many,
        frame(0x01, b"{"),
        frame(0x00, &[b' '; 4_000])
    )),
    attack!("pings, their pongs never read", |t, f, y| sockets(
        t,
        f,
        y,
        f.many,
        Vec::new(),
        frame(0x89, &[b'x'; 100]).repeat(200)
    )),
    attack!("the protocol's pings of 60 kB, their pongs never read", |t, f, y| {
        sockets(
            t,
            f,
            y,
            f.many / 8,
            text(INIT),
            text(&format!(
                r#"{{"type":"ping","payload":{{"a":"{}"}}}}"#,
                "x".repeat(60_000)
            )),
        )
    }),
    attack!("subscriptions before init", |t, f, y| sockets(
        t,
        f,
        y,
        f.many,
        subscribe("syncProgress{id}"),
        Vec::new()
    )),
    attack!("subscriptions without a token, answers never read", |t, f, y| sockets(
        t,
        f,
        y,
        f.many,
        text(INIT),
        subscribe("syncProgress{id}").repeat(20)
    )),
    attack!("streams of events, 50 operations each, with a token", many_streams),
    attack!("large answers over sockets with a token, never read", large_answers),
    attack!("streams of events, hoarded", hoard),
];

/// `connection_init` with the token.
fn init(target: &Target) -> Vec<u8> {
    text(&format!(
        r#"{{"type":"connection_init","payload":{{"authorization":"Bearer {}"}}}}"#,
        target.token
    ))
}

async fn many_streams(target: &Target, force: Force, tally: Tally) {
    let streams = (0..50).flat_map(|_| subscribe("syncProgress{id}"));
    let first = init(target).into_iter().chain(streams).collect();
    sockets(target, force, tally, force.many / 14, first, Vec::new()).await;
}

async fn large_answers(target: &Target, force: Force, tally: Tally) {
    let query = r#"{"id":"1","type":"subscribe","payload":{"query":"{users(first:500){nodes{a:raw b:raw c:raw}}}"}}"#;
    let first = [init(target), text(query)].concat();
    sockets(target, force, tally, force.many / 14, first, Vec::new()).await;
}

/// A masked frame, as clients have to send it; the mask is nought.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    begun(first, payload.len(), 0)
        .into_iter()
        .chain(payload.iter().copied())
        .collect()
}

/// The head of a frame of `announced` bytes, and `sent` of them.
fn begun(first: u8, announced: usize, sent: usize) -> Vec<u8> {
    let mut bytes = vec![first];
    match announced {
        0..126 => bytes.push(0x80 | u8::try_from(announced).unwrap()),
        126..65_536 => {
            bytes.push(0x80 | 126);
            bytes.extend(u16::try_from(announced).unwrap().to_be_bytes());
        }
        _ => {
            bytes.push(0x80 | 127);
            bytes.extend((announced as u64).to_be_bytes());
        }
    }

    bytes.extend([0; 4]);
    bytes.extend(std::iter::repeat_n(b'x', sent));
    bytes
}

fn text(message: &str) -> Vec<u8> {
    frame(0x81, message.as_bytes())
}

fn subscribe(field: &str) -> Vec<u8> {
    let id = uuid::Uuid::new_v4();
    text(&format!(
        r#"{{"id":"{id}","type":"subscribe","payload":{{"query":"subscription{{{field}}}"}}}}"#
    ))
}

async fn open(address: std::net::SocketAddr) -> Option<TcpStream> {
    let mut stream = connect(address).await?;
    let head = "GET /graphql/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
        Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
        Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n";
    send(&mut stream, head.as_bytes()).await;
    let mut head = [0; 12];
    stream.read_exact(&mut head).await.ok()?;
    (&head[9..] == b"101").then_some(stream)
}

/// Opens `count`, sends `first`, and `next` every 50 ms; reads nothing until it can't send.
async fn sockets(target: &Target, _: Force, tally: Tally, count: usize, first: Vec<u8>, next: Vec<u8>) {
    let address = target.address;
    let (first, next) = (bytes::Bytes::from(first), bytes::Bytes::from(next));
    swarm(count, |_| {
        let (first, next, tally) = (first.clone(), next.clone(), tally.clone());
        async move {
            let Some(mut stream) = open(address).await else {
                return tally.add("no WebSocket");
            };

            let mut going_on = stream.write_all(&first).await.is_ok();
            tally.add("opened");
            while going_on {
                sleep(Duration::from_millis(50)).await;
                going_on = match next.is_empty() {
                    // Peeked at, so that nothing is taken from the server's buffers.
                    true => {
                        !matches!(stream.try_write(b""), Err(error) if error.kind() != std::io::ErrorKind::WouldBlock)
                    }
                    false => stream.write_all(&next).await.is_ok(),
                };
            }
            tally.add("closed");
        }
    })
    .await;
}

async fn hoard(target: &Target, force: Force, tally: Tally) {
    let (address, token) = (target.address, &target.token);
    let request = format!(
        "GET /graphql?query=subscription%7BsyncProgress%7Bid%7D%7D HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nAccept: text/event-stream\r\n\r\n"
    );

    swarm(force.many, |_| {
        let (request, tally) = (request.clone(), tally.clone());
        async move {
            let Some(mut stream) = connect(address).await else {
                return tally.add("no connection");
            };
            send(&mut stream, request.as_bytes()).await;
            tally.add(super::target::answer(&mut stream).await);
            super::target::closed(&mut stream).await;
            tally.add("closed");
        }
    })
    .await;
}
