//! Around every request: its id, its line in the log, its figures, and what becomes of a panic.
//!
//! tower-http's layers for these take the caller's id as it is, know no id where a panic is answered, and write the
//! line of the log before it is known who asked for what.

use std::{future::Future, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header},
    response::Response,
};
use futures_util::FutureExt;
use tokio::time::Instant;

use super::{
    accept::MediaType,
    graphql::GraphqlResponse,
    listener::Peer,
    metrics::{GaugeGuard, OTHER, ROUTES},
    response::{OperationName, RefusalReason, reply},
    state::SharedState,
};
use crate::{audit::Origin, auth::Caller, id::random_id};

/// The access log's name in the log's filter. Its lines are at `debug`, but for requests that failed: a busy server
/// writes them by the thousand, and whoever changes something is in the audit log.
pub(super) const ACCESS: &str = "dingmirror::access";

/// Characters of a token's `sub` that a log line shows.
const LONGEST_NAME: usize = 100;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Characters of a path that the log has.
const PATH: usize = 200;

/// The request's id: the caller's own if it is harmless, a new one otherwise.
fn request_id(headers: &HeaderMap) -> Arc<str> {
    let harmless = |id: &&str| {
        (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b))
    };
    let given = headers.get(X_REQUEST_ID).and_then(|value| value.to_str().ok());
    given.filter(harmless).map_or_else(
        || Arc::from(random_id().hyphenated().encode_lower(&mut [0; 36]) as &str),
        Arc::from,
    )
}

/// Where a request came from, in its extensions: the client's address, by the proxies that are trusted, and its id.
fn origin(state: &SharedState, request: &Request) -> Origin {
    let peer = request.extensions().get::<Peer>().map(|peer| peer.address);
    let forwarded = request.headers().get_all(X_FORWARDED_FOR).iter();
    let forwarded = forwarded.map(|value| value.to_str().unwrap_or_default());
    Origin {
        address: peer.map(|peer| state.config.trusted_proxies.client(peer, forwarded)),
        request: request_id(request.headers()),
    }
}

/// Left on a response for the log: who asked.
#[derive(Debug, Clone)]
pub(super) struct CallerName(pub(super) String);

/// The caller's name for the log, never longer than a name.
pub(super) fn caller_name(caller: &Caller) -> String {
    shown(&caller.subject, LONGEST_NAME).to_owned()
}

/// To the microsecond: what follows is noise of the arithmetic.
fn milliseconds(elapsed: Duration) -> f64 {
    (elapsed.as_secs_f64() * 1_000_000.0).round() / 1_000.0
}

/// Gives the request its id and the response the headers that all have; logs and counts.
///
/// The log never has the query string, a header or a body: they may hold tokens and people's data. It has the caller's
/// name, as the token has it, and why a token was refused.
pub(super) async fn observed<F>(
    state: &SharedState,
    mut request: Request,
    inside: impl FnOnce(Request) -> F,
) -> Response
where
    F: Future<Output = Response>,
{
    let origin = origin(state, &request);
    request.extensions_mut().insert(origin.clone());
    let seen = Seen::of(&request);
    let counted = GaugeGuard::new(&state.config.metrics.in_flight);
    let started = Instant::now();

    let mut response = AssertUnwindSafe(inside(request))
        .catch_unwind()
        .await
        .unwrap_or_else(|panic| {
            reply(
                GraphqlResponse::of_panic(&origin.request, panic.as_ref()),
                MediaType::Json,
            )
        });

    drop(counted);
    seen.tell(state, &response, started.elapsed(), &origin);
    stamp(&mut response, &origin.request);
    response
}

/// The headers that all answers have.
fn stamp(response: &mut Response, id: &str) {
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(X_REQUEST_ID, id);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers
        .entry(header::REFERRER_POLICY)
        .or_insert(HeaderValue::from_static("no-referrer"));
}

/// What a request was, when it has gone its way.
struct Seen {
    method: Method,
    uri: Uri,
    route: &'static str,
}

impl Seen {
    fn of(request: &Request) -> Self {
        let matched = request.extensions().get::<MatchedPath>();
        Self {
            method: request.method().clone(),
            uri: request.uri().clone(),
            route: matched.map_or(OTHER, |matched| route(matched.as_str())),
        }
    }

    fn tell(&self, state: &SharedState, response: &Response, elapsed: Duration, origin: &Origin) {
        let metrics = &state.config.metrics;
        let status = response.status().as_u16();
        metrics.request(self.route, &self.method, status, elapsed.as_secs_f64());
        let refused = response.extensions().get::<RefusalReason>();
        if let Some(refused) = refused {
            metrics.refused(&refused.code, refused.limit.as_deref());
        }

        let operation = response.extensions().get::<OperationName>().map(|name| name.0.as_str());
        let refused = refused.map(|refused| refused.code.as_str());
        let subject = response.extensions().get::<CallerName>().map(|name| name.0.as_str());
        let (method, path, id) = (&self.method, shown(self.uri.path(), PATH), &*origin.request);
        let (duration_ms, address) = (milliseconds(elapsed), origin.address.map(tracing::field::display));

        macro_rules! access {
            ($level:ident, $said:literal) => {
                tracing::$level!(
                    target: ACCESS,
                    %method, path, status, duration_ms, address, subject, operation, refused, request.id = id, $said
                )
            };
        }
        if matches!(self.route, "/livez" | "/readyz" | "/metrics") {
            access!(trace, "probe");
        } else if status >= 500 {
            access!(error, "request failed");
        } else {
            access!(debug, "request");
        }
    }
}

/// A line of the log waits in memory: nobody may make it long.
fn shown(text: &str, characters: usize) -> &str {
    if text.len() <= characters {
        return text;
    }
    text.char_indices()
        .nth(characters)
        .map_or(text, |(end, _)| &text[..end])
}

/// The route as it stands in the program: a label costs no memory of its own.
fn route(matched: &str) -> &'static str {
    ROUTES.into_iter().find(|route| *route == matched).unwrap_or(OTHER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_path_is_cut_between_characters() {
        assert_eq!(shown("/graphql", PATH), "/graphql");
        assert_eq!(shown(&"é".repeat(500), PATH).chars().count(), PATH);
        assert_eq!(shown(&"é".repeat(150), PATH).chars().count(), 150);
        assert_eq!((route("/graphql"), route("/nowhere")), ("/graphql", OTHER));
    }

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
