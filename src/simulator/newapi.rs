//! The new API, `/v1.0/…`: real HTTP statuses, and errors as `{"code", "message", "requestid"}`.

use axum::body::Body;
use axum::response::Response;
use chrono::TimeDelta;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::faults::{FaultKind, Stage};
use super::random::fresh_uuid;
use super::state::SimulatorState;
use super::tokens::LIFETIME;
use super::wire::Call;

const ACCESS_TOKEN: &str = "/v1.0/oauth2/accessToken";
const OPEN: &str = "/v1.0/gateway/connections/open";
const LEAVERS: &str = "/v1.0/contact/empLeaveRecords";

/// The paths without parameters that are served here.
pub(crate) const PATHS: &[&str] = &[ACCESS_TOKEN, OPEN, LEAVERS];

/// Serves one call. The rate limit and the faults of the service apply as on the old API, in this API's own words.
pub(crate) fn respond(shared: &SimulatorState, call: &Call) -> Response {
    let outcome = match call.path.as_str() {
        LEAVERS if call.method == Method::GET => admit(shared, call).and_then(|()| leavers(shared, call)),
        _ if call.method != Method::POST => Err(NOT_FOUND),
        ACCESS_TOKEN => admit(shared, call).and_then(|()| access_token(shared, call)),
        OPEN => admit(shared, call).and_then(|()| open(shared, call)),
        path => match path
            .strip_prefix("/v1.0/oauth2/")
            .and_then(|rest| rest.strip_suffix("/token"))
        {
            Some(corp_id) => company_token(shared, call, corp_id),
            None => Err(NOT_FOUND),
        },
    };

    let (status, body) = match outcome {
        Ok(body) => (StatusCode::OK, body),
        Err((status, code, message)) => {
            let request_id = fresh_uuid().to_string().to_uppercase();
            (
                status,
                json!({"requestid": request_id, "code": code, "message": message}),
            )
        }
    };

    let (content_type, text) = if call.path == OPEN && prefers_xml(call) {
        ("application/xml", xml(&body))
    } else {
        ("application/json;charset=utf-8", body.to_string())
    };

    let response = Response::builder().status(status).header("content-type", content_type);
    response.body(Body::from(text)).unwrap_or_default()
}

/// Status, code and message.
type NewApiRefusal = (StatusCode, &'static str, &'static str);

const NOT_FOUND: NewApiRefusal = (
    StatusCode::NOT_FOUND,
    "InvalidAction.NotFound",
    "Specified api is not found, please check your url and method.",
);
const NO_BODY: NewApiRefusal = (
    StatusCode::BAD_REQUEST,
    "Missingbody",
    "body is mandatory for this action.",
);

