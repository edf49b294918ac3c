//! `/livez`, `/readyz` and `/metrics`.

use std::time::Duration;

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{config::Readiness, state::SharedState};

/// A probe that waits longer has given up.
const PATIENCE: Duration = Duration::from_secs(3);

/// The process answers.
pub(super) async fn live() -> Response {
    no_store(StatusCode::OK, json!({"status": "live"}))
}

/// Whether requests can be answered; 503 with the reason otherwise, and from the beginning of a shutdown.
pub(super) async fn ready(State(state): State<SharedState>) -> Response {
    let at_fault = |fault: &str| Readiness {
        fault: Some(fault.to_owned()),
        ..Readiness::default()
    };

    let standing = if state.shutdown.is_cancelled() {
        at_fault("the server is shutting down")
    } else {
        tokio::time::timeout(PATIENCE, (state.readiness)())
            .await
            .unwrap_or_else(|_| at_fault("the database takes too long to answer"))
    };

    let (status, mut told) = match standing.fault {
        None => (StatusCode::OK, json!({"status": "ready"})),
        Some(reason) => (
            StatusCode::SERVICE_UNAVAILABLE,
            json!({"status": "not ready", "reason": reason}),
        ),
    };
    if !standing.detail.is_null() {
        told["detail"] = standing.detail;
    }
    no_store(status, told)
}

/// Figures for Prometheus.
pub(super) async fn metrics(State(state): State<SharedState>) -> Response {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], state.config.metrics.text()).into_response()
}

fn no_store(status: StatusCode, body: serde_json::Value) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}
