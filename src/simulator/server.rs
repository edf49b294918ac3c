//! The running simulator: one listener for the old API, the new API, the event stream and the control API.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::control::{self, Control};
use super::events::{callbacks, connect, pump};
use super::faults::{FaultKind, FaultRule};
use super::state::SimulatorState;
use super::wire::{Call, answer, oapi_response};
use super::{SimulatorConfig, newapi};

/// Everything on one router: `/gettoken`, `/auth/scopes`, `/topapi/*`, `/call_back/*`, `/v1.0/*`, the event stream and
/// `/control/*`.
pub fn router(shared: Arc<SimulatorState>) -> Router {
    Router::new()
        .nest("/control", control::router())
        .route("/control/", axum::routing::get(control::index))
        .route("/connect", axum::routing::get(connect))
        .fallback(wire)
        .with_state(shared)
}

/// A simulator that is running.
pub struct Simulator {
    address: SocketAddr,
    shared: Arc<SimulatorState>,
    tasks: Vec<JoinHandle<()>>,
}

impl Simulator {
    /// Starts serving on `listener` until `shutdown` is cancelled. Generating the company takes well under a second.
    pub async fn start(config: SimulatorConfig, listener: TcpListener, shutdown: CancellationToken) -> Self {
        let address = listener
            .local_addr()
            .unwrap_or_else(|_| SocketAddr::from(([127, 0, 0, 1], 0)));
        let shared = SimulatorState::new(config, shutdown.clone());
        let pump = tokio::spawn(pump(shared.clone()));
        let app = router(shared.clone());

        let server = tokio::spawn(async move {
            let served = axum::serve(listener, app)
                .with_graceful_shutdown(shutdown.cancelled_owned())
                .await;
            if let Err(error) = served {
                tracing::error!(%error, "the simulator stopped serving");
            }
        });

        Self {
            address,
            shared,
            tasks: vec![server, pump],
        }
    }

    /// Where it listens, as a base for both of DingTalk's hosts: `http://127.0.0.1:port/`.
    pub fn base_url(&self) -> Url {
        Url::parse(&format!("http://{}", self.address)).expect("an address makes a valid URL")
    }

    #[cfg(test)]
    pub(crate) fn shared(&self) -> &SimulatorState {
        &self.shared
    }

    /// The control API without HTTP.
    pub fn control(&self) -> Control {
        Control::new(self.shared.clone())
    }

    /// Waits until everything has ended after the shutdown token was cancelled.
    pub async fn stopped(self) {
        for task in self.tasks {
            // A task that panicked has ended too.
            let _ = task.await;
        }
    }
}

/// Everything that is not the control API: faults around the call, then the call.
async fn wire(State(shared): State<Arc<SimulatorState>>, request: Request) -> Response {
    let call = Call::read(request).await;
    if !shared.config.latency.is_zero() {
        shared.hold_back(shared.config.latency).await;
    }

    let fault = shared.world().arrive(&call);
    let Some(rule) = fault else {
        return respond(&shared, &call).await;
    };

    match rule.kind {
        FaultKind::Slow { ms } => {
            let early = if rule.after_effect {
                Some(respond(&shared, &call).await)
            } else {
                None
            };
            shared.hold_back(Duration::from_millis(ms)).await;
            match early {
                Some(response) => response,
                None => respond(&shared, &call).await,
            }
        }
        FaultKind::TruncatedJson => truncated(respond(&shared, &call).await).await,
        _ => {
            if rule.after_effect {
                // Done, and the answer lost.
                drop(respond(&shared, &call).await);
            }
            edge(&rule, &call)
        }
    }
}

async fn respond(shared: &SimulatorState, call: &Call) -> Response {
    if call.path.starts_with("/v1.0/") {
        return newapi::respond(shared, call);
    }

    let (mut outcome, request_id) = {
        let mut world = shared.world();
        (world.serve(call), call.is_topapi().then(|| world.request_ids.next()))
    };
    if outcome.is_ok()
        && let Err(refusal) = callbacks::finish(shared, call).await
    {
        outcome = Err(refusal);
    }
    let response = oapi_response(&answer(outcome, request_id), call.is_topapi());

    let garbles = shared.world().faults.garbles(&call.path, &call.args);
    if garbles.is_empty() {
        response
    } else {
        garbled(response, &garbles).await
    }
}

/// The answer with other bytes in the place of these texts.
async fn garbled(response: Response, garbles: &[(String, &'static [u8])]) -> Response {
    let (mut parts, body) = response.into_parts();
    parts.headers.remove("content-length");
    let mut whole = axum::body::to_bytes(body, usize::MAX)
        .await
        .unwrap_or_default()
        .to_vec();

    for (text, by) in garbles.iter().filter(|(text, _)| !text.is_empty()) {
        let mut rest = std::mem::take(&mut whole);
        while let Some(at) = rest.windows(text.len()).position(|part| part == text.as_bytes()) {
            whole.extend_from_slice(&rest[..at]);
            whole.extend_from_slice(by);
            rest.drain(..at + text.len());
        }
        whole.extend_from_slice(&rest);
    }
    Response::from_parts(parts, Body::from(whole))
}

/// What a firewall or a broken line makes of a call.
fn edge(rule: &FaultRule, call: &Call) -> Response {
    let body = |content_type: &str, text: String| {
        Response::builder()
            .header("content-type", content_type)
            .body(Body::from(text))
            .unwrap_or_default()
    };

    match &rule.kind {
        FaultKind::HtmlBan => body(
            "text/html;charset=utf-8",
            "<!DOCTYPE html><html><head><title>405</title></head><body>很抱歉，由于您访问的URL有可能对网站造成安全威胁，\
             您的访问被阻断。</body></html>"
                .to_owned(),
        ),
        FaultKind::PunishJson => {
            let ban = json!({"status": 1111, "wait": 5, "source": "x5", "punish": "deny", "uuid": "xxx"});
            body("application/json", ban.to_string())
        }
        FaultKind::Endless => {
            let next = call.args.int("cursor").ok().flatten().unwrap_or(0).saturating_add(100);
            let page = json!({"has_more": true, "next_cursor": next, "list": []});
            let page = json!({"errcode": 0, "errmsg": "ok", "result": page});
            body("application/json", page.to_string())
        }
        FaultKind::Answer { status, body: answer } => {
            let (content_type, text) = match answer {
                serde_json::Value::String(text) => ("text/html;charset=utf-8", text.clone()),
                json => ("application/json", json.to_string()),
            };
            let response = Response::builder().status(*status).header("content-type", content_type);
            response.body(Body::from(text)).unwrap_or_default()
        }
        // An error in the body before its first byte makes hyper drop the connection without having answered.
        _ => Response::new(Body::from_stream(futures_util::stream::once(async {
            Err::<bytes::Bytes, _>(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
        }))),
    }
}

async fn truncated(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    parts.headers.remove("content-length");
    let whole = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    Response::from_parts(parts, Body::from(whole.slice(..whole.len() / 2)))
}
