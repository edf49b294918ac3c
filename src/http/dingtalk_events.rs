//! `POST /dingtalk/events`: where DingTalk pushes. Its signature is what proves it, not a token.

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};

use super::{
    body::{BodyError, receive},
    state::SharedState,
};
use crate::intake::{PushQuery, PushRefusal};

pub(super) async fn push(
    State(state): State<SharedState>,
    query: Result<Query<PushQuery>, QueryRejection>,
    request: axum::extract::Request,
) -> Response {
    let Ok(Query(query)) = query else {
        return refusal(PushRefusal::Malformed);
    };

    // Whoever can't have signed anything need not send it.
    let Some(intake) = state.intake.as_ref().filter(|intake| intake.takes_pushes()) else {
        return refusal(PushRefusal::Off);
    };
    if !query.is_signed() {
        return refusal(PushRefusal::Malformed);
    }

    let share = state.memory.share(false);
    let (limit, within) = (state.config.event_limit, state.config.event_timeout);
    let body = match receive(request.into_body(), limit, within, &share).await {
        Ok(body) => body,
        Err(missed) => return not_taken(missed, limit),
    };

    match intake.push(&query, &body.bytes).await {
        Ok(reply) => Json(reply.0).into_response(),
        Err(why) => refusal(why),
    }
}

fn not_taken(missed: BodyError, limit: usize) -> Response {
    let (status, why) = match missed {
        BodyError::TooLarge => {
            let why = format!("an event has at most {} kB", limit / 1024);
            (StatusCode::PAYLOAD_TOO_LARGE, why)
        }
        BodyError::TooSlow => (
            StatusCode::REQUEST_TIMEOUT,
            "the body took too long to arrive".to_owned(),
        ),
        BodyError::BrokenOff => return refusal(PushRefusal::Malformed),
        BodyError::Busy => return refusal(PushRefusal::Later),
    };

    (status, why).into_response()
}

fn refusal(why: PushRefusal) -> Response {
    let status = match why {
        PushRefusal::Off => StatusCode::NOT_FOUND,
        PushRefusal::Malformed => StatusCode::BAD_REQUEST,
        PushRefusal::Forged | PushRefusal::Stale => StatusCode::FORBIDDEN,
        PushRefusal::Later => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, why.to_string()).into_response()
}
