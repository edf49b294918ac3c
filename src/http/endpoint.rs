//! `/graphql`: GraphQL over HTTP.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use http_body_util::BodyExt;
use tokio::time::timeout;

use super::{
    accept::{MediaType, negotiate},
    admitting::{self, NotAdmitted, READ_AT_ONCE},
    body::{BodyError, ReceivedBody, holding, receive},
    caller::Sender,
    credential::Credential,
    etag::Getting,
    events,
    graphql::{Operation, Params},
    kept_answers::{Keeping, KeptAnswer},
    observe::{CallerName, caller_name},
    question::Question,
    response::{OperationName, again, method_not_allowed, problem, reply},
    state::SharedState,
};
use crate::{
    audit::Origin,
    auth::Caller,
    graphql::admission::{Code, Exhausted, Limits, OperationKind, Refusal, Share},
};

/// A body that is refused is read on and thrown away up to this many bytes, because closing the connection on a client
/// that still writes makes its system discard the answer.
const DRAIN_BYTES: usize = 64 * 1024 * 1024;

/// How old the mirror may be, in seconds: `extensions.maxStaleness` for those who can't write extensions.
const MAX_STALENESS: HeaderName = HeaderName::from_static("mirror-max-staleness");

/// GET: queries and subscriptions; nothing that changes anything, as any page may make a browser GET.
pub(super) async fn by_get(State(state): State<SharedState>, request: Request) -> Response {
    let (query, headers) = (request.uri().query(), request.headers());
    if query.is_none() && is_browser(headers) {
        return Redirect::to("/graphiql").into_response();
    }

    let (media, caller) = match open(&state, headers, request.extensions()).await {
        Ok(opened) => opened,
        Err(response) => return *response,
    };

    let name = caller.as_ref().map(caller_name);
    let credential = caller.as_ref().map(|caller| state.credential_of(caller));
    let share = state.memory.share(caller.is_some());
    let query = query.unwrap_or_default().to_owned();
    let getting = caller
        .as_ref()
        .map(|caller| Getting::new(&query, caller, media, headers));
    let (bytes, staleness) = (query.len(), headers.get(MAX_STALENESS).cloned());
    let params = move |limits: &Limits| wishing(Params::from_query_string(&query, limits)?, staleness.as_ref());

    let asking = Asking {
        media,
        credential,
        origin: origin_of(request.extensions()),
        is_get: true,
        getting,
        question: None,
    };
    let admitted = admitting::admit(&state, bytes, params, caller, share).await;
    signed(run(&state, admitted, asking).await, name)
}

/// POST of JSON. Other content types are refused, those above all that HTML forms can send.
pub(super) async fn by_post(State(state): State<SharedState>, request: Request) -> Response {
    // As they came: the extractors would copy them.
    let (parts, body) = request.into_parts();
    let headers = &parts.headers;
    let (media, caller) = match open(&state, headers, &parts.extensions).await {
        Ok(opened) => opened,
        Err(response) => return *response,
    };

    let name = caller.as_ref().map(caller_name);
    let origin = origin_of(&parts.extensions);
    signed(posted(&state, headers, body, media, caller, origin).await, name)
}

/// Where the request came from, as `around` has found out.
fn origin_of(extensions: &Extensions) -> Origin {
    extensions.get().cloned().unwrap_or_default()
}

async fn posted(
    state: &SharedState,
    headers: &HeaderMap,
    body: Body,
    media: MediaType,
    caller: Option<Caller>,
    origin: Origin,
) -> Response {
    if !is_json(headers) {
        return problem(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Refusal::new(Code::BadRequest, "the `Content-Type` has to be `application/json`"),
        );
    }

    if headers
        .get(header::CONTENT_ENCODING)
        .is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity"))
    {
        return problem(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Refusal::new(
                Code::BadRequest,
                "compressed bodies are not taken: send it without `Content-Encoding`",
            ),
        );
    }

    let share = state.memory.share(caller.is_some());
    let ReceivedBody { bytes, held } = match read(state, headers, body, &share).await {
        Ok(body) => body,
        Err(response) => return response,
    };

    let staleness = headers.get(MAX_STALENESS).cloned();
    // Streams are of their own making, and what is long isn't read here.
    let may_be_kept = media != MediaType::Events && staleness.is_none() && bytes.len() <= READ_AT_ONCE;
    let question = caller
        .as_ref()
        .filter(|_| may_be_kept && state.kept.is_some())
        .map(|caller| Question::new(caller, media, &bytes));
    if let Some(answer) = question.as_ref().and_then(|question| kept(state, question)) {
        state.config.metrics.told_again.inc();
        return told_again(&share, &answer, media).await;
    }

    let credential = caller.as_ref().map(|caller| state.credential_of(caller));
    let size = bytes.len();
    let params = move |limits: &Limits| wishing(Params::from_slice(&bytes, limits)?, staleness.as_ref());
    let asking = Asking {
        media,
        credential,
        origin,
        is_get: false,
        getting: None,
        question,
    };
    let admitted = admitting::admit(state, size, params, caller, share).await;
    let response = run(state, admitted, asking).await;

    // The variables took the place of the body.
    drop(held);
    response
}

