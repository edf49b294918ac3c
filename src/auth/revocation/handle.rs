//! The revocations in force, shared by whoever verifies tokens.

use std::sync::Arc;

use tokio::sync::watch;

use super::{list::Revocations, mark::TokenMark, record::Revocation};
use crate::auth::refusal::TokenError;

/// Tells whether a token is revoked, and hears when one is. Cheap to clone. The default has none.
#[derive(Debug, Clone)]
pub struct RevocationsHandle(Arc<watch::Sender<Arc<Revocations>>>);

impl Default for RevocationsHandle {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(Arc::default())))
    }
}

impl RevocationsHandle {
    /// Whether a token of `subject` is taken no more: [`Revocations::check`].
    pub fn check(&self, subject: &str, token: &TokenMark) -> Result<(), TokenError> {
        self.0.borrow().check(subject, token)
    }

    /// Puts these in force, and no others.
    pub fn publish(&self, revocations: Vec<Revocation>) {
        self.0.send_replace(Arc::new(Revocations::new(revocations)));
    }

    /// Returns when this token is revoked; at once where it is now.
    pub async fn until_revoked(&self, subject: &str, token: &TokenMark) {
        let is_revoked = |all: &Arc<Revocations>| all.check(subject, token).is_err();
        // The handle lives as long as its own borrow: nobody hangs up.
        drop(self.0.subscribe().wait_for(is_revoked).await);
    }
}