fn admit(shared: &SimulatorState, call: &Call) -> Result<(), NewApiRefusal> {
    let mut world = shared.world();
    let now = world.now();
    let refused = world.limits.admit(&call.path, now).err().map(|_| FaultKind::Throttle);
    let refused = refused.or_else(|| {
        let rule = world.faults.strike(&call.path, &call.args, Stage::Service)?;
        world.limits.faulted(&call.path, rule.kind.is_throttle());
        Some(rule.kind)
    });

    let forbidden = StatusCode::FORBIDDEN;
    match refused {
        None => Ok(()),
        Some(FaultKind::Throttle) => Err((
            forbidden,
            "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi",
            "应用调用该接口次数过多，触发了qps流控",
        )),
        Some(FaultKind::PlatformThrottle) => Err((
            forbidden,
            "Forbidden.AccessDenied.QpsLimitForApi",
            "所有应用调用该接口次数过多，触发了qps流控",
        )),
        Some(FaultKind::MonthlyQuota) => Err((
            forbidden,
            "Forbidden.AccessDenied.ApiCountLimitForOrg",
            "企业本月api调用量已超过限制",
        )),
        Some(FaultKind::Timeout15 | FaultKind::EmptySubCode88) => {
            Err((StatusCode::GATEWAY_TIMEOUT, "GatewayTimeout", "服务超时"))
        }
        Some(_) => Err((StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", "系统繁忙")),
    }
}

fn named(call: &Call, name: &str) -> String {
    call.args.text(name).ok().flatten().unwrap_or_default()
}

/// `POST /v1.0/oauth2/accessToken`: the same token as `/gettoken` gives.
fn access_token(shared: &SimulatorState, call: &Call) -> Result<Value, NewApiRefusal> {
    // A form is not read here, so to this API there is no body.
    if call.form || call.malformed {
        return Err(NO_BODY);
    }

    let token = shared
        .world()
        .token(&named(call, "appKey"), &named(call, "appSecret"), ACCESS_TOKEN);
    match token {
        Some(token) => Ok(json!({"accessToken": token, "expireIn": LIFETIME})),
        None => Err((
            StatusCode::BAD_REQUEST,
            "invalidClientIdOrSecret",
            "无效的clientId或者clientSecret",
        )),
    }
}

/// `POST /v1.0/oauth2/{corpId}/token`: the same again, in OAuth's spelling.
fn company_token(shared: &SimulatorState, call: &Call, corp_id: &str) -> Result<Value, NewApiRefusal> {
    if call.form || call.malformed {
        return Err(NO_BODY);
    }
    if corp_id != shared.config.corp_id {
        return Err((StatusCode::INTERNAL_SERVER_ERROR, "unknownError", "未知错误"));
    }
    if named(call, "grant_type") != "client_credentials" {
        return Err((StatusCode::BAD_REQUEST, "unsupported.grant.type", "不支持的grant_type"));
    }

    let (key, secret) = (named(call, "client_id"), named(call, "client_secret"));
    match shared.world().token(&key, &secret, "/v1.0/oauth2/{corpId}/token") {
        Some(token) => Ok(json!({"access_token": token, "expires_in": LIFETIME})),
        None => Err((
            StatusCode::BAD_REQUEST,
            "invalid.client",
            "无效的client_id或者client_secret",
        )),
    }
}

/// `POST /v1.0/gateway/connections/open`: no token, but key and secret; gives an endpoint and a ticket for it.
fn open(shared: &SimulatorState, call: &Call) -> Result<Value, NewApiRefusal> {
    if call.form || call.malformed {
        return Err(NO_BODY);
    }
    let config = &shared.config;
    if named(call, "clientId") != config.app_key || named(call, "clientSecret") != config.app_secret {
        return Err((StatusCode::UNAUTHORIZED, "authFailed", "鉴权失败"));
    }

    let (now, lifetime) = {
        let world = shared.world();
        (world.now(), world.events.settings.ticket_ms)
    };
    let lifetime = TimeDelta::milliseconds(i64::try_from(lifetime).unwrap_or(90_000));
    let host = call
        .headers
        .get("host")
        .and_then(|host| host.to_str().ok())
        .unwrap_or("127.0.0.1");
    Ok(json!({"endpoint": format!("ws://{host}/connect"), "ticket": shared.hub.ticket(now, lifetime)}))
}

/// `GET /v1.0/contact/empLeaveRecords`, with the token in a header.
fn leavers(shared: &SimulatorState, call: &Call) -> Result<Value, NewApiRefusal> {
    let token = call
        .headers
        .get("x-acs-dingtalk-access-token")
        .and_then(|token| token.to_str().ok());

    let world = shared.world();
    let permissions = world.tokens.check(token, world.now(), true).map_err(|_| match token {
        None => (
            StatusCode::BAD_REQUEST,
            "AuthenticationFailed.MissingParameter",
            "缺少参数：x-acs-dingtalk-access-token",
        ),
        Some(_) => (StatusCode::BAD_REQUEST, "InvalidAuthentication", "不合法的access_token"),
    })?;
    permissions
        .check("Contact.Common.Read", &shared.config.app_key)
        .map_err(|_| {
            let code = "Forbidden.AccessDenied.AccessTokenPermissionDenied";
            (
                StatusCode::FORBIDDEN,
                code,
                "应用尚未开通所需的权限：[Contact.Common.Read]",
            )
        })?;

    let page = world.leavers.page(&call.args);
    page.ok_or((StatusCode::BAD_REQUEST, "invalidParameter", "参数错误"))
}

/// JSON, unless XML is preferred: clients that say `*/*` get JSON.
fn prefers_xml(call: &Call) -> bool {
    let accept = call.headers.get("accept").and_then(|accept| accept.to_str().ok());
    let accept = accept.unwrap_or("*/*").to_ascii_lowercase();

    let weight = |wanted: &[&str]| {
        let ranges = accept.split(',').filter_map(|range| {
            let (name, rest) = range.split_once(';').unwrap_or((range, ""));
            let q = rest.split(';').find_map(|it| it.trim().strip_prefix("q="));
            let q = q.map_or(Some(1.0), |q| q.trim().parse::<f32>().ok())?;
            wanted.contains(&name.trim()).then_some(q)
        });
        ranges.reduce(f32::max)
    };

    let any = weight(&["*/*", "application/*"]).unwrap_or(0.0);
    let json = weight(&["application/json"]).unwrap_or(any);
    weight(&["application/xml", "text/xml"]).is_some_and(|xml| xml > json)
}

fn xml(body: &Value) -> String {
    let fields = body.as_object().into_iter().flatten();
    let fields = fields.map(|(name, value)| format!("<{name}>{}</{name}>", value.as_str().unwrap_or_default()));
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><response>{}</response>",
        fields.collect::<String>()
    )
}
