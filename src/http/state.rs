//! What every handler works with.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::{
    config::{HttpConfig, ReadinessCheck},
    graphql::ExecutableSchema,
    kept_answers::KeptAnswers,
    listener::ConnectionSlots,
    refusals::Refusals,
};
use crate::{auth::TokenVerifier, clock::Clock, graphql::admission::AdmissionBudget, intake::Intake};

/// The parts that the handlers share.
pub(super) struct HttpState {
    pub(super) config: HttpConfig,
    pub(super) schema: ExecutableSchema,
    pub(super) verifier: TokenVerifier,
    pub(super) readiness: ReadinessCheck,
    pub(super) clock: Clock,
    pub(super) shutdown: CancellationToken,
    pub(super) intake: Option<Intake>,
    pub(super) memory: AdmissionBudget,
    /// Answers that were given before; `None`: none is kept.
    pub(super) kept: Option<KeptAnswers>,
    /// WebSockets without a token.
    pub(super) strangers: Arc<ConnectionSlots>,
    /// Tokens and keys that were refused.
    pub(super) refusals: Refusals,
}

/// [`HttpState`] as axum hands it to a handler.
pub(super) type SharedState = Arc<HttpState>;
