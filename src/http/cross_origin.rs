//! Which web pages may call: the server's own, and those of the configured origins.
//!
//! tower-http writes the headers. Two things are decided here, because its layer has no word in them: who is answered
//! by it at all (it takes every OPTIONS for a preflight, and marks answers to pages of other origins, too), and whether
//! a WebSocket may be opened, for which browsers send `Origin` and no preflight.

use std::{future::Future, sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    response::Response,
};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::finished::finished;

/// What a page of a configured origin may send beside what every page may.
const ALLOWED_HEADERS: [HeaderName; 11] = [
    header::ACCEPT,
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    header::IF_NONE_MATCH,
    HeaderName::from_static("mirror-max-staleness"),
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("graphql-require-preflight"),
    HeaderName::from_static("apollo-require-preflight"),
    HeaderName::from_static("x-apollo-operation-name"),
    HeaderName::from_static("apollographql-client-name"),
    HeaderName::from_static("apollographql-client-version"),
];

/// How long a browser need not ask again.
const PREFLIGHT_HOLDS: Duration = Duration::from_secs(600);

/// The configured origins, and what their pages are told.
#[derive(Clone)]
pub(super) struct CrossOrigin {
    listed: Arc<[String]>,
    cors: CorsLayer,
}

impl CrossOrigin {
    pub(super) fn new(listed: &[String]) -> Self {
        Self {
            listed: listed.into(),
            cors: CorsLayer::new()
                // Requests of other origins don't come as far as the layer.
                .allow_origin(AllowOrigin::mirror_request())
                .allow_methods([Method::GET, Method::POST])
                .allow_headers(ALLOWED_HEADERS)
                .max_age(PREFLIGHT_HOLDS)
                .vary([header::ORIGIN])
                .expose_headers([
                    HeaderName::from_static("x-request-id"),
                    header::WWW_AUTHENTICATE,
                    header::ETAG,
                    header::RETRY_AFTER,
                ]),
        }
    }
}

/// Answers a browser's preflight and adds the headers that let a configured origin read the answer. Without a
/// configured origin nothing is added, and browsers keep other pages out.
pub(super) async fn checked<F>(rules: &CrossOrigin, request: Request, inside: impl FnOnce(Request) -> F) -> Response
where
    F: Future<Output = Response>,
{
    let headers = request.headers();
    let is_options = request.method() == Method::OPTIONS;
    let is_preflight = is_options && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);

    let origin = headers.get(header::ORIGIN);
    let is_listed = origin.is_some_and(|origin| is_listed(origin, &rules.listed));
    if !is_listed || is_options != is_preflight {
        return inside(request).await;
    }

    if is_preflight {
        let mut response = finished(&rules.cors, request, Response::default()).await;
        *response.status_mut() = StatusCode::NO_CONTENT;
        return response;
    }

    let mut head = Request::new(Body::empty());
    head.method_mut().clone_from(request.method());
    if let Some(origin) = origin {
        head.headers_mut().insert(header::ORIGIN, origin.clone());
    }
    let response = inside(request).await;
    finished(&rules.cors, head, response).await
}

/// Whether a WebSocket may be opened: browsers send `Origin` and enforce nothing there, so the server has to. Other
/// programs send none.
pub(super) fn may_connect(headers: &HeaderMap, listed: &[String]) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    is_listed(origin, listed) || is_own(origin, headers)
}

fn is_listed(origin: &HeaderValue, listed: &[String]) -> bool {
    listed.iter().any(|allowed| {
        allowed
            .trim_end_matches('/')
            .as_bytes()
            .eq_ignore_ascii_case(origin.as_bytes())
    })
}

fn is_own(origin: &HeaderValue, headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let authority = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    match (authority, host) {
        (Some((_, authority)), Some(host)) => !host.is_empty() && authority.eq_ignore_ascii_case(host),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may(origin: Option<&str>, host: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().expect("a host"));
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().expect("an origin"));
        }
        may_connect(&headers, &["https://wiki.example.com".to_owned()])
    }

    #[test]
    fn own_and_listed_origins_may_connect_and_programs_without_one() {
        assert!(may(None, "mirror.example.com"));
        assert!(may(Some("https://mirror.example.com"), "mirror.example.com"));
        assert!(may(Some("http://127.0.0.1:8080"), "127.0.0.1:8080"));
        assert!(may(Some("https://wiki.example.com"), "mirror.example.com"));

        assert!(!may(
            Some("https://wiki.example.com.evil.example"),
            "mirror.example.com"
        ));
        assert!(!may(Some("https://evil.example"), "mirror.example.com"));
        assert!(!may(Some("http://127.0.0.1:9090"), "127.0.0.1:8080"));
        assert!(!may(Some("null"), "mirror.example.com"));
        assert!(!may(Some(""), ""));
    }
}
