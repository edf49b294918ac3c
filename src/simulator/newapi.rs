//! The new API, `/v1.0/…`: real HTTP statuses, and errors as `{"code", "message", "requestid"}`.

use axum::body::Body;
use axum::response::Response;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::server::Shared;
use super::tokens::LIFETIME;
use super::wire::Call;

const ACCESS_TOKEN: &str = "/v1.0/oauth2/accessToken";

/// The paths without parameters that are served here.
pub(crate) const PATHS: &[&str] = &[ACCESS_TOKEN];

/// Serves one call.
pub(crate) fn respond(shared: &Shared, call: &Call) -> Response {
    let outcome = if call.method != Method::POST || !PATHS.contains(&call.path.as_str()) {
        Err((
            StatusCode::NOT_FOUND,
            "InvalidAction.NotFound",
            "Specified api is not found, please check your url and method.",
        ))
    } else {
        access_token(shared, call)
    };
    let (status, body) = match outcome {
        Ok(body) => (StatusCode::OK, body),
        Err((status, code, message)) => {
            let request_id = uuid::Uuid::new_v4().to_string().to_uppercase();
            (
                status,
                json!({"requestid": request_id, "code": code, "message": message}),
            )
        }
    };
    let response = Response::builder()
        .status(status)
        .header("content-type", "application/json;charset=utf-8");
    response.body(Body::from(body.to_string())).unwrap_or_default()
}

type Refused = (StatusCode, &'static str, &'static str);

/// `POST /v1.0/oauth2/accessToken`: the same token as `/gettoken` gives.
fn access_token(shared: &Shared, call: &Call) -> Result<Value, Refused> {
    // A form is not read here, so to this API there is no body.
    if call.form || call.malformed {
        return Err((
            StatusCode::BAD_REQUEST,
            "Missingbody",
            "body is mandatory for this action.",
        ));
    }
    let named = |name: &str| call.args.text(name).ok().flatten().unwrap_or_default();
    let token = shared
        .world()
        .token(&named("appKey"), &named("appSecret"), ACCESS_TOKEN);
    match token {
        Some(token) => Ok(json!({"accessToken": token, "expireIn": LIFETIME})),
        None => Err((
            StatusCode::BAD_REQUEST,
            "invalidClientIdOrSecret",
            "无效的clientId或者clientSecret",
        )),
    }
}
