//! Which web pages may call: the server's own, and those of the configured origins.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::state::SharedState;

/// Answers a browser's preflight and adds the headers that let a configured origin read the answer. Without a
/// configured origin nothing is added, and browsers keep other pages out.
pub(super) async fn check(State(state): State<SharedState>, request: Request, next: Next) -> Response {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let listed = origin.filter(|origin| is_listed(origin, &state.config.allowed_origins));
    let Some(origin) = listed else {
        return next.run(request).await;
    };

    let preflight =
        request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if preflight {
        let allowed = [
            (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
            (
                header::ACCESS_CONTROL_ALLOW_HEADERS,
                "accept, authorization, content-type, x-request-id, graphql-require-preflight, \
                 apollo-require-preflight, x-apollo-operation-name",
            ),
            (header::ACCESS_CONTROL_MAX_AGE, "600"),
        ];
        (StatusCode::NO_CONTENT, allowed).into_response()
    } else {
        next.run(request).await
    };

    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static("x-request-id, www-authenticate"),
    );
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    response
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
