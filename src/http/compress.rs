//! Compression takes memory for as long as the answer is read, several times as much as an uncompressed one: so only some
//! answers are compressed at once. The others are sent as they are.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    http::header,
    middleware::Next,
    response::Response,
};
use http_body_util::BodyExt;
use tokio::sync::Semaphore;

/// Compressors at once.
const AT_ONCE: usize = 16;

/// The compressors that are free.
pub(super) fn compressors() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(AT_ONCE))
}

/// Outside of the compression: takes the caller's wish back where no compressor is free.
pub(super) async fn bound(State(free): State<Arc<Semaphore>>, mut request: Request, next: Next) -> Response {
    if !request.headers().contains_key(header::ACCEPT_ENCODING) {
        return next.run(request).await;
    }
    let permit = free.try_acquire_owned();
    if permit.is_err() {
        request.headers_mut().remove(header::ACCEPT_ENCODING);
    }
    let response = next.run(request).await;
    if !response.headers().contains_key(header::CONTENT_ENCODING) {
        return response;
    }
    // The body has the permit until it is dropped.
    response.map(|body| {
        Body::new(body.map_frame(move |frame| {
            let _ = &permit;
            frame
        }))
    })
}
