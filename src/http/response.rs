//! From an answer to an HTTP response: status code, media type, headers.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};

use super::{accept::MediaType, graphql::GraphqlResponse};
use crate::graphql::admission::{Code, Refusal};

/// The status of an answer. With `application/json` every well-formed request is 200, because older clients (Apollo 3)
/// throw a 4xx answer away unread; with `application/graphql-response+json` the status tells what happened.
pub(super) fn status(answer: &GraphqlResponse, media: MediaType) -> StatusCode {
    let Some(code) = answer.request_error() else {
        return StatusCode::OK;
    };

    let is = |one: Code| code == one.as_str();
    // These have their status whatever media type the client takes.
    if is(Code::Unauthenticated) {
        return StatusCode::UNAUTHORIZED;
    }
    if is(Code::BadRequest) {
        return StatusCode::BAD_REQUEST;
    }
    if is(Code::RateLimited) {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    if is(Code::Internal) {
        return StatusCode::INTERNAL_SERVER_ERROR;
    }

    // A document that isn't known by its hash is a step of that protocol, not a failure.
    let is_step = is(Code::PersistedQueryNotFound) || is(Code::PersistedQueryNotSupported);
    if media != MediaType::Graphql || is_step {
        return StatusCode::OK;
    }

    if is(Code::DocumentNotTrusted) || is(Code::Forbidden) {
        StatusCode::FORBIDDEN
    } else if is(Code::Stale) {
        StatusCode::PRECONDITION_FAILED
    } else if is(Code::ParseFailed) {
        StatusCode::BAD_REQUEST
    } else if is(Code::DocumentTooLarge) {
        StatusCode::PAYLOAD_TOO_LARGE
    } else if is(Code::Timeout) {
        StatusCode::GATEWAY_TIMEOUT
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    }
}

/// The response that tells again what was told before: a whole answer without errors.
pub(super) fn again(body: Bytes, media: MediaType) -> Response {
    with_head(Response::new(Body::from(body)), StatusCode::OK, media)
}

/// The response to a request that was understood.
pub(super) fn reply(answer: GraphqlResponse, media: MediaType) -> Response {
    let status = status(&answer, media);
    with_status(answer, status, media)
}

/// The response to a request that failed as HTTP already. JSON, whatever the caller accepts.
pub(super) fn problem(status: StatusCode, refusal: Refusal) -> Response {
    with_status(refusal.into(), status, MediaType::Json)
}

/// 401 with the challenge that RFC 6750 asks for.
pub(super) fn unauthenticated(refusal: Refusal) -> Response {
    let challenge = format!(
        "Bearer realm=\"dingmirror\", error=\"invalid_token\", error_description=\"{}\"",
        refusal.message.replace(['"', '\\'], "'")
    );

    let mut response = problem(StatusCode::UNAUTHORIZED, refusal);
    if let Ok(challenge) = HeaderValue::from_str(&challenge) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

/// 429 with the time after which another token or key may be shown.
pub(super) fn too_many(refusal: Refusal, wait: Duration) -> Response {
    let mut response = problem(StatusCode::TOO_MANY_REQUESTS, refusal);
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    response
}

/// 405 with the methods that are allowed.
pub(super) fn method_not_allowed(methods: &'static str, refusal: Refusal) -> Response {
    let mut response = problem(StatusCode::METHOD_NOT_ALLOWED, refusal);
    response
        .headers_mut()
        .insert(header::ALLOW, HeaderValue::from_static(methods));
    response
}

fn with_status(answer: GraphqlResponse, status: StatusCode, media: MediaType) -> Response {
    let limit = answer.limit().map(ToOwned::to_owned);
    let code = answer.request_error().map(ToOwned::to_owned);
    let mut response = with_head(answer.into_http(), status, media);
    if let Some(code) = code {
        response.extensions_mut().insert(RefusalReason { code, limit });
    }
    response
}

fn with_head(mut response: Response, status: StatusCode, media: MediaType) -> Response {
    *response.status_mut() = status;

    let headers = response.headers_mut();
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media.content_type()));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    }
    response
}

/// Answers depend on `Accept` and on the token, and hold people's data.
const FIXED: [(HeaderName, &str); 2] = [
    (header::VARY, "accept, authorization"),
    (header::CACHE_CONTROL, "no-store"),
];

/// Left on a response for the metrics: why the request was refused.
#[derive(Debug, Clone)]
pub(super) struct RefusalReason {
    pub(super) code: String,
    pub(super) limit: Option<String>,
}

/// Left on a response for the log: the operation's name.
#[derive(Debug, Clone)]
pub(super) struct OperationName(pub(super) String);
