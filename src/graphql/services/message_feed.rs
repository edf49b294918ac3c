//! What becomes of messages, read once a second for everybody who listens.

use std::{sync::Arc, time::Duration};

use tokio::sync::{Mutex, broadcast};

use crate::{
    graphql::error::ApiError,
    store::{MessageChange, Store, UpdatedMessages},
};

/// How often messages are looked at; other replicas' writings are seen by it, too.
const EVERY: Duration = Duration::from_secs(1);

/// Pages that wait for a slow listener. Whoever falls further behind reads by themselves.
const WAITING: usize = 8;

/// Changes as they were read together, or why they couldn't be.
pub(crate) type ChangeBatch = Result<Arc<[MessageChange]>, ApiError>;

/// Reads for all listeners together. Cheap to clone.
#[derive(Clone)]
pub struct MessageFeed(Arc<FeedState>);

struct FeedState {
    listeners: broadcast::Sender<ChangeBatch>,
    /// Whether somebody reads.
    reads: Mutex<bool>,
}

impl Default for MessageFeed {
    fn default() -> Self {
        Self(Arc::new(FeedState {
            listeners: broadcast::Sender::new(WAITING),
            reads: Mutex::new(false),
        }))
    }
}

impl MessageFeed {
    /// Everything from now on. Also tells the newest change by now: what comes may begin before it.
    pub(crate) async fn listen(&self, store: &Store) -> Result<(broadcast::Receiver<ChangeBatch>, i64), ApiError> {
        // Held to the end: a reader that stops does so before this listener is there, or sees them.
        let mut reads = self.0.reads.lock().await;
        // Before the newest is asked for: nothing comes between.
        let heard = self.0.listeners.subscribe();
        let newest = store.newest_message_update().await?;

        if !*reads {
            *reads = true;
            tokio::spawn(self.clone().read(store.clone(), newest));
        }
        Ok((heard, newest))
    }

    /// Reads until nobody listens any more.
    async fn read(self, store: Store, mut told: i64) {
        loop {
            tokio::time::sleep(EVERY).await;
            let mut reads = self.0.reads.lock().await;
            if self.0.listeners.receiver_count() == 0 {
                *reads = false;
                return;
            }
            drop(reads);

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
                    // An error means that the last listener has just gone.
                    drop(self.0.listeners.send(heard));
                }
                if !has_next {
                    break;
                }
            }
        }
    }
}