/// Leaves the caller's name for the log.
fn signed(mut response: Response, name: Option<String>) -> Response {
    if let Some(name) = name {
        response.extensions_mut().insert(CallerName(name));
    }
    response
}

/// OPTIONS outside of a browser's preflight.
pub(super) async fn options() -> impl IntoResponse {
    (StatusCode::NO_CONTENT, [(header::ALLOW, "GET, HEAD, POST, OPTIONS")])
}

async fn open(
    state: &SharedState,
    headers: &HeaderMap,
    extensions: &Extensions,
) -> Result<(MediaType, Option<Caller>), Box<Response>> {
    let media = negotiate(headers).ok_or_else(|| {
        Box::new(problem(
            StatusCode::NOT_ACCEPTABLE,
            Refusal::new(
                Code::BadRequest,
                "`Accept` has to allow application/graphql-response+json, application/json or text/event-stream",
            ),
        ))
    })?;

    let sender = Sender {
        peer: extensions.get(),
        source: extensions.get().and_then(|origin: &Origin| origin.address),
    };
    let caller = state
        .caller(headers, sender)
        .await
        .map_err(|no_caller| Box::new(no_caller.response()))?;
    Ok((media, caller))
}

/// How an operation is to be answered.
struct Asking {
    media: MediaType,
    /// What the caller has shown.
    credential: Option<Credential>,
    origin: Origin,
    is_get: bool,
    /// What the tag of the answer depends on; `None` where it gets none.
    getting: Option<Getting>,
    /// By which the answer may be kept; `None` where it can't be.
    question: Option<Question>,
}

/// The parameters with what the header wishes.
fn wishing(params: Params, staleness: Option<&HeaderValue>) -> Result<Params, Refusal> {
    let staleness = staleness.map(|value| value.to_str().unwrap_or("?"));
    Ok(Params {
        wishes: params.wishes.with_header(staleness)?,
        ..params
    })
}

/// Answers an operation, or what it was refused for.
async fn run(state: &SharedState, admitted: Result<Operation, NotAdmitted>, asking: Asking) -> Response {
    let media = asking.media;
    let operation = match admitted {
        Ok(operation) => operation,
        Err(NotAdmitted::Refused(refusal)) if media == MediaType::Events => {
            state.config.metrics.refused(refusal.code.as_str(), refusal.limit);
            return events::single(&refusal.into());
        }
        Err(refused) => return reply(Refusal::from(refused).into(), media),
    };

    let name = operation.name().map(|name| OperationName(name.to_owned()));
    let mut response = match operation.kind() {
        OperationKind::Mutation if asking.is_get => method_not_allowed(
            "POST",
            Refusal::new(Code::BadRequest, "mutations are not run by GET: use POST"),
        ),
        _ if media == MediaType::Events => events::stream(state, operation, asking.credential, asking.origin),
        OperationKind::Subscription => reply(
            Refusal::new(
                Code::BadRequest,
                "subscriptions need the WebSocket at /graphql/ws, or `Accept: text/event-stream`",
            )
            .into(),
            media,
        ),
        _ => answered(state, operation, &asking).await,
    };

    if let Some(name) = name {
        response.extensions_mut().insert(name);
    }
    response
}

