//! Server-sent events, in `graphql-sse`'s distinct-connections mode: one operation a connection, events `next` and `complete`.
//! For networks whose proxies let no WebSocket through.

use std::{convert::Infallible, time::Duration};

use axum::{
    http::{HeaderName, HeaderValue, header},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::{Stream, StreamExt};

use super::{
    graphql::{Answer, Operation},
    observe::RequestId,
    router::Edge,
};
use crate::graphql::admission::{Code, Refusal};

/// Longer than any token lives.
const A_YEAR: Duration = Duration::from_secs(365 * 24 * 3_600);

/// Runs the operation and sends its answers as they come. Ends without `complete` at shutdown, so that clients come back.
pub(super) fn stream(edge: &Edge, operation: Operation, time_left: Option<Duration>, id: RequestId) -> Response {
    let shutdown = edge.shutdown.clone();
    let answers = edge.engine.stream(operation, id.0);
    let events = async_stream::stream! {
        futures_util::pin_mut!(answers);
        let expired = tokio::time::sleep(time_left.unwrap_or(A_YEAR));
        futures_util::pin_mut!(expired);
        loop {
            tokio::select! {
                biased;
                () = shutdown.cancelled() => return,
                () = &mut expired => {
                    let refusal = Refusal::new(Code::Unauthenticated, "the token has expired: subscribe with a new one");
                    yield Ok(next(&refusal.into()));
                    break;
                }
                answer = answers.next() => match answer {
                    Some(answer) => yield Ok(next(&answer)),
                    None => break,
                },
            }
        }
        yield Ok(complete());
    };
    response(events, edge.config.event_keep_alive)
}

/// A request that is not run: `EventSource` shows no bodies of other statuses, so this is an event too.
pub(super) fn single(answer: Answer) -> Response {
    let events = futures_util::stream::iter([Ok(next(&answer)), Ok(complete())]);
    response(events, A_YEAR)
}

fn response(events: impl Stream<Item = Result<Event, Infallible>> + Send + 'static, keep_alive: Duration) -> Response {
    let mut response = Sse::new(events)
        .keep_alive(KeepAlive::new().interval(keep_alive))
        .into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("accept, authorization"));
    // nginx would collect the events otherwise.
    headers.insert(
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    );
    response
}

fn next(answer: &Answer) -> Event {
    Event::default().event("next").data(answer.json())
}

fn complete() -> Event {
    Event::default().event("complete").data("")
}
