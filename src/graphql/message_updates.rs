//! Hearing what becomes of messages.

use std::time::Duration;

use async_graphql::{Context, ID, Subscription};
use futures_util::Stream;
use uuid::Uuid;

use super::{
    Services,
    error::ApiError,
    guard::require,
    ids::{Kind, key_of},
    message::Message,
};
use crate::{auth::Permission, message, store::UpdatedMessages};

/// How often messages are looked at; other replicas' writings are seen by it, too.
const EVERY: Duration = Duration::from_secs(1);

/// Subscriptions to messages.
#[derive(Default)]
pub struct MessageSubscription;

#[Subscription]
impl MessageSubscription {
    /// Each message as soon as anything became of it: sent, delivered, read, dropped, taken back. With `messageId` that message
    /// alone, and first as it stands. Changes within a second are told as one. Needs
    /// `message:read`.
    async fn message_updates(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only this message.")] message_id: Option<ID>,
        #[graphql(desc = "Only messages of this caller.")] caller: Option<String>,
    ) -> Result<impl Stream<Item = Result<Message, ApiError>> + use<>, ApiError> {
        require(ctx, Permission::MessageRead)?;
        let services = ctx.data_unchecked::<Services>().clone();
        let only = message_id
            .map(|id| key_of::<Uuid>(&id, Kind::Message, "messageId"))
            .transpose()?;
        let mut watch = Watch {
            // Without an id only what comes from now on is told.
            told: services.store.newest_message_update().await?,
            only,
            caller,
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
                tokio::time::sleep(EVERY).await;
                for message in watch.updated(&services).await? {
                    yield Message::new(message);
                }
            }
        })
    }
}

/// What one subscriber has been told.
struct Watch {
    /// The newest change that was told, or was nothing for this subscriber.
    told: i64,
    only: Option<Uuid>,
    caller: Option<String>,
}

impl Watch {
    /// Messages that were changed and not told of yet, each once.
    async fn updated(&mut self, services: &Services) -> Result<Vec<message::Message>, ApiError> {
        let mut fresh = Vec::new();
        loop {
            let query = UpdatedMessages {
                after: self.told,
                only: self.only,
                caller: self.caller.clone(),
            };
            let page = services.store.updated_messages(&query).await?;
            self.told = page.read_to;
            fresh.extend(page.messages);
            if !page.has_next {
                return Ok(fresh);
            }
        }
    }
}
