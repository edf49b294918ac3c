//! What stands around every route, from the outside in: id, panics, log and figures; cross-origin rules; the host's
//! name; compression. All in one layer: each layer of a router is a box, and a copy of all that is inside of it, for
//! every request.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{Method, header},
    middleware::Next,
    response::Response,
};

use super::{
    compress::{self, Compressors},
    cross_origin::{self, CrossOrigin},
    host, observe,
    state::SharedState,
};

/// What it works with.
pub(super) struct Around {
    pub(super) state: SharedState,
    pub(super) cross_origin: CrossOrigin,
    pub(super) compressors: Compressors,
}

/// The layer.
pub(super) async fn around(State(around): State<Arc<Around>>, request: Request, next: Next) -> Response {
    let inside = |request: Request| async {
        match host::check(&request) {
            Some(refused) => refused,
            None => run(&around.compressors, request, next).await,
        }
    };
    observe::observed(&around.state, request, |request| {
        cross_origin::checked(&around.cross_origin, request, inside)
    })
    .await
}

async fn run(compressors: &Compressors, request: Request, next: Next) -> Response {
    let has_body = request.method() != Method::HEAD;
    let accepted = request.headers().get_all(header::ACCEPT_ENCODING);
    let accepted = accepted.iter().cloned().collect();
    let response = next.run(request).await;
    compress::compressed(compressors, accepted, has_body, response).await
}
