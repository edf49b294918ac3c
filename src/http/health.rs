//! `/livez`, `/readyz` and `/metrics`.

use std::time::Duration;

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::router::Edge;

/// A probe that waits longer has given up.
const PATIENCE: Duration = Duration::from_secs(3);

/// The process answers.
pub(super) async fn live() -> Response {
    no_store(StatusCode::OK, json!({"status": "live"}))
}

/// Whether requests can be answered; 503 with the reason otherwise, and from the beginning of a shutdown.
pub(super) async fn ready(State(edge): State<Edge>) -> Response {
    let outcome = if edge.shutdown.is_cancelled() {
        Err("the server is shutting down".to_owned())
    } else {
        tokio::time::timeout(PATIENCE, (edge.readiness)())
            .await
            .unwrap_or_else(|_| Err("the database takes too long to answer".to_owned()))
    };
    match outcome {
        Ok(()) => no_store(StatusCode::OK, json!({"status": "ready"})),
        Err(reason) => no_store(
            StatusCode::SERVICE_UNAVAILABLE,
            json!({"status": "not ready", "reason": reason}),
        ),
    }
}

/// Figures for Prometheus.
pub(super) async fn metrics(State(edge): State<Edge>) -> Response {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], edge.config.metrics.text()).into_response()
}

fn no_store(status: StatusCode, body: serde_json::Value) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}
