//! The messages of `graphql-transport-ws` and the codes that end a connection.

use axum::extract::ws::{CloseFrame, Message};
use serde_json::{Map, Value, json};

/// What a client may say.
#[derive(Debug, PartialEq)]
pub(super) enum Said {
    Init(Map<String, Value>),
    Ping(Option<Value>),
    Pong,
    Subscribe { id: String, payload: Value },
    Complete { id: String },
}

impl Said {
    /// Reads one message; the error is the reason for closing with 4400.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let Ok(Value::Object(mut message)) = serde_json::from_str(text) else {
            return Err("a message has to be a JSON object");
        };
        let kind = message.remove("type");
        let payload = message.remove("payload");

        match kind.as_ref().and_then(Value::as_str) {
            Some("connection_init") => match payload {
                None | Some(Value::Null) => Ok(Self::Init(Map::new())),
                Some(Value::Object(payload)) => Ok(Self::Init(payload)),
                Some(_) => Err("the payload of `connection_init` has to be an object"),
            },
            Some("ping") => match payload {
                None | Some(Value::Null) => Ok(Self::Ping(None)),
                Some(Value::Object(payload)) => Ok(Self::Ping(Some(Value::Object(payload)))),
                Some(_) => Err("the payload of `ping` has to be an object"),
            },
            Some("pong") => Ok(Self::Pong),
            Some("subscribe") => match payload {
                Some(payload @ Value::Object(_)) => Ok(Self::Subscribe {
                    id: id(&mut message)?,
                    payload,
                }),
                _ => Err("`subscribe` needs a `payload` with a `query`"),
            },
            Some("complete") => Ok(Self::Complete { id: id(&mut message)? }),
            Some(_) => Err("the message has an unknown `type`"),
            None => Err("the message has no `type`"),
        }
    }
}

impl Said {
    /// The id of a `subscribe` whose payload must not be read.
    pub(super) fn subscription_of(text: &str) -> Option<String> {
        #[derive(serde::Deserialize)]
        struct Envelope {
            id: String,
            r#type: String,
        }
        let message: Envelope = serde_json::from_str(text).ok()?;
        (message.r#type == "subscribe" && (1..=256).contains(&message.id.len())).then_some(message.id)
    }
}

fn id(message: &mut Map<String, Value>) -> Result<String, &'static str> {
    match message.remove("id") {
        Some(Value::String(id)) if !id.is_empty() && id.len() <= 256 => Ok(id),
        _ => Err("the `id` has to be a string of 1 to 256 bytes"),
    }
}

pub(super) fn ack() -> String {
    r#"{"type":"connection_ack"}"#.to_owned()
}

pub(super) fn pong(payload: Option<Value>) -> String {
    match payload {
        Some(payload) => json!({"type": "pong", "payload": payload}).to_string(),
        None => r#"{"type":"pong"}"#.to_owned(),
    }
}

