//! Stream mode: DingTalk's events over a WebSocket that this side opens, so that nobody needs a public address.
//!
//! The protocol is the official one of DingTalk's stream SDKs: a ticket by HTTP, good for 90 seconds and one
//! connection; then JSON frames, of which events want an acknowledgement within three seconds.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::{self, Message, protocol::WebSocketConfig};
use url::Url;

use super::{
    envelope,
    error::{Error, ErrorKind},
    failure::AttemptFailure,
    fields::{self, Object},
    lenient,
    proxy::ClientSocket,
    session::Session,
    stats::CallOutcome,
    transport::TransportError,
};
use crate::settings::Api;

/// DingTalk's own SDKs take frames of a quarter of a megabyte.
const LARGEST_FRAME: usize = 1024 * 1024;
/// For TCP, TLS and the upgrade.
const CONNECT: Duration = Duration::from_secs(10);
/// After so long without a word the connection is asked whether it lives.
const KEEP_ALIVE: Duration = Duration::from_secs(30);
/// A living one answers at once; after so long it is taken for dead.
const DEAD_AFTER: Duration = Duration::from_secs(75);

/// What DingTalk sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamFrame {
    /// An event of the company; acknowledge it by its message id.
    Event {
        /// What the acknowledgement names.
        message_id: String,
        /// `user_add_org` and the like.
        event_type: String,
        /// The same however often it is delivered.
        event_id: String,
        /// Milliseconds since the epoch, as text.
        born_ms: Option<String>,
        /// The event's own JSON, as text.
        data: String,
    },
    /// The connection is closed in ten seconds: open another.
    Disconnect,
    /// Nothing that concerns the directory; it was answered where that is due.
    Other,
}

/// How an event was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamAck {
    /// It is durable here.
    Success,
    /// Send it again later.
    Later,
}

/// One open connection.
pub struct StreamConnection {
    socket: ClientSocket,
}

struct Frame {
    kind: String,
    headers: Object,
    data: Value,
}

/// What of a frame can be read; `None`: it isn't an object.
fn frame(bytes: &[u8]) -> Option<Frame> {
    let Ok(Value::Object(mut frame)) = lenient::value(bytes) else {
        return None;
    };

    let headers = ["headers", "header"]
        .into_iter()
        .find_map(|key| match frame.remove(key) {
            Some(Value::Object(headers)) => Some(headers),
            _ => None,
        });

    Some(Frame {
        kind: frame.get("type").map(text_of).unwrap_or_default(),
        headers: headers.unwrap_or_default(),
        data: frame.remove("data").unwrap_or_default(),
    })
}

impl Session {
    /// Asks for a ticket and opens the connection.
    pub async fn stream_open(&self) -> Result<StreamConnection, Error> {
        let endpoint = self.stream_ticket().await?;
        let config = WebSocketConfig::default()
            .max_message_size(Some(LARGEST_FRAME))
            .max_frame_size(Some(LARGEST_FRAME));
        let opening = self.shared.transport.proxies.open(&endpoint, config);
        match tokio::time::timeout(CONNECT, opening).await {
            Ok(Ok(socket)) => Ok(StreamConnection { socket }),
            Ok(Err(why)) => Err(self.stream_failed(ErrorKind::NotSent, why)),
            Err(_) => Err(self.stream_failed(ErrorKind::NotSent, "the WebSocket could not be opened in time")),
        }
    }

    /// Asks for a ticket: where the connection is to be opened with it. It is good for 90 seconds.
    pub(super) async fn stream_ticket(&self) -> Result<Url, Error> {
        let api = Api::StreamOpen;
        let Some(url) = self.connection.urls.get(&api) else {
            return Err(Error::not_configured(api, self.connection.why_off(api)));
        };

        // Biased: nothing leaves into a ban that has just begun.
        tokio::select! {
            biased;
            left = self.shared.pauses.begun(url) => return Err(self.banned(api, left)),
            () = self.shared.limiter.wait(api, self.priority) => {}
        }

        let answer = self.stream_answer(url).await?;
        self.stream_endpoint(&answer)
    }

