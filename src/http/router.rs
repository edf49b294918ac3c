//! The routes.

use std::sync::{Arc, OnceLock};

use axum::{
    Extension, Router,
    http::{StatusCode, header},
    middleware::from_fn_with_state,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use tokio_util::sync::CancellationToken;

use super::{
    around::{self, Around},
    compress::{self, ConstantBody},
    config::{HttpConfig, ReadinessCheck},
    console,
    cross_origin::CrossOrigin,
    dingtalk_events, endpoint,
    graphql::ExecutableSchema,
    health,
    kept_answers::KeptAnswers,
    listener::ConnectionSlots,
    refusals::Refusals,
    response,
    state::HttpState,
    websocket,
};
use crate::{
    auth::TokenVerifier,
    clock::Clock,
    graphql::admission::{AdmissionBudget, Code, Refusal},
};

/// The whole edge. `schema`: an async-graphql schema built with
/// [`apply_limits`](crate::graphql::admission::apply_limits), or an [`ExecutableSchema`]. At `shutdown` streams and
/// sockets end.
pub fn router(
    config: HttpConfig,
    schema: impl Into<ExecutableSchema>,
    verifier: TokenVerifier,
    readiness: ReadinessCheck,
    clock: Clock,
    shutdown: CancellationToken,
) -> Router {
    let intake = config.intake.clone();
    let cross_origin = CrossOrigin::new(&config.allowed_origins);
    let schema = schema.into().with(config.persisted.clone(), config.mirror.clone());
    let state = Arc::new(HttpState {
        memory: AdmissionBudget::new(config.memory),
        kept: KeptAnswers::new(config.kept_answers),
        strangers: ConnectionSlots::new(config.websocket.anonymous, config.websocket.anonymous_an_address),
        refusals: Refusals::new(config.refusals_a_minute),
        config,
        schema,
        verifier,
        readiness,
        clock,
        shutdown,
        intake,
    });
    let sdl = Arc::new(OnceLock::<String>::new());

    let around = Arc::new(Around {
        state: state.clone(),
        cross_origin,
        compressors: compress::compressors(),
    });
    Router::new()
        .route("/", get(|| async { Redirect::to("/console/") }))
        .route(
            "/graphql",
            get(endpoint::by_get).post(endpoint::by_post).options(endpoint::options),
        )
        .route("/graphql/ws", get(websocket::upgrade))
        .route("/schema.graphql", get(move || async move { schema_text(&sdl) }))
        .route("/graphiql", get(console::graphiql))
        .route("/console", get(console::index))
        .route("/console/", get(console::index))
        .route("/console/{*path}", get(console::below))
        .route("/dingtalk/events", post(dingtalk_events::push))
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .fallback(not_found)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(around, around::around))
        .with_state(state)
}

fn schema_text(sdl: &OnceLock<String>) -> Response {
    let text = sdl.get_or_init(crate::graphql::sdl).clone();
    let constant = Extension(ConstantBody("schema.graphql".to_owned()));
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], constant, text).into_response()
}

async fn not_found() -> Response {
    response::problem(
        StatusCode::NOT_FOUND,
        Refusal::new(
            Code::NotFound,
            "there is nothing here: try /console/, /graphql, /graphiql or /schema.graphql",
        ),
    )
}

async fn wrong_method() -> Response {
    response::problem(
        StatusCode::METHOD_NOT_ALLOWED,
        Refusal::new(
            Code::BadRequest,
            "this method is not allowed here; see the `Allow` header",
        ),
    )
}
