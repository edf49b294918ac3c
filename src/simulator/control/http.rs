//! The control API over HTTP.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use http::StatusCode;
use serde_json::{Value, json};

use super::{Control, ControlError, ControlResult, refused};
use crate::simulator::state::SimulatorState;

/// Room for some ten thousand edits at once.
const LARGEST_BODY: usize = 16 << 20;

impl IntoResponse for ControlError {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, Json(json!({"error": self.to_string()}))).into_response()
    }
}

type Arguments = Query<HashMap<String, String>>;

/// The routes, to be nested at `/control`.
pub(crate) fn router() -> Router<Arc<SimulatorState>> {
    Router::new()
        .route("/", get(index))
        .route(
            "/directory",
            get(|control: Ask| async move { Json(control.0.directory()) }),
        )
        .route(
            "/calls",
            get(|control: Ask| async move { Json(control.0.calls()) }).delete(forget_calls),
        )
        .route("/messages", get(messages))
        .route(
            "/messages/read",
            post(|c: Ask, b: Bytes| async move { change(b, |body| c.0.read(body)) }),
        )
        .route(
            "/delivery",
            put(|c: Ask, b: Bytes| async move { change(b, |body| c.0.set_delivery(body)) }),
        )
        .route(
            "/scope",
            get(|control: Ask| async move { Json(control.0.scope()) })
                .put(|c: Ask, b: Bytes| async move { change(b, |body| c.0.set_scope(body)) }),
        )
        .route(
            "/permissions",
            get(|control: Ask| async move { Json(control.0.permissions()) })
                .put(|c: Ask, b: Bytes| async move { change(b, |body| c.0.set_permissions(body)) }),
        )
        .route(
            "/limits",
            put(|c: Ask, b: Bytes| async move { change(b, |body| c.0.set_limits(body)) }),
        )
        .route(
            "/faults",
            get(|control: Ask| async move { Json(control.0.faults()) })
                .post(|c: Ask, b: Bytes| async move { change(b, |body| c.0.add_faults(body)) })
                .delete(remove_faults),
        )
        .route(
            "/edits",
            post(|c: Ask, b: Bytes| async move { change(b, |body| c.0.edit(body)) }),
        )
        .route(
            "/events",
            get(events).put(|c: Ask, b: Bytes| async move { change(b, |body| c.0.set_events(body)) }),
        )
        .route(
            "/churn",
            post(|c: Ask, b: Bytes| async move { change(b, |body| c.0.churn(body)) }),
        )
        .route(
            "/push",
            put(|c: Ask, b: Bytes| async move { change(b, |body| c.0.set_push(body)) }),
        )
        .route(
            "/streams/disconnect",
            post(|c: Ask| async move { Json(c.0.disconnect_streams()) }),
        )
        .route("/tokens/expire", post(expire_tokens))
        .route(
            "/token-requests",
            get(|control: Ask| async move { Json(control.0.token_requests()) }),
        )
        .route("/reset", post(reset))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .fallback(|| async {
            (
                StatusCode::NOT_FOUND,
                Json(json!({"error": "no such endpoint; GET /control lists them"})),
            )
        })
        .method_not_allowed_fallback(|| async {
            (
                StatusCode::METHOD_NOT_ALLOWED,
                Json(json!({"error": "not this method; GET /control lists the endpoints"})),
            )
        })
}

/// The list of endpoints.
pub(crate) async fn index() -> Json<Value> {
    Json(super::index::index())
}

/// The control API as an extractor.
struct Ask(Control);

impl axum::extract::FromRequestParts<Arc<SimulatorState>> for Ask {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        _: &mut http::request::Parts,
        shared: &Arc<SimulatorState>,
    ) -> Result<Self, Self::Rejection> {
        Ok(Self(Control::new(shared.clone())))
    }
}

fn change(body: Bytes, apply: impl FnOnce(Value) -> ControlResult) -> Result<Json<Value>, ControlError> {
    let body = serde_json::from_slice(&body).map_err(|error| refused(format!("the body is not JSON: {error}")))?;
    apply(body).map(Json)
}

async fn forget_calls(Ask(control): Ask) -> Json<Value> {
    control.forget_calls();
    Json(json!({}))
}

async fn messages(Ask(control): Ask, Query(arguments): Arguments) -> Json<Value> {
    Json(match arguments.get("userid") {
        Some(userid) => control.received(userid),
        None => control.messages(),
    })
}

async fn remove_faults(Ask(control): Ask, Query(arguments): Arguments) -> Result<Json<Value>, ControlError> {
    Ok(Json(control.remove_faults(number(&arguments, "id")?)))
}

async fn events(Ask(control): Ask, Query(arguments): Arguments) -> Result<Json<Value>, ControlError> {
    Ok(Json(control.events(number(&arguments, "after")?.unwrap_or(0))))
}

fn number(arguments: &HashMap<String, String>, name: &str) -> Result<Option<u64>, ControlError> {
    let parse = |text: &String| {
        text.parse()
            .map_err(|_| refused(format!("{name}: {text:?} is not a number")))
    };
    arguments.get(name).map(parse).transpose()
}

async fn expire_tokens(State(shared): State<Arc<SimulatorState>>) -> Json<Value> {
    Control::new(shared).expire_tokens();
    Json(json!({}))
}

async fn reset(Ask(control): Ask) -> Json<Value> {
    control.reset();
    Json(json!({}))
}