    /// The call for a ticket, made once.
    async fn stream_answer(&self, url: &Url) -> Result<Object, Error> {
        let (api, shared) = (Api::StreamOpen, &self.shared);
        let body = json!({
            "clientId": self.connection.app_key,
            "clientSecret": self.connection.app_secret.expose_secret(),
            "subscriptions": [{ "type": "EVENT", "topic": "*" }],
            "ua": concat!("dingmirror/", env!("CARGO_PKG_VERSION")),
        });

        shared.counters.called(api);
        let exchange = shared.transport.exchange(url.clone(), Some(body.to_string()));
        let reply = exchange.await.map_err(|error| {
            shared.counters.ended(api, CallOutcome::NoAnswer);
            match error {
                TransportError::NotSent(reason) => self.stream_failed(ErrorKind::NotSent, reason),
                TransportError::TimedOut => self.stream_failed(ErrorKind::Unavailable, "no answer in time"),
                TransportError::Broken(reason) => self.stream_failed(ErrorKind::Unavailable, reason),
                TransportError::TooLarge => self.stream_failed(ErrorKind::Undecodable, "too large an answer"),
            }
        })?;

        let opened = envelope::open_named(api, &reply);
        let outcome = opened
            .as_ref()
            .err()
            .map(|failure| CallOutcome::of_failure(failure.kind));
        shared.counters.ended(api, outcome.unwrap_or(CallOutcome::Ok));
        opened.map_err(|failure| self.refused(api, url, &failure))
    }

    /// Where the answer says that the connection is to be opened, with its ticket.
    fn stream_endpoint(&self, answer: &Object) -> Result<Url, Error> {
        let endpoint = fields::id(answer, "endpoint").and_then(|text| Url::parse(&text).ok());
        let (Some(mut endpoint), Some(ticket)) = (endpoint, fields::id(answer, "ticket")) else {
            return Err(self.stream_failed(ErrorKind::Undecodable, "no endpoint and ticket"));
        };

        // The endpoint comes with an answer: it has to be on the operator's list as the URLs of the settings are.
        if !matches!(endpoint.scheme(), "ws" | "wss") || !self.shared.transport.may_call(&endpoint) {
            let host = endpoint.host_str().unwrap_or("no host");
            return Err(self.stream_failed(
                ErrorKind::Refused,
                format!(
                    "the endpoint is at {host}, which the operator's list of hosts (DINGMIRROR_ALLOWED_HOSTS) does not allow"
                ),
            ));
        }

        endpoint.query_pairs_mut().append_pair("ticket", &ticket);
        Ok(endpoint)
    }

    fn stream_failed(&self, kind: ErrorKind, said: impl Into<String>) -> Error {
        self.error(Api::StreamOpen, &AttemptFailure::new(kind, said), None, None)
    }
}

impl StreamConnection {
    /// The next frame; `None` where the connection ended, or does not answer pings. Those of the other side are
    /// answered by the way.
    pub async fn next(&mut self) -> Option<StreamFrame> {
        let mut heard = Instant::now();
        loop {
            let Ok(message) = tokio::time::timeout(KEEP_ALIVE, self.socket.next()).await else {
                if heard.elapsed() >= DEAD_AFTER {
                    return None;
                }
                self.socket.send(Message::Ping(Bytes::new())).await.ok()?;
                continue;
            };

            heard = Instant::now();
            match message? {
                Ok(Message::Text(text)) => return self.take(text.as_bytes()).await,
                Ok(Message::Binary(bytes)) => return self.take(&bytes).await,
                Ok(Message::Close(_)) => return None,
                // The library answers pings of the WebSocket itself with the next write or flush.
                Ok(_) => self.socket.flush().await.ok()?,
                Err(error) => {
                    // The library reads nothing behind a text that isn't UTF-8.
                    if matches!(error, tungstenite::Error::Utf8(_)) {
                        tracing::warn!(%error, "the event stream is opened anew: a frame can't be read");
                    }
                    return None;
                }
            }
        }
    }