/// `payload`: an answer, as JSON.
pub(super) fn next(id: &str, payload: &str) -> String {
    format!(r#"{{"id":{},"type":"next","payload":{payload}}}"#, json!(id))
}

/// `payload`: a list of errors, as JSON. Ends the operation.
pub(super) fn error(id: &str, payload: &str) -> String {
    format!(r#"{{"id":{},"type":"error","payload":{payload}}}"#, json!(id))
}

pub(super) fn complete(id: &str) -> String {
    json!({"id": id, "type": "complete"}).to_string()
}

/// Why the server closes a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Close {
    /// 4400: a message that is none of the protocol's.
    Invalid(String),
    /// 4401: `subscribe` before `connection_ack`.
    TooEarly,
    /// 4403: a bad token, or one that has ended.
    Forbidden(String),
    /// 4406: the client doesn't speak the protocol.
    Protocol,
    /// 4408: no `connection_init`.
    InitTimeout,
    /// 4409: the id of an operation that still runs.
    Duplicate(String),
    /// 4429: a second `connection_init`.
    InitAgain,
    /// 4008, our own: the client reads more slowly than its subscriptions speak. Clients connect again after it.
    Slow,
    /// 1002: frames that are none of RFC 6455's.
    Malformed,
    /// 1007: a text that is no UTF-8.
    NoText,
    /// 1009: a message over the limit.
    TooBig(usize),
    /// 1012: the server restarts; clients connect again.
    Restart,
    /// 1013: others without a token took the place; clients connect again.
    Crowded,
}

impl Close {
    /// What to say when the transport can't read on; nothing where nobody is there any more. `limit`: bytes of a
    /// message.
    ///
    /// The transport's error is of a version of tungstenite that only axum has: its kind is told by the beginning of
    /// its text, and a test over a real socket holds the two together.
    pub(super) fn of_transport(error: &axum::Error, limit: usize) -> Option<Self> {
        let told = error.to_string();
        let kinds = [
            ("Space limit exceeded", Self::TooBig(limit)),
            ("UTF-8 encoding error", Self::NoText),
            ("WebSocket protocol error", Self::Malformed),
        ];
        let found = kinds.into_iter().find(|(beginning, _)| told.starts_with(beginning));
        found.map(|(_, close)| close)
    }

    pub(super) fn code(&self) -> u16 {
        match self {
            Self::Invalid(_) => 4400,
            Self::TooEarly => 4401,
            Self::Forbidden(_) => 4403,
            Self::Protocol => 4406,
            Self::InitTimeout => 4408,
            Self::Duplicate(_) => 4409,
            Self::InitAgain => 4429,
            Self::Slow => 4008,
            Self::Malformed => 1002,
            Self::NoText => 1007,
            Self::TooBig(_) => 1009,
            Self::Restart => 1012,
            Self::Crowded => 1013,
        }
    }

    fn reason(&self) -> String {
        match self {
            Self::Invalid(reason) => reason.clone(),
            Self::TooEarly => "Unauthorized: send `connection_init` first".to_owned(),
            Self::Forbidden(reason) => format!("Forbidden: {reason}"),
            Self::Protocol => "Subprotocol not acceptable: use graphql-transport-ws".to_owned(),
            Self::InitTimeout => "Connection initialisation timeout".to_owned(),
            Self::Duplicate(id) => format!("Subscriber for {id} already exists"),
            Self::InitAgain => "Too many initialisation requests".to_owned(),
            Self::Slow => "The client reads too slowly and missed events: connect again".to_owned(),
            Self::Malformed => "These are no frames of a WebSocket client (RFC 6455)".to_owned(),
            Self::NoText => "A message has to be UTF-8".to_owned(),
            Self::TooBig(limit) => format!("A message has at most {limit} bytes"),
            Self::Restart => "The server restarts: connect again".to_owned(),
            Self::Crowded => "Too many connections without a token: connect again and show one".to_owned(),
        }
    }

    pub(super) fn frame(&self) -> Message {
        Message::Close(Some(CloseFrame {
            code: self.code(),
            reason: fit(self.reason()).into(),
        }))
    }
}

/// A control frame has at most 125 bytes, two of them the code.
fn fit(mut reason: String) -> String {
    let end = (0..=123.min(reason.len()))
        .rev()
        .find(|&at| reason.is_char_boundary(at));
    reason.truncate(end.unwrap_or(0));
    reason
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_read_strictly() {
        assert_eq!(Said::parse(r#"{"type":"connection_init"}"#), Ok(Said::Init(Map::new())));
        assert_eq!(Said::parse(r#"{"type":"pong","payload":{}}"#), Ok(Said::Pong));
        assert_eq!(
            Said::parse(r#"{"type":"complete","id":"1"}"#),
            Ok(Said::Complete { id: "1".into() })
        );

        for wrong in [
            "",
            "[]",
            "{}",
            r#"{"type":1}"#,
            r#"{"type":"start","id":"1"}"#,
            r#"{"type":"subscribe","id":"1"}"#,
            r#"{"type":"subscribe","id":1,"payload":{}}"#,
            r#"{"type":"subscribe","id":"","payload":{}}"#,
            r#"{"type":"complete"}"#,
            r#"{"type":"connection_init","payload":1}"#,
        ] {
            assert!(Said::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn ids_are_escaped_and_reasons_fit_into_a_control_frame() {
        assert_eq!(next("a\"b", "{}"), r#"{"id":"a\"b","type":"next","payload":{}}"#);
        assert_eq!(fit("部".repeat(100)).len(), 123);
    }
}
