//! Hearing what becomes of messages.

use async_graphql::{Context, ID, Subscription};
use futures_util::Stream;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use uuid::Uuid;

use super::object::Message;
use crate::{
    auth::Permission,
    graphql::{
        error::ApiError,
        guard::require,
        relay::ids::{NodeKind, key_of},
        services::{ContextExt, Services, message_feed::ChangeBatch},
    },
    message,
    store::UpdatedMessages,
};

/// Subscriptions to messages.
#[derive(Default)]
pub struct MessageSubscription;

#[Subscription]
impl MessageSubscription {
    /// Each message as soon as anything became of it: sent, delivered, read, dropped, taken back. With `messageId` that
    /// message alone, and first as it stands. Changes within a second are told as one. Needs `message:read`.
    async fn message_updates(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only this message.")] message_id: Option<ID>,
        #[graphql(desc = "Only messages of this caller.")] caller: Option<String>,
    ) -> Result<impl Stream<Item = Result<Message, ApiError>> + use<>, ApiError> {
        require(ctx, Permission::MessageRead)?;
        let services = ctx.services().clone();
        let only = message_id
            .map(|id| key_of::<Uuid>(&id, NodeKind::Message, "messageId"))
            .transpose()?;

        // Listen before looking, so that nothing falls between the two.
        let (heard, told) = services.message_feed.listen(&services.store).await?;
        let mut watch = Watch {
            heard,
            // Without an id only what comes from now on is told.
            told,
            only,
            // Names are stored without NUL, which Postgres refuses.
            caller: caller.map(|caller| caller.replace('\0', "")),
        };

        let present = match only {
            Some(id) => services.store.message(id).await?,
            None => None,
        };

        Ok(async_stream::try_stream! {
            if let Some(present) = present {
                yield Message::new(present);
            }

            loop {
                for message in watch.updated(&services).await? {
                    yield Message::new(message);
                }
            }
        })
    }
}

/// What one subscriber has been told.
struct Watch {
    /// What is read for all of them.
    heard: Receiver<ChangeBatch>,
    /// The newest change that was told, or was nothing for this subscriber.
    told: i64,
    only: Option<Uuid>,
    caller: Option<String>,
}

impl Watch {
    /// Waits for the next changes: messages that were not told of yet, each once.
    async fn updated(&mut self, services: &Services) -> Result<Vec<message::Message>, ApiError> {
        match self.heard.recv().await {
            Ok(heard) => {
                let changes = heard?;
                let told = self.told;
                self.told = changes.iter().map(|change| change.seq).fold(told, i64::max);
                let fresh = changes.iter().filter(|change| change.seq > told);
                let fresh = fresh.map(|change| &change.message);
                Ok(fresh.filter(|message| self.asks_for(message)).cloned().collect())
            }
            Err(RecvError::Lagged(_)) => self.catch_up(services).await,
            // The feed lives as long as the services do.
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }

    fn asks_for(&self, message: &message::Message) -> bool {
        let is_callers = self.caller.as_ref().is_none_or(|caller| *caller == message.caller);
        is_callers && self.only.is_none_or(|only| only == message.id)
    }

    /// Reads what went by.
    async fn catch_up(&mut self, services: &Services) -> Result<Vec<message::Message>, ApiError> {
        let mut fresh = Vec::new();
        loop {
            let query = UpdatedMessages {
                after: self.told,
                only: self.only,
                caller: self.caller.clone(),
            };
            let page = services.store.updated_messages(&query).await?;
            self.told = page.read_to;
            fresh.extend(page.changes.into_iter().map(|change| change.message));
            if !page.has_next {
                return Ok(fresh);
            }
        }
    }
}
