//! The edge on port 0 over a small schema of its own, so that its tests need no database.

mod schema;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use async_graphql::Schema;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use dingmirror::{
    auth::{Permission, TokenIssuer, TokenVerifier},
    clock::Clock,
    graphql::admission::{Limits, apply_limits},
    http::{self, Connections, HttpConfig},
};
use futures_util::{SinkExt, StreamExt};
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};
use tokio_util::sync::CancellationToken;

pub(crate) use schema::{Counter, Query, Subscriptions};

/// Every test's server has this secret.
const SECRET: &str = "0123456789abcdef0123456789abcdef";

pub(crate) const GRAPHQL: &str = "application/graphql-response+json";

/// The time at which every test's clock starts.
pub(crate) fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

pub(crate) struct TestServer {
    pub(crate) address: SocketAddr,
    pub(crate) shutdown: CancellationToken,
    pub(crate) client: reqwest::Client,
    issuer: TokenIssuer,
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

impl TestServer {
    pub(crate) async fn start() -> Self {
        Self::with(HttpConfig::default()).await
    }

    pub(crate) async fn with(config: HttpConfig) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let clock = Clock::following_tokio(start());
        let secret = SecretString::from(SECRET);
        let shutdown = CancellationToken::new();

        let schema = apply_limits(
            Schema::build(Query, Counter::default(), Subscriptions),
            &Limits::default(),
        )
        .finish();
        let ready = shutdown.clone();
        let router = http::router(
            config,
            schema,
            TokenVerifier::new(&secret, clock.clone()),
            Arc::new(move || {
                let fine = !ready.is_cancelled();
                Box::pin(async move {
                    http::Readiness {
                        fault: (!fine).then(|| "not yet".to_owned()),
                        ..http::Readiness::default()
                    }
                })
            }),
            clock.clone(),
            shutdown.clone(),
        );

        // The listener outlives `shutdown`: what is told meanwhile is told over it.
        let ends = CancellationToken::new();
        tokio::spawn(http::serve(listener, router, Connections::default(), ends));

        Self {
            address,
            shutdown,
            client: reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .timeout(Duration::from_secs(30))
                .build()
                .unwrap(),
            issuer: TokenIssuer::new(&secret, clock),
        }
    }

    pub(crate) fn token(&self, valid_for: Duration) -> String {
        self.issuer.issue("tester", &Permission::ALL, valid_for)
    }

    /// A token with these claims, however odd they are as JSON, beside those that a token needs.
    pub(crate) fn token_with(&self, claims: &str) -> String {
        let payload = format!(r#"{{"iss":"dingmirror","aud":"dingmirror","sub":"tester",{claims}}}"#);
        let signed = [r#"{"alg":"HS256"}"#, payload.as_str()]
            .map(|part| URL_SAFE_NO_PAD.encode(part))
            .join(".");
        let key = jsonwebtoken::EncodingKey::from_secret(SECRET.as_bytes());
        let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &key, jsonwebtoken::Algorithm::HS256).unwrap();
        format!("{signed}.{signature}")
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A POST of JSON to `/graphql`; more headers may follow.
    pub(crate) fn post(&self, body: &Value) -> reqwest::RequestBuilder {
        self.client
            .post(self.url("/graphql"))
            .header("content-type", "application/json")
            .header("accept", GRAPHQL)
            .body(body.to_string())
    }

    pub(crate) async fn query(&self, document: &str) -> (u16, Value) {
        answer(self.post(&json!({"query": document}))).await
    }

    /// Fails the test unless the server still does its work.
    pub(crate) async fn still_answers(&self) {
        let (status, body) = self.query("{ hello }").await;
        assert_eq!((status, body), (200, json!({"data": {"hello": "hello"}})));
    }

    pub(crate) async fn socket(&self) -> Socket {
        self.socket_with(&[("sec-websocket-protocol", "graphql-transport-ws")])
            .await
            .unwrap()
    }

    /// A socket after `connection_ack`.
    pub(crate) async fn ready_socket(&self) -> Socket {
        let mut socket = self.socket().await;
        socket.say(json!({"type": "connection_init"})).await;
        assert_eq!(socket.hear().await, json!({"type": "connection_ack"}));
        socket
    }

    pub(crate) async fn socket_with(
        &self,
        headers: &[(&'static str, &str)],
    ) -> Result<Socket, tokio_tungstenite::tungstenite::Error> {
        let mut request = format!("ws://{}/graphql/ws", self.address).into_client_request()?;
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        connect_async(request).await.map(|(stream, _)| Socket(stream))
    }
}

pub(crate) async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or_else(|_| panic!("no JSON: {text}"));
    (status, body)
}

/// `extensions.code` of the first error.
pub(crate) fn code(body: &Value) -> &str {
    body["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
}

/// A WebSocket client that fails the test rather than wait for ever.
pub(crate) struct Socket(pub(crate) WebSocketStream<MaybeTlsStream<TcpStream>>);

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

impl Socket {
    pub(crate) async fn say(&mut self, message: Value) {
        self.send(Message::text(message.to_string())).await;
    }

    pub(crate) async fn send(&mut self, message: Message) {
        self.0.send(message).await.unwrap();
    }

    pub(crate) async fn subscribe(&mut self, id: &str, document: &str) {
        self.say(json!({"id": id, "type": "subscribe", "payload": {"query": document}}))
            .await;
    }

    /// The next frame that is no ping.
    pub(crate) async fn frame(&mut self) -> Message {
        loop {
            let next = tokio::time::timeout(PATIENCE, self.0.next()).await;
            let frame = next.expect("the server says nothing").expect("the stream ended");
            match frame.expect("a frame") {
                Message::Ping(_) => {}
                frame => return frame,
            }
        }
    }

    /// The next message; fails the test at a close frame.
    pub(crate) async fn hear(&mut self) -> Value {
        match self.frame().await {
            Message::Text(text) => serde_json::from_str(text.as_str()).unwrap(),
            other => panic!("no message but {other:?}"),
        }
    }

    /// The code and the reason with which the server closes; messages before it are skipped.
    pub(crate) async fn closed(&mut self) -> (u16, String) {
        loop {
            if let Message::Close(frame) = self.frame().await {
                let frame = frame.expect("a close frame without a code");
                return (frame.code.into(), frame.reason.to_string());
            }
        }
    }
}
