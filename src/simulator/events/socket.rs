//! One connection of the stream: `GET /connect?ticket=…`, upgraded to a WebSocket.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Value, json};
use tokio::time::{Instant, interval_at, sleep_until};

use super::stream::{StreamCommand, frame};
use crate::simulator::random::fresh_uuid;
use crate::simulator::state::SimulatorState;

/// Longer frames of a client end its connection.
const LONGEST_FRAME: usize = 256 * 1024;

/// So long a client that said Close may take to read the answer.
const GOODBYE: Duration = Duration::from_secs(5);

/// Takes a ticket and upgrades.
pub(crate) async fn connect(
    State(shared): State<Arc<SimulatorState>>,
    Query(arguments): Query<HashMap<String, String>>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let now = shared.world().now();
    let ticket = arguments.get("ticket").map(String::as_str).unwrap_or_default();
    if !shared.hub.redeem(ticket, now) {
        return (
            StatusCode::UNAUTHORIZED,
            "the ticket is unknown, used or older than 90 s",
        )
            .into_response();
    }

    upgrade
        .max_message_size(LONGEST_FRAME)
        .on_upgrade(move |socket| serve(shared, socket))
}

async fn serve(shared: Arc<SimulatorState>, mut socket: WebSocket) {
    let (number, mut commands) = shared.hub.join();
    let settings = shared.world().events.settings.clone();
    let every = Duration::from_millis(settings.ping_ms.max(1));
    let mut pings = interval_at(Instant::now() + every, every);
    let expiry = sleep_until(Instant::now() + Duration::from_millis(settings.lifetime_ms));
    tokio::pin!(expiry);
    let mut saying_goodbye = false;

    loop {
        let leaving = tokio::select! {
            command = commands.recv(), if !saying_goodbye => match command {
                Some(StreamCommand::Send(frame)) => {
                    if say(&mut socket, &frame).await.is_err() { break }
                    false
                }
                Some(StreamCommand::Disconnect) => true,
                // The hub forgot this connection.
                None => break,
            },
            _ = pings.tick(), if !saying_goodbye => {
                let opaque = json!({"opaque": fresh_uuid().to_string()});
                if say(&mut socket, &system(&shared, "ping", &opaque)).await.is_err() { break }
                false
            }
            () = &mut expiry => {
                if saying_goodbye { break }
                true
            }
            message = socket.recv() => match message {
                Some(Ok(Message::Text(text))) => {
                    if let Ok(frame) = serde_json::from_str(&text) {
                        shared.hub.acknowledged(frame);
                    }
                    false
                }
                Some(Err(_)) | None => break,
                // A Close is answered with the next look at the socket, which ends when that is said. Until then there
                // is nothing to be sent.
                Some(Ok(Message::Close(_))) => {
                    shared.hub.leave(number);
                    let said = async { while let Some(Ok(_)) = socket.recv().await {} };
                    tokio::time::timeout(GOODBYE, said).await.ok();
                    break;
                }
                Some(Ok(_)) => false,
            },
            () = shared.closing.cancelled() => break,
        };

        if leaving && !saying_goodbye {
            saying_goodbye = true;
            shared.hub.leave(number);
            let reason = json!({"reason": "connection is expired"});
            if say(&mut socket, &system(&shared, "disconnect", &reason)).await.is_err() {
                break;
            }
            expiry
                .as_mut()
                .reset(Instant::now() + Duration::from_millis(settings.close_after_ms));
        }
    }

    shared.hub.leave(number);
}

async fn say(socket: &mut WebSocket, frame: &Value) -> Result<(), axum::Error> {
    socket.send(Message::text(frame.to_string())).await
}

fn system(shared: &SimulatorState, topic: &str, data: &Value) -> Value {
    let now = shared.world().now();
    frame("SYSTEM", topic, &fresh_uuid().simple().to_string(), now, data)
}