    async fn take(&mut self, bytes: &[u8]) -> Option<StreamFrame> {
        let Some(frame) = frame(bytes) else {
            // It may be an event: DingTalk sends it again, for nobody acknowledges it.
            tracing::warn!(bytes = bytes.len(), "a frame of the event stream can't be read");
            return Some(StreamFrame::Other);
        };

        let header = |name: &str| frame.headers.get(name).map(text_of);
        let message_id = header("messageId").unwrap_or_default();
        let data = text_of(&frame.data);

        match (frame.kind.as_str(), header("topic").as_deref()) {
            ("SYSTEM", Some("disconnect")) => Some(StreamFrame::Disconnect),
            ("SYSTEM", Some("ping")) => {
                self.answer(200, "OK", &message_id, data).await?;
                Some(StreamFrame::Other)
            }
            ("EVENT", _) => Some(StreamFrame::Event {
                event_type: header("eventType").unwrap_or_default(),
                event_id: header("eventId").unwrap_or_default(),
                born_ms: header("eventBornTime"),
                message_id,
                data,
            }),
            ("CALLBACK", _) => {
                self.answer(404, "not subscribed", &message_id, String::new()).await?;
                Some(StreamFrame::Other)
            }
            _ => Some(StreamFrame::Other),
        }
    }

    /// Acknowledges an event; `None` where the connection ended.
    pub async fn acknowledge(&mut self, message_id: &str, ack: StreamAck) -> Option<()> {
        let (status, message) = match ack {
            StreamAck::Success => ("SUCCESS", "success"),
            StreamAck::Later => ("LATER", "not yet"),
        };
        let data = json!({ "status": status, "message": message }).to_string();
        self.answer(200, "OK", message_id, data).await
    }

    async fn answer(&mut self, code: u16, message: &str, message_id: &str, data: String) -> Option<()> {
        let answer = json!({
            "code": code,
            "message": message,
            "headers": { "messageId": message_id, "contentType": "application/json" },
            "data": data,
        });
        self.socket.send(Message::text(answer.to_string())).await.ok()
    }
}

/// A header's or the data's text: strings as they are, anything else as JSON.
fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: &str = r#"{"type":"EVENT","headers":{"messageId":"m1","eventType":"user_add_org"},"data":"{}"}"#;

    #[test]
    fn a_frame_is_read_with_whatever_of_it_can_be() {
        let read = |bytes: &[u8]| {
            let frame = frame(bytes).unwrap_or_else(|| panic!("unread: {}", String::from_utf8_lossy(bytes)));
            let message_id = frame.headers.get("messageId").map(text_of);
            (frame.kind, message_id, text_of(&frame.data))
        };
        let whole = || ("EVENT".to_owned(), Some("m1".to_owned()), "{}".to_owned());

        assert_eq!(read(EVENT.as_bytes()), whole());
        assert_eq!(read(EVENT.replace("headers", "header").as_bytes()), whole());
        // Half an emoji, bytes that aren't UTF-8, and a bare control character beside what counts.
        let garbled = EVENT.replace(r#""data""#, r#""name":"\ud83d","data""#);
        assert_eq!(read(garbled.as_bytes()), whole());
        let garbled = EVENT.replace("m1", "m1\",\"name\":\"\u{1}");
        assert_eq!(read(garbled.as_bytes()), whole());
        let bytes = [&EVENT.as_bytes()[..EVENT.len() - 1], b",\"name\":\"\xff\xfe\"}"].concat();
        assert_eq!(read(&bytes), whole());

        let half = EVENT.replace(r#""{}""#, r#""{\ud83d}""#);
        assert_eq!(read(half.as_bytes()).2, "{\u{fffd}}");
        let without = r#"{"type":"SYSTEM","headers":null,"data":null}"#;
        assert_eq!(read(without.as_bytes()), ("SYSTEM".to_owned(), None, String::new()));
        let without = r#"{"type":null,"headers":[],"data":{"a":1}}"#;
        assert_eq!(read(without.as_bytes()), (String::new(), None, r#"{"a":1}"#.to_owned()));
        for bytes in [&b"[]"[..], b"", b"<html>", b"{\"type\":"] {
            assert!(frame(bytes).is_none());
        }
    }
}
