//! What all calls share: connections, tokens, limits, counters.

use std::{sync::Arc, time::Duration};

use super::{
    blamed::Blamed, config::Waits, limiter::Limiter, pauses::Pauses, silence::Silences, stats::Counters,
    token::TokenCache, transport::Transport,
};

/// One for each client, however many sessions it gives.
pub(super) struct ClientState {
    pub(super) transport: Arc<Transport>,
    pub(super) tokens: TokenCache,
    pub(super) limiter: Arc<Limiter>,
    pub(super) pauses: Arc<Pauses>,
    pub(super) blamed: Blamed,
    pub(super) counters: Arc<Counters>,
    pub(super) silences: Silences,
    pub(super) waits: Waits,
    pub(super) max_attempts: u32,
}

impl ClientState {
    /// The same limits, and nothing else that others would hear of: tokens, blame and silence of its own, and one try a
    /// call. What it counts is counted above, too.
    pub(super) fn for_a_trial(&self) -> Self {
        Self {
            transport: self.transport.clone(),
            tokens: TokenCache::default(),
            limiter: self.limiter.clone(),
            pauses: self.pauses.clone(),
            blamed: Blamed::default(),
            counters: Arc::new(Counters::below(self.counters.clone())),
            silences: Silences::default(),
            waits: Waits {
                throttled_for: Duration::ZERO,
                throttled_attempts: 1,
                ..self.waits.clone()
            },
            max_attempts: 1,
        }
    }
}

impl std::fmt::Debug for ClientState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientState")
            .field("stats", &self.counters.read())
            .finish_non_exhaustive()
    }
}