/// Runs the operation, unless the caller has its very answer. From its values the answer becomes a text, which has its
/// part of the memory until it is read.
async fn answered(state: &SharedState, operation: Operation, asking: &Asking) -> Response {
    let (kind, share, media) = (operation.kind(), operation.share().clone(), asking.media);
    let keeping = asking.question.and_then(|question| Keeping::new(question, &operation));
    let getting = asking.getting.as_ref();
    let tag = getting.and_then(|getting| getting.tag(&operation));
    if let (Some(getting), Some(tag)) = (getting, &tag)
        && let Some(not_modified) = getting.not_modified(tag)
    {
        return not_modified;
    }

    let answer = state.schema.execute(operation, &asking.origin).await;
    let tag = tag.filter(|_| answer.is_whole());
    let keeping = keeping.filter(|_| answer.is_whole());
    let mut response = reply(answer, media);
    share.rest();
    if let Some(tag) = tag {
        tag.put_on(&mut response);
    }

    let (parts, body) = response.into_parts();
    // It is whole: nothing of it is waited for.
    let text = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    if let (Some(keeping), Some(kept)) = (keeping, &state.kept) {
        keeping.keep(kept, &text);
    }

    match share.hold(text.len()).await {
        Ok(held) => Response::from_parts(parts, Body::from(holding(text, held))),
        // What was done is told.
        Err(_) if kind == OperationKind::Mutation => Response::from_parts(parts, Body::from(text)),
        Err(spent) => reply(Refusal::from(spent).into(), media),
    }
}

/// What was answered before in the state of the directory that is in force.
fn kept(state: &SharedState, question: &Question) -> Option<Arc<KeptAnswer>> {
    let snapshot = state.config.mirror.as_ref()?.snapshot();
    state.kept.as_ref()?.find(question, &snapshot)
}

/// The answer that was given before, which has its part of the memory until it is read like any other.
async fn told_again(share: &Share, answer: &KeptAnswer, media: MediaType) -> Response {
    let held = match share.hold(answer.body.len()).await {
        Ok(held) => held,
        Err(spent) => return reply(Refusal::from(spent).into(), media),
    };

    let mut response = again(holding(answer.body.clone(), held), media);
    if let Some(name) = answer.operation.clone() {
        response.extensions_mut().insert(name);
    }
    response
}

/// Somebody opened the address to look at it.
fn is_browser(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.starts_with("text/html"))
}

fn is_json(headers: &HeaderMap) -> bool {
    // Two of them may be read either way, say by a proxy: only one counts.
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next().and_then(|value| value.to_str().ok()), values.next()) else {
        return false;
    };

    let mut parts = value.split(';').map(str::trim);
    let is_json = parts
        .next()
        .is_some_and(|media| media.eq_ignore_ascii_case("application/json"));
    is_json
        && parts.filter_map(|part| part.split_once('=')).all(|(name, value)| {
            !name.eq_ignore_ascii_case("charset") || value.trim_matches('"').eq_ignore_ascii_case("utf-8")
        })
}

async fn read(state: &SharedState, headers: &HeaderMap, body: Body, share: &Share) -> Result<ReceivedBody, Response> {
    let (limit, time) = (state.config.body_limit, state.config.request_timeout);

    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|bytes| bytes > limit) {
        // Closing over unread input would take the answer back: the rest is read and thrown away.
        tokio::spawn(timeout(time, drain(body)));
        return Err(too_large(limit));
    }

    receive(body, limit, time, share).await.map_err(|missed| match missed {
        BodyError::TooLarge => too_large(limit),
        BodyError::BrokenOff => problem(
            StatusCode::BAD_REQUEST,
            Refusal::new(Code::BadRequest, "the body broke off"),
        ),
        BodyError::TooSlow => problem(
            StatusCode::REQUEST_TIMEOUT,
            Refusal::new(Code::Timeout, "the body took too long to arrive"),
        ),
        BodyError::Busy => problem(StatusCode::SERVICE_UNAVAILABLE, Exhausted.into()),
    })
}

async fn drain(mut body: Body) {
    let mut left = DRAIN_BYTES;
    while let Some(Ok(frame)) = body.frame().await {
        left = match left.checked_sub(frame.data_ref().map_or(0, Bytes::len)) {
            Some(left) => left,
            None => return,
        };
    }
}

fn too_large(limit: usize) -> Response {
    let refusal = Refusal::new(
        Code::DocumentTooLarge,
        format!("the body is larger than {limit} bytes: ask for less at once"),
    );

    let mut response = problem(StatusCode::PAYLOAD_TOO_LARGE, refusal);
    response
        .headers_mut()
        .insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}
