//! The end of what a caller has shown: a token's time, a key's time, or a key's revocation.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};
use uuid::Uuid;

use crate::auth::ApiKeysHandle;

/// What a caller has shown, as far as it ends.
#[derive(Debug, Clone)]
pub(super) struct Credential {
    /// How long it is still taken.
    pub(super) time_left: Duration,
    /// Of a key: those in force, and its id.
    pub(super) key: Option<(ApiKeysHandle, Uuid)>,
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
            let Some((keys, id)) = self.key else {
                over.await;
                return "the token has expired";
            };
            tokio::select! {
                () = over => "the API key has expired",
                () = keys.until_gone(id) => "the API key is not in force any more",
            }
        }
    }
}
