//! `POST /dingtalk/events`: where DingTalk pushes. Its signature is what proves it, not a token.

use axum::{
    Json,
    extract::{Query, State as Extract, rejection::QueryRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};

use super::router::Edge;
use crate::intake::{PushQuery, Refusal};

/// An event names some ids.
const LARGEST: usize = 1024 * 1024;

pub(super) async fn push(
    Extract(edge): Extract<Edge>,
    query: Result<Query<PushQuery>, QueryRejection>,
    request: axum::extract::Request,
) -> Response {
    let Ok(Query(query)) = query else {
        return refusal(Refusal::Malformed);
    };
    let body: Bytes = match Limited::new(request.into_body(), LARGEST).collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => return (StatusCode::PAYLOAD_TOO_LARGE, "an event has at most 1 MB").into_response(),
    };
    match &edge.intake {
        None => refusal(Refusal::Off),
        Some(intake) => match intake.push(&query, &body).await {
            Ok(reply) => Json(reply.0).into_response(),
            Err(why) => refusal(why),
        },
    }
}

fn refusal(why: Refusal) -> Response {
    let status = match why {
        Refusal::Off => StatusCode::NOT_FOUND,
        Refusal::Malformed => StatusCode::BAD_REQUEST,
        Refusal::Forged | Refusal::Stale => StatusCode::FORBIDDEN,
        Refusal::Later => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, why.to_string()).into_response()
}
