//! What was opened with a key ends with it.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use serde_json::json;
use tokio_tungstenite::{connect_async, tungstenite::client::IntoClientRequest};

use super::{made, made_for, revoke, server};
use crate::{
    edge_support::Socket,
    support::{
        database::TestDatabase,
        server::{TestDingTalk, TestServer},
    },
};

const SUBSCRIPTION: &str = "subscription { directoryChanges { kind } }";

/// Within this time what is open ends: that of another replica's look, and some for a busy machine.
const SECONDS: Duration = Duration::from_secs(5);

/// A socket with this token or key in `connection_init`, and a subscription on it.
pub async fn subscribed(server: &TestServer, key: &str) -> Socket {
    let url = format!("{}/graphql/ws", server.base.replacen("http", "ws", 1));
    let mut request = url.into_client_request().unwrap();
    let protocol = "graphql-transport-ws".parse().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", protocol);
    let mut socket = Socket(connect_async(request).await.unwrap().0);

    socket
        .say(json!({ "type": "connection_init", "payload": { "authorization": format!("Bearer {key}") } }))
        .await;
    assert_eq!(socket.hear().await, json!({ "type": "connection_ack" }));
    socket.subscribe("1", SUBSCRIPTION).await;
    socket
}

/// The same over server-sent events.
pub async fn streamed(server: &TestServer, key: &str) -> reqwest::Response {
    let request = server.http.post(format!("{}/graphql", server.base)).bearer_auth(key);
    let request = request.header("accept", "text/event-stream");
    let response = request.json(&json!({ "query": SUBSCRIPTION })).send().await.unwrap();
    assert_eq!(response.status(), 200);
    response
}

/// Both end, and say why.
pub async fn both_end(socket: &mut Socket, stream: reqwest::Response, why: &str) {
    let started = Instant::now();
    let (code, reason) = socket.closed().await;
    assert_eq!(code, 4403);
    assert!(reason.contains(why), "{reason}");

    let text = stream.text().await.unwrap();
    assert!(text.contains("UNAUTHENTICATED") && text.contains(why), "{text}");
    assert!(text.contains("event: complete"), "{text}");
    assert!(started.elapsed() < SECONDS, "{:?}", started.elapsed());
}

both_databases!(
    async fn sockets_and_streams_end_when_their_key_is_revoked_and_those_of_others_go_on(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(3, 2).await;
        let server = server(database.target(), &dingtalk).await;
        let (id, key) = made(&server, "plugin", &["DIRECTORY_READ"]).await;
        let (_, other) = made(&server, "other", &["DIRECTORY_READ"]).await;
        let (mut socket, stream) = (subscribed(&server, &key).await, streamed(&server, &key).await);
        let mut of_other = subscribed(&server, &other).await;
        let mut of_token = subscribed(&server, &server.admin_token()).await;

        revoke(&server, &id).await;
        both_end(&mut socket, stream, "not in force any more").await;
        for socket in [&mut of_other, &mut of_token] {
            socket.say(json!({ "type": "ping" })).await;
            assert_eq!(socket.hear().await, json!({ "type": "pong" }));
        }
        server.stop().await;
    }
);

both_databases!(
    async fn sockets_and_streams_end_with_the_time_of_their_key(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(3, 2).await;
        let server = server(database.target(), &dingtalk).await;
        let (_, key) = made_for(&server, "plugin", &["DIRECTORY_READ"], TimeDelta::seconds(2)).await;
        let (mut socket, stream) = (subscribed(&server, &key).await, streamed(&server, &key).await);
        both_end(&mut socket, stream, "has expired").await;
        server.stop().await;
    }
);
