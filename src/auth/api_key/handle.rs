//! The keys in force, shared by whoever verifies them; one that is revoked is refused from then on.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::watch;
use uuid::Uuid;

use super::{
    keys::{ApiKeys, KeyUse},
    record::ApiKey,
    refusal::KeyError,
};
use crate::auth::caller::Caller;

/// Verifies keys, and hears when one is gone. Cheap to clone. The default has none.
#[derive(Debug, Clone)]
pub struct ApiKeysHandle(Arc<watch::Sender<Arc<ApiKeys>>>);

impl Default for ApiKeysHandle {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(Arc::default())))
    }
}

impl ApiKeysHandle {
    /// Who shows `text`, a key: [`ApiKeys::verify`].
    pub fn verify(&self, text: &str, now: DateTime<Utc>) -> Result<Caller, KeyError> {
        self.current().verify(text, now)
    }

    /// Puts these keys in force, and no others.
    pub fn publish(&self, keys: Vec<ApiKey>) {
        self.0
            .send_modify(|current| *current = Arc::new(ApiKeys::new(keys, current)));
    }

    /// Returns when this key is not in force any more; at once where it isn't now.
    pub async fn until_gone(&self, id: Uuid) {
        // The handle lives as long as its own borrow: nobody hangs up.
        drop(self.0.subscribe().wait_for(|keys| !keys.has(id)).await);
    }

    /// The uses that are to be written down: [`ApiKeys::unwritten`].
    pub fn unwritten(&self, now: DateTime<Utc>, all: bool) -> Vec<KeyUse> {
        self.current().unwritten(now, all)
    }

    /// These uses are written down.
    pub fn written(&self, uses: &[KeyUse], now: DateTime<Utc>) {
        self.current().written(uses, now);
    }

    fn current(&self) -> Arc<ApiKeys> {
        self.0.borrow().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::api_key::ApiKeySecret;

    #[tokio::test]
    async fn whoever_waits_for_the_end_of_a_key_hears_of_it() {
        let secret = ApiKeySecret::make(Uuid::from_u128(1)).unwrap();
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let key = ApiKey {
            id: secret.id,
            name: "plugin".to_owned(),
            permissions: [].into(),
            hash: secret.hash(),
            created_at: now,
            created_by: "admin".to_owned(),
            expires_at: now,
            last_used_at: None,
            revoked_at: None,
            revoked_by: None,
        };

        let keys = ApiKeysHandle::default();
        keys.until_gone(key.id).await;
        keys.publish(vec![key.clone()]);
        let (heard, id) = (keys.clone(), key.id);
        let waiting = tokio::spawn(async move { heard.until_gone(id).await });
        // Another change is none of theirs.
        keys.publish(vec![key]);
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        keys.publish(Vec::new());
        waiting.await.unwrap();
    }
}
