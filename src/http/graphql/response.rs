//! What an operation comes to, in GraphQL's own words.

use std::any::Any;

use async_graphql::{ErrorExtensionValues, Response, ServerError, Value};
use async_graphql_axum::GraphQLResponse;
use axum::{body::Body, response::IntoResponse};

use super::written;
use crate::graphql::admission::{Code, Refusal};

/// A message longer than this repeats the caller's own input.
const MESSAGE_BYTES: usize = 1_000;

/// Of an answer that has no JSON form, which none is.
const NOTHING: &str = "{\"errors\":[]}";

/// What a request or an event comes to.
pub(in crate::http) struct GraphqlResponse(Response);

impl GraphqlResponse {
    /// The code of the request's own fault: then nothing ran and there is no `data`. An error with a path is a field's.
    pub(in crate::http) fn request_error(&self) -> Option<&str> {
        let error = self.0.errors.first()?;
        (self.0.data == Value::Null && self.0.errors.iter().all(|error| error.path.is_empty()))
            .then(|| code(error).unwrap_or(Code::Internal.as_str()))
    }

    /// Nothing of it failed.
    pub(in crate::http) fn is_whole(&self) -> bool {
        self.0.errors.is_empty()
    }

    /// Every error has a code, no error is endless, and there are not too many of them.
    pub(super) fn worded(mut response: Response, most_errors: usize, request_id: &str) -> Self {
        let count = response.errors.len();
        response.errors.truncate(most_errors);

        for error in &mut response.errors {
            shorten(&mut error.message);
            if code(error).is_none() {
                let (code, limit) = classify(error);
                set(error, "code", code.as_str());
                if let Some(limit) = limit {
                    set(error, "limit", limit);
                }
            }
            if code(error) == Some(Code::Internal.as_str()) {
                set(error, "requestId", request_id);
            }
        }

        if count > most_errors {
            let more = count - most_errors;
            response = response.extension("errorsLeftOut", Value::from(more));
        }
        Self(response)
    }

    /// Of a subscription: where its source failed, that is the request's own fault (6.2.3.1), and no event with `data:
    /// null`. The library words it as a failure of the root field.
    pub(super) fn of_subscription(mut self) -> Self {
        if self.0.data == Value::Null && self.0.errors.iter().all(|error| error.path.len() <= 1) {
            for error in &mut self.0.errors {
                error.path.clear();
            }
        }
        self
    }

    /// The limit that refused it.
    pub(in crate::http) fn limit(&self) -> Option<&str> {
        self.0.errors.iter().find_map(|error| text(error, "limit"))
    }

    /// The errors alone, as the `error` message of a WebSocket has them.
    pub(in crate::http) fn errors_json(&self) -> String {
        serde_json::to_string(&self.0.errors).unwrap_or_else(|_| "[]".to_owned())
    }

    /// The answer as JSON; a request error has no `data` key.
    pub(in crate::http) fn json(&self) -> String {
        String::from_utf8(self.json_bytes()).unwrap_or_else(|_| NOTHING.to_owned())
    }

    fn json_bytes(&self) -> Vec<u8> {
        if self.request_error().is_some() {
            return format!("{{\"errors\":{}}}", self.errors_json()).into_bytes();
        }
        written::json(&self.0).unwrap_or_else(|_| NOTHING.into())
    }

    /// As HTTP has it. The stock crate's conversion knows what resolvers set as headers; the body is ours, because it
    /// can't write what is written already, and gives request errors `data: null`.
    pub(in crate::http) fn into_http(mut self) -> axum::response::Response {
        let body = Body::from(self.json_bytes());
        self.0.data = Value::Null;
        self.0.extensions.clear();

        let (parts, _) = GraphQLResponse::from(self.0).into_response().into_parts();
        axum::response::Response::from_parts(parts, body)
    }

    /// The answer to a panic; the log gets the rest under the same id.
    pub(in crate::http) fn of_panic(request_id: &str, panic: &(dyn Any + Send)) -> Self {
        let said = panic.downcast_ref::<&str>().copied();
        let said = said.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        tracing::error!(
            request.id = request_id,
            panic = said.unwrap_or("?"),
            "a request met a fault of the server"
        );

        let mut error = ServerError::from(Refusal::new(
            Code::Internal,
            "the server failed; its log has the reason under this request id",
        ));
        set(&mut error, "requestId", request_id);
        Self(Response::from_errors(vec![error]))
    }
}

impl From<Refusal> for GraphqlResponse {
    fn from(refusal: Refusal) -> Self {
        Self(Response::from_errors(refusal.into_errors()))
    }
}

/// What the library says without a code.
fn classify(error: &ServerError) -> (Code, Option<&'static str>) {
    if !error.path.is_empty() {
        return (Code::BadUserInput, None);
    }
    match error.message.as_str() {
        "Query is nested too deep." => (Code::LimitExceeded, Some("depth")),
        message if message.starts_with("The recursion depth") => (Code::LimitExceeded, Some("depth")),
        _ => (Code::ValidationFailed, None),
    }
}

fn code(error: &ServerError) -> Option<&str> {
    text(error, "code")
}

fn text<'e>(error: &'e ServerError, key: &str) -> Option<&'e str> {
    match error.extensions.as_ref()?.get(key)? {
        Value::String(text) => Some(text),
        Value::Enum(name) => Some(name.as_str()),
        _ => None,
    }
}

fn set(error: &mut ServerError, key: &str, value: &str) {
    error
        .extensions
        .get_or_insert_with(ErrorExtensionValues::default)
        .set(key, value);
}

fn shorten(message: &mut String) {
    if message.len() > MESSAGE_BYTES {
        let end = (0..=MESSAGE_BYTES)
            .rev()
            .find(|&at| message.is_char_boundary(at))
            .unwrap_or(0);
        message.truncate(end);
        message.push('…');
    }
}
