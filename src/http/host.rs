//! Whom a request is for: HTTP/1.1 wants the host named, once (RFC 9112, 3.2).

use axum::{
    extract::Request,
    http::{HeaderMap, StatusCode, Version, header},
    response::Response,
};

use super::response::problem;
use crate::graphql::admission::{Code, Refusal};

/// Refuses what proxies before this server might take for another request than this server does.
pub(super) fn check(request: &Request) -> Option<Response> {
    if is_named(request.headers(), request.version()) {
        return None;
    }
    Some(problem(
        StatusCode::BAD_REQUEST,
        Refusal::new(
            Code::BadRequest,
            "the request has to name its host in one `Host` header",
        ),
    ))
}

fn is_named(headers: &HeaderMap, version: Version) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        // HTTP/1.0 knows no such header.
        (None, _) => version != Version::HTTP_11,
        (Some(host), None) => host
            .as_bytes()
            .iter()
            .all(|byte| byte.is_ascii_graphic() && !b"/?#@\\".contains(byte)),
        (Some(_), Some(_)) => false,
    }
}
