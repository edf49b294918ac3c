//! What the templates of one request may cost together. Each text has its own bound; a request has a hundred aliases
//! with a hundred texts each.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// Steps of the templates of one request: a content of a hundred texts, each as long as it may be, fits. A step is one
/// of the engine's, or a byte of a template that is read.
const OF_A_REQUEST: u64 = 2_500_000;

/// The steps that are left. Clones share them.
#[derive(Debug, Clone)]
pub struct Steps(Arc<AtomicU64>);

impl Default for Steps {
    /// Those of a request.
    fn default() -> Self {
        Self::new(OF_A_REQUEST)
    }
}

impl Steps {
    pub(super) fn new(steps: u64) -> Self {
        Self(Arc::new(AtomicU64::new(steps)))
    }

    pub(super) fn left(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Takes what was used, or all that is left. False: it was not enough.
    pub(super) fn take(&self, used: u64) -> bool {
        let left = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
            Some(left.saturating_sub(used))
        });
        left.is_ok_and(|left| left >= used)
    }
}
