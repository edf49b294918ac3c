//! The HTTP edge: GraphQL over HTTP, WebSocket and SSE, the console's pages, health and metrics.
#![allow(missing_docs, unused_variables, dead_code, clippy::todo)]

use tokio_util::sync::CancellationToken;

use crate::{auth::TokenVerifier, clock::Clock, graphql::AppSchema};

pub struct HttpConfig {
    /// Origins that browsers may call from (GraphiQL's own origin is always allowed)
    pub allowed_origins: Vec<String>,
    pub body_limit: usize,
    pub request_timeout: std::time::Duration,
}
/// What `/readyz` asks: true when the database answers and a snapshot is loaded.
pub type Readiness =
    std::sync::Arc<dyn Fn() -> futures_util::future::BoxFuture<'static, Result<(), String>> + Send + Sync>;

pub fn router(
    config: HttpConfig,
    schema: AppSchema,
    verifier: TokenVerifier,
    readiness: Readiness,
    clock: Clock,
    shutdown: CancellationToken,
) -> axum::Router {
    todo!()
}
