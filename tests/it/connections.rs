//! The listener: who keeps a place without using it loses it, and there are only so many.

use std::{net::SocketAddr, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{WebSocketUpgrade, ws::WebSocket},
    routing::get,
};
use dingmirror::http::{Connections, serve};
use futures_util::{StreamExt, stream};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};
use tokio_util::sync::CancellationToken;

/// Longer than anything here takes, on any machine.
const PATIENCE: Duration = Duration::from_secs(20);
/// So long nothing must come: a wait that proves something only if it is over.
const NOTHING: Duration = Duration::from_millis(400);

struct Server {
    address: SocketAddr,
    shutdown: CancellationToken,
    /// Cancelled when `/endless` has ended all the same.
    ended: CancellationToken,
    task: JoinHandle<()>,
}

impl Server {
    async fn start(limits: Connections) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shutdown = CancellationToken::new();
        let ended = CancellationToken::new();
        let guard = ended.clone();

        let router = Router::new()
            .route("/", get(|| async { "hello" }))
            .route("/endless", get(|| async move { endless(guard) }))
            .route(
                "/slow",
                get(|| async {
                    sleep(2 * NOTHING).await;
                    "late"
                }),
            )
            .route(
                "/socket",
                get(|upgrade: WebSocketUpgrade| async { upgrade.on_upgrade(until_it_ends) }),
            );

        let task = tokio::spawn(serve(listener, router, limits, shutdown.clone()));
        Self {
            address,
            shutdown,
            ended,
            task,
        }
    }

    async fn end_of_endless(&self) {
        self.ended.cancelled().await;
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    async fn stop(self) {
        self.shutdown.cancel();
        timeout(PATIENCE, self.task).await.expect("it ends").unwrap();
    }
}

/// An answer that goes on; `ended` is cancelled with it.
fn endless(ended: CancellationToken) -> Body {
    let guard = ended.drop_guard();
    Body::from_stream(stream::repeat(()).map(move |()| {
        let _ = &guard;
        Ok::<_, std::convert::Infallible>(vec![b'x'; 64 * 1024])
    }))
}

async fn until_it_ends(mut socket: WebSocket) {
    while let Some(Ok(_)) = socket.recv().await {}
}

fn patient(anonymous: usize) -> Connections {
    Connections {
        anonymous,
        first_head_within: PATIENCE,
        head_within: PATIENCE,
        ..Connections::default()
    }
}

async fn ask(stream: &mut TcpStream, path: &str) {
    let head = format!("GET {path} HTTP/1.1\r\nHost: mirror.example\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
}

/// What comes until `end` is in it.
async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut read = Vec::new();
    let reading = async {
        let mut buffer = [0; 1_024];
        while !String::from_utf8_lossy(&read).contains(end) {
            match stream.read(&mut buffer).await {
                Ok(0) | Err(_) => break,
                Ok(length) => read.extend_from_slice(&buffer[..length]),
            }
        }
    };

    timeout(PATIENCE, reading).await.expect("an answer");
    String::from_utf8(read).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_does_not_come_ends_the_connection_and_a_whole_one_is_answered() {
    let server = Server::start(Connections {
        first_head_within: NOTHING,
        head_within: NOTHING,
        ..Connections::default()
    })
    .await;

    for begun in ["", "GET / HTTP/1.1\r\nHost: mirror.exam"] {
        let mut stream = server.connect().await;
        stream.write_all(begun.as_bytes()).await.unwrap();
        let began = Instant::now();
        let answer = read_until(&mut stream, "\r\n\r\n").await;
        assert!(!answer.contains("200"), "{answer}");
        assert!(began.elapsed() >= NOTHING / 2, "it had some time");
    }

    // An answer may take longer than a head.
    let mut stream = server.connect().await;
    for (path, said) in [("/", "hello"), ("/slow", "late"), ("/", "hello")] {
        ask(&mut stream, path).await;
        let answer = read_until(&mut stream, said).await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with(said), "{answer}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_when_all_places_are_taken_gets_that_of_who_asked_for_nothing_for_longest() {
    let server = Server::start(patient(2)).await;
    let (mut first, mut silent) = (server.connect().await, server.connect().await);
    ask(&mut first, "/").await;
    read_until(&mut first, "hello").await;

    let mut third = server.connect().await;
    ask(&mut third, "/").await;
    assert!(read_until(&mut third, "hello").await.ends_with("hello"));
    assert_eq!(read_until(&mut silent, "nothing").await, "", "it made room");

    ask(&mut first, "/").await;
    assert!(read_until(&mut first, "hello").await.ends_with("hello"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_websocket_makes_room_too() {
    let server = Server::start(patient(1)).await;
    let url = format!("ws://{}/socket", server.address);
    let (mut socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
    let mut stream = server.connect().await;
    ask(&mut stream, "/").await;
    assert!(read_until(&mut stream, "hello").await.ends_with("hello"));
    let ended = timeout(PATIENCE, socket.next()).await.expect("it is closed");
    assert!(!matches!(ended, Some(Ok(_))), "{ended:?}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_nothing_of_the_answer_is_cut_off() {
    let server = Server::start(Connections {
        write_within: NOTHING,
        ..patient(10)
    })
    .await;

    let mut stream = server.connect().await;
    ask(&mut stream, "/endless").await;
    let began = Instant::now();
    timeout(PATIENCE, server.end_of_endless()).await.expect("it ends");
    assert!(began.elapsed() >= NOTHING / 2, "it had some time");
    drop(stream);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_waits_for_answers_but_not_for_silent_connections() {
    let server = Server::start(patient(10)).await;
    let (mut busy, mut idle) = (server.connect().await, server.connect().await);
    ask(&mut idle, "/").await;
    read_until(&mut idle, "hello").await;
    ask(&mut busy, "/slow").await;
    sleep(NOTHING / 4).await;

    let address = server.address;
    server.shutdown.cancel();
    assert_eq!(read_until(&mut idle, "nothing").await, "", "it is closed");
    assert!(read_until(&mut busy, "late").await.ends_with("late"));
    timeout(PATIENCE, server.task).await.expect("it ends").unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_head_holds_no_shutdown_up() {
    let server = Server::start(Connections {
        first_head_within: 10 * PATIENCE,
        head_within: 10 * PATIENCE,
        ..Connections::default()
    })
    .await;

    let mut half = server.connect().await;
    half.write_all(b"GET / HTTP/1.1\r\nHost: mirror.exam").await.unwrap();
    // What was asked whole before the shutdown is answered.
    let mut whole = server.connect().await;
    ask(&mut whole, "/slow").await;
    sleep(NOTHING).await;

    let stopping = tokio::spawn(server.stop());
    let answer = read_until(&mut whole, "late").await;
    assert!(answer.ends_with("late"), "{answer}");
    stopping.await.unwrap();
}
