//! Around every request: its id, its line in the log, its figures, and what becomes of a panic.
//!
//! tower-http's layers for these take the caller's id as it is, know no id where a panic is answered, and write the
//! line of the log before it is known who asked for what.

use std::{panic::AssertUnwindSafe, time::Duration};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};
use futures_util::FutureExt;
use tokio::time::Instant;

use super::{
    accept::MediaType,
    graphql::GraphqlResponse,
    metrics::GaugeGuard,
    response::{OperationName, RefusalReason, reply},
    state::SharedState,
};
use crate::{auth::Caller, id::random_id};

/// Characters of a token's `sub` that a log line shows.
const LONGEST_NAME: usize = 100;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Characters of a path that the log has.
const PATH: usize = 200;

/// The request's id, in its extensions: the caller's own if it is harmless, a new one otherwise.
#[derive(Debug, Clone)]
pub(super) struct RequestId(pub(super) String);

impl RequestId {
    fn of(headers: &HeaderMap) -> Self {
        let harmless = |id: &&str| {
            (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b))
        };
        let given = headers.get(X_REQUEST_ID).and_then(|value| value.to_str().ok());
        Self(
            given
                .filter(harmless)
                .map_or_else(|| random_id().to_string(), ToOwned::to_owned),
        )
    }
}

/// Left on a response for the log: who asked.
#[derive(Debug, Clone)]
pub(super) struct CallerName(pub(super) String);

/// The caller's name for the log, never longer than a name.
pub(super) fn caller_name(caller: &Caller) -> String {
    caller.subject.chars().take(LONGEST_NAME).collect()
}

/// To the microsecond: what follows is noise of the arithmetic.
fn milliseconds(elapsed: Duration) -> f64 {
    (elapsed.as_secs_f64() * 1_000_000.0).round() / 1_000.0
}

/// Gives the request its id and the response the headers that all have.
pub(super) async fn stamp(mut request: Request, next: Next) -> Response {
    let id = RequestId::of(request.headers());
    request.extensions_mut().insert(id.clone());
    let mut response = next.run(request).await;

    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&id.0) {
        headers.insert(X_REQUEST_ID, id);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers
        .entry(header::REFERRER_POLICY)
        .or_insert(HeaderValue::from_static("no-referrer"));
    response
}

/// Logs and counts. The log never has the query string, a header or a body: they may hold tokens and people's data. It
/// has the caller's name, as the token has it, and why a token was refused.
pub(super) async fn observe(State(state): State<SharedState>, request: Request, next: Next) -> Response {
    let metrics = &state.config.metrics;
    let _counted = GaugeGuard::new(&metrics.in_flight);
    let started = Instant::now();
    let method = request.method().clone();
    // A line of the log waits in memory: nobody may make it long.
    let path: String = request.uri().path().chars().take(PATH).collect();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "other".to_owned(), |matched| matched.as_str().to_owned());
    let id = request
        .extensions()
        .get::<RequestId>()
        .map_or_else(String::new, |id| id.0.clone());

    let response = AssertUnwindSafe(next.run(request))
        .catch_unwind()
        .await
        .unwrap_or_else(|panic| reply(GraphqlResponse::of_panic(&id, panic.as_ref()), MediaType::Json));

    let elapsed = started.elapsed();
    let status = response.status().as_u16();
    metrics.request(&route, &method, status, elapsed.as_secs_f64());
    let refused = response.extensions().get::<RefusalReason>();
    if let Some(refused) = refused {
        metrics.refused(&refused.code, refused.limit.as_deref());
    }

    let operation = response.extensions().get::<OperationName>().map(|name| name.0.as_str());
    let refused = refused.map(|refused| refused.code.as_str());
    let subject = response.extensions().get::<CallerName>().map(|name| name.0.as_str());
    let duration_ms = milliseconds(elapsed);
    if matches!(route.as_str(), "/livez" | "/readyz" | "/metrics") {
        tracing::debug!(%method, path, status, duration_ms, request.id = id, "probe");
    } else if status >= 500 {
        tracing::error!(%method, path, status, duration_ms, subject, operation, refused, request.id = id, "request failed");
    } else {
        tracing::info!(%method, path, status, duration_ms, subject, operation, refused, request.id = id, "request");
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_told_to_the_microsecond() {
        for (nanos, told) in [
            (17_924_204, "17.924"),
            (1, "0"),
            (600, "0.001"),
            (2_000_000_000, "2000"),
        ] {
            assert_eq!(milliseconds(Duration::from_nanos(nanos)).to_string(), told);
        }
    }
}
