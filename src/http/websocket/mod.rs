//! `/graphql/ws`: the `graphql-transport-ws` protocol.
//!
//! The library's own loop has no init time-out, answers protocol errors with 1002 where clients look for 4400 to 4429,
//! lets a duplicate id replace the first, and knows no origin, no caps and no end of a token.

mod operation_task;
mod operations;
mod protocol;
mod send_queue;
mod session;

use axum::{
    extract::{Extension, State, WebSocketUpgrade, ws::rejection::WebSocketUpgradeRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};

use super::{caller::Sender, cross_origin::may_connect, listener::Peer, response::problem, state::SharedState};
use crate::{
    audit::Origin,
    graphql::admission::{Code, Refusal},
};

/// The only protocol; its predecessor `graphql-ws` is unmaintained.
const PROTOCOL: &str = "graphql-transport-ws";

/// The transport reads messages of this multiple of the limit, so that a client whose message is too long can be told;
/// of a client without a token only twice as much.
const SLACK: usize = 16;
const STRANGERS_SLACK: usize = 2;

/// Bytes that are read at once and written at once. The library's own are 128 kB each, for every connection.
const BUFFER: usize = 4 * 1024;

/// Opens the socket, or says over HTTP why not.
pub(super) async fn upgrade(
    State(state): State<SharedState>,
    Extension(origin): Extension<Origin>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    socket: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let Ok(socket) = socket else {
        let refusal = Refusal::new(
            Code::BadRequest,
            "this address speaks WebSocket: connect with graphql-transport-ws",
        );
        let mut response = problem(StatusCode::UPGRADE_REQUIRED, refusal);
        let upgrade = HeaderValue::from_static("websocket");
        response.headers_mut().insert(header::UPGRADE, upgrade);
        return response;
    };

    if !may_connect(&headers, &state.config.allowed_origins) {
        let refusal = Refusal::new(
            Code::BadRequest,
            "pages of this origin may not connect: the operator can allow it",
        );
        return problem(StatusCode::FORBIDDEN, refusal);
    }

    // Programs that can set headers may send the token here; browsers send it in `connection_init`.
    let peer = peer.map(|Extension(peer)| peer);
    let sender = Sender {
        peer: peer.as_ref(),
        source: origin.address,
    };
    let caller = match state.caller(&headers, sender).await {
        Ok(caller) => caller,
        Err(no_caller) => return no_caller.response(),
    };

    let slack = if caller.is_some() { SLACK } else { STRANGERS_SLACK };
    let limit = state.config.websocket.message_bytes.saturating_mul(slack);
    if let Some(peer) = &peer {
        peer.connection.becomes_socket();
    }

    let socket = socket
        .protocols([PROTOCOL])
        .read_buffer_size(BUFFER)
        .write_buffer_size(BUFFER)
        .max_message_size(limit)
        .max_frame_size(limit);
    let agreed = socket.selected_protocol().is_some();
    let tracker = state.config.sockets.clone();
    socket.on_upgrade(move |socket| tracker.track_future(session::run(socket, state, caller, peer, origin, agreed)))
}
