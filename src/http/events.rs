//! Server-sent events, in `graphql-sse`'s distinct-connections mode: one operation a connection, events `next` and
//! `complete`. For networks whose proxies let no WebSocket through.

use axum::{
    body::{Body, Bytes},
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures_util::{Stream, StreamExt};
use tokio::time::{Instant, interval_at};

use super::{
    accept::MediaType,
    body::holding,
    credential::Credential,
    graphql::{GraphqlResponse, Operation},
    state::SharedState,
};
use crate::{
    audit::Origin,
    graphql::admission::{Code, Refusal},
};

/// A comment: proxies see that the connection lives, clients see nothing.
const ALIVE: Bytes = Bytes::from_static(b":\n\n");

/// The empty `data` is needed: browsers keep events without it to themselves, and axum's own writer leaves it out.
const COMPLETE: Bytes = Bytes::from_static(b"event: complete\ndata: \n\n");

/// Runs the operation and sends its answers as they come. Ends without `complete` at shutdown, so that clients come
/// back.
pub(super) fn stream(
    state: &SharedState,
    operation: Operation,
    credential: Option<Credential>,
    origin: Origin,
) -> Response {
    let shutdown = state.shutdown.clone();
    let keep_alive = state.config.event_keep_alive;
    let metrics = state.config.metrics.clone();
    let share = operation.share().clone();
    let answers = state.schema.stream(operation, origin);

    response(async_stream::stream! {
        futures_util::pin_mut!(answers);
        let ended = async move {
            match credential {
                Some(credential) => credential.ended().await,
                None => std::future::pending().await,
            }
        };
        futures_util::pin_mut!(ended);
        let mut silence = interval_at(Instant::now() + keep_alive, keep_alive);

        loop {
            // Biased: answers that never cease outlive neither the server nor the token or key.
            tokio::select! {
                biased;
                () = shutdown.cancelled() => return,
                why = &mut ended => {
                    let refusal = Refusal::new(Code::Unauthenticated, format!("{why}: subscribe with a new one"));
                    yield next(&refusal.into());
                    break;
                }
                answer = answers.next() => match answer {
                    Some(answer) => {
                        silence.reset();
                        if let Some(code) = answer.request_error() {
                            metrics.refused(code, answer.limit());
                        }

                        let (event, is_last) = (next(&answer), answer.request_error().is_some());
                        drop(answer);
                        share.rest();
                        // It has its part of the memory until it is read.
                        match share.hold(event.len()).await {
                            Ok(held) => yield holding(event, held),
                            Err(spent) => {
                                yield next(&Refusal::from(spent).into());
                                break;
                            }
                        }
                        if is_last {
                            break;
                        }
                    }
                    None => break,
                },
                _ = silence.tick() => yield ALIVE,
            }
        }

        yield COMPLETE;
    })
}

/// A request that is not run: `EventSource` shows no bodies of other statuses, so this is an event too.
pub(super) fn single(answer: &GraphqlResponse) -> Response {
    response(futures_util::stream::iter([next(answer), COMPLETE]))
}

fn response(events: impl Stream<Item = Bytes> + Send + 'static) -> Response {
    let mut response = Body::from_stream(events.map(Ok::<_, std::convert::Infallible>)).into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, MediaType::Events.content_type()),
        (header::CACHE_CONTROL, "no-store"),
        (header::VARY, "accept, authorization"),
        // nginx would collect the events otherwise.
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// The answer is JSON without line breaks, so it is one line of data.
fn next(answer: &GraphqlResponse) -> Bytes {
    format!("event: next\ndata: {}\n\n", answer.json()).into()
}
