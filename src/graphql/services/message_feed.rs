//! What becomes of messages, read once a second for everybody who listens.

use std::{future::ready, sync::Arc, time::Duration};

use tokio::sync::broadcast;

use super::listeners::{Heard, Listeners};
use crate::{
    graphql::error::ApiError,
    store::{MessageChange, Store, StoreError, UpdatedMessages},
};

/// How often messages are looked at; other replicas' writings are seen by it, too.
const EVERY: Duration = Duration::from_secs(1);

/// Pages that wait for a slow listener. Whoever falls further behind reads by themselves.
const WAITING: usize = 8;

/// Changes as they were read together, or why they couldn't be.
pub(crate) type ChangeBatch = Heard<Arc<[MessageChange]>>;

/// Reads for all listeners together. Cheap to clone.
#[derive(Clone)]
pub struct MessageFeed(Listeners<Arc<[MessageChange]>>);

impl Default for MessageFeed {
    fn default() -> Self {
        Self(Listeners::new(WAITING))
    }
}

impl MessageFeed {
    /// Everything from now on. Also tells the newest change by now: what comes may begin before it.
    pub(crate) async fn listen(&self, store: &Store) -> Result<(broadcast::Receiver<ChangeBatch>, i64), ApiError> {
        let reader = |newest| ready(Ok::<_, StoreError>(self.clone().read(store.clone(), newest)));
        let joined = self.0.join(store.newest_message_update(), reader).await;
        joined.map_err(ApiError::from)
    }

    /// Reads until nobody listens any more.
    async fn read(self, store: Store, mut told: i64) {
        loop {
            tokio::time::sleep(EVERY).await;
            if self.0.stop_reading(false).await {
                return;
            }

            loop {
                let all = UpdatedMessages {
                    after: told,
                    only: None,
                    caller: None,
                };
                let (heard, has_next): (ChangeBatch, bool) = match store.updated_messages(&all).await {
                    Ok(page) => {
                        told = page.read_to;
                        (Ok(page.changes.into()), page.has_next)
                    }
                    // Each listener ends with it, and comes back.
                    Err(error) => (Err(error.into()), false),
                };

                let is_nothing = heard.as_ref().is_ok_and(|changes| changes.is_empty());
                if !is_nothing {
                    self.0.tell(heard);
                }
                if !has_next {
                    break;
                }
            }
        }
    }
}
