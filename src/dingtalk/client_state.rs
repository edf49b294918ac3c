//! What all calls share: connections, tokens, limits, counters.

use super::{
    blamed::Blamed, config::Waits, limiter::Limiter, pauses::Pauses, silence::Silences, stats::Counters,
    token::TokenCache, transport::Transport,
};

/// One for each client, however many sessions it gives.
pub(super) struct ClientState {
    pub(super) transport: Transport,
    pub(super) tokens: TokenCache,
    pub(super) limiter: Limiter,
    pub(super) pauses: Pauses,
    pub(super) blamed: Blamed,
    pub(super) counters: Counters,
    pub(super) silences: Silences,
    pub(super) waits: Waits,
    pub(super) max_attempts: u32,
}

impl std::fmt::Debug for ClientState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientState")
            .field("stats", &self.counters.read())
            .finish_non_exhaustive()
    }
}
