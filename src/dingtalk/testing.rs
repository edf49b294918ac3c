//! A tiny scripted server, so that the client is tested over real HTTP.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use tokio::net::TcpListener;
use tower_http::compression::CompressionLayer;

use super::*;
use crate::{backoff::Backoff, clock::Clock, settings::Api};

/// One answer of the script.
#[derive(Clone)]
pub(super) enum Say {
    Json(&'static str),
    Text(u16, &'static str),
    /// Answers after so long.
    Slow(Duration, &'static str),
    /// Promises more than it sends, then hangs up.
    Broken,
    /// Points elsewhere.
    Redirect(String),
    /// 33 MB.
    Huge,
}

/// What the server heard: path with query, and body.
pub(super) type RecordedCall = (String, String);

#[derive(Clone)]
pub(super) struct Wire {
    script: Arc<Mutex<VecDeque<Say>>>,
    last: Arc<Mutex<Option<Say>>>,
    heard: Arc<Mutex<Vec<RecordedCall>>>,
    tokens: Arc<Mutex<u32>>,
    token_answer: Arc<Mutex<Option<Say>>>,
    pub(super) port: u16,
}

impl Wire {
    /// Answers every call but `gettoken` by `script`, its last line again and again.
    pub(super) async fn start(script: impl IntoIterator<Item = Say>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let wire = Self {
            script: Arc::new(Mutex::new(script.into_iter().collect())),
            last: Arc::default(),
            heard: Arc::default(),
            tokens: Arc::default(),
            token_answer: Arc::default(),
            port: listener.local_addr().expect("bound").port(),
        };

        let app = Router::new()
            .fallback(answer)
            .with_state(wire.clone())
            .layer(CompressionLayer::new());
        tokio::spawn(async move { axum::serve(listener, app).await });
        wire
    }

    /// What `gettoken` says instead of a token.
    pub(super) fn token_says(&self, say: Option<Say>) {
        *self.token_answer.lock().expect("not poisoned") = say;
    }

    pub(super) fn tokens_issued(&self) -> u32 {
        *self.tokens.lock().expect("not poisoned")
    }

    /// All calls but `gettoken`.
    pub(super) fn heard(&self) -> Vec<RecordedCall> {
        self.heard.lock().expect("not poisoned").clone()
    }

    pub(super) fn session(&self) -> Session {
        self.client(Clock::system()).with(Arc::new(self.connection()))
    }

    pub(super) fn client(&self, clock: Clock) -> Client {
        let config = ClientConfig {
            allowed_hosts: crate::settings::AllowedHosts::parse("127.0.0.1").expect("a list"),
            connect_timeout: Duration::from_millis(500),
            timeout: Duration::from_millis(400),
            calls_per_second: 1000,
            max_attempts: 4,
        };

        let short = Backoff::new(Duration::from_millis(1), Duration::from_millis(5));
        let waits = Waits {
            throttle_floor: Duration::from_millis(20),
            throttle: short,
            busy: short,
            ban: Duration::from_millis(150),
            token_failure: Duration::from_millis(100),
            token_renewal: Duration::ZERO,
            ..Waits::default()
        };
        Client::with_waits(config, waits, clock).expect("a client")
    }

    pub(super) fn connection(&self) -> Connection {
        let base = format!("http://127.0.0.1:{}", self.port);
        Connection {
            app_key: "dingkey".into(),
            app_secret: "s3cr3t+&=".into(),
            agent_id: Some(836_390_886),
            urls: Api::ALL
                .into_iter()
                .map(|api| (api, format!("{base}{}", api.path()).parse().expect("a URL")))
                .collect(),
            off: BTreeMap::new(),
        }
    }

    fn next(&self) -> Say {
        let mut last = self.last.lock().expect("not poisoned");
        if let Some(say) = self.script.lock().expect("not poisoned").pop_front() {
            *last = Some(say);
        }
        last.clone().unwrap_or(Say::Json(r#"{"errcode":0}"#))
    }
}

async fn answer(State(wire): State<Wire>, uri: Uri, body: Bytes) -> Response {
    let say = if uri.path() == "/gettoken" {
        // Long enough that everybody who asks at the same time comes before the answer.
        tokio::time::sleep(Duration::from_millis(30)).await;
        let number = {
            let mut tokens = wire.tokens.lock().expect("not poisoned");
            *tokens += 1;
            *tokens
        };
        match wire.token_answer.lock().expect("not poisoned").clone() {
            Some(say) => say,
            None => {
                return json(format!(
                    r#"{{"errcode":0,"access_token":"TOKEN{number}","errmsg":"ok","expires_in":7200}}"#
                ));
            }
        }
    } else {
        let text = String::from_utf8_lossy(&body).into_owned();
        wire.heard.lock().expect("not poisoned").push((uri.to_string(), text));
        wire.next()
    };

    match say {
        Say::Json(body) => json(body.to_owned()),
        Say::Text(status, body) => (StatusCode::from_u16(status).expect("a status"), body).into_response(),
        Say::Slow(wait, body) => {
            tokio::time::sleep(wait).await;
            json(body.to_owned())
        }
        Say::Redirect(to) => (StatusCode::FOUND, [(header::LOCATION, to)]).into_response(),
        // Pictures are not compressed, which would take too long here.
        Say::Huge => ([(header::CONTENT_TYPE, "image/png")], "x".repeat(33 * 1024 * 1024)).into_response(),
        Say::Broken => {
            let chunks =
                futures_util::stream::iter([Ok(Bytes::from_static(b"{\"errc")), Err(std::io::Error::other("gone"))]);
            axum::body::Body::from_stream(chunks).into_response()
        }
    }
}

fn json(body: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json;charset=UTF-8")], body).into_response()
}
