//! The end of what a caller has shown: a token's or a key's time, or its revocation.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, sleep_until};
use uuid::Uuid;

use crate::auth::{ApiKeysHandle, RevocationsHandle, TokenMark};

/// What a caller has shown, as far as it ends.
#[derive(Debug, Clone)]
pub(super) struct Credential {
    /// How long it is still taken.
    pub(super) time_left: Duration,
    /// Of a key: those in force, and its id.
    pub(super) key: Option<(ApiKeysHandle, Uuid)>,
    /// Of a token: how it is revoked.
    pub(super) token: Option<RevocableToken>,
}

/// A token, and what would revoke it.
#[derive(Debug, Clone)]
pub(super) struct RevocableToken {
    pub(super) revocations: RevocationsHandle,
    pub(super) subject: String,
    pub(super) mark: Arc<TokenMark>,
}

impl Credential {
    /// Returns when it is not taken any more, and says why. The time counts from this call.
    pub(super) fn ended(self) -> impl Future<Output = &'static str> + Send + 'static {
        let end = Instant::now().checked_add(self.time_left);
        async move {
            let over = async {
                match end {
                    Some(end) => sleep_until(end).await,
                    None => std::future::pending().await,
                }
            };
            if let Some((keys, id)) = self.key {
                return tokio::select! {
                    () = over => "the API key has expired",
                    () = keys.until_gone(id) => "the API key is not in force any more",
                };
            }

            let revoked = async {
                match &self.token {
                    Some(token) => token.revocations.until_revoked(&token.subject, &token.mark).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = over => "the token has expired",
                () = revoked => "the token was revoked",
            }
        }
    }
}
