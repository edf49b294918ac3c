//! Hearing what becomes of messages.

use std::{collections::HashMap, time::Duration};

use async_graphql::{Context, ID, Subscription};
use chrono::{DateTime, TimeDelta, Utc};
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
/// Another replica's clock, or a transaction that takes its time, may put a change that far into the past.
const LAG: TimeDelta = TimeDelta::seconds(10);

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
            since: services.clock.now() - LAG,
            seen: HashMap::new(),
            only,
            caller,
        };
        // Without an id only what comes from now on is told.
        watch.updated(&services).await?;
        let present = match only {
            Some(id) => services.store.message(id).await?,
            None => None,
        };
        Ok(async_stream::try_stream! {
            if let Some(present) = present {
                watch.seen.insert(present.id, present.updated_at);
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
    since: DateTime<Utc>,
    seen: HashMap<Uuid, DateTime<Utc>>,
    only: Option<Uuid>,
    caller: Option<String>,
}

impl Watch {
    /// Messages that were changed and not told of yet, each once.
    async fn updated(&mut self, services: &Services) -> Result<Vec<message::Message>, ApiError> {
        let now = services.clock.now();
        let mut fresh = Vec::new();
        let mut after = None;
        loop {
            let query = UpdatedMessages {
                since: self.since,
                after,
                only: self.only,
                caller: self.caller.clone(),
            };
            let page = services.store.updated_messages(&query).await?;
            after = page.items.last().map(|last| (last.updated_at, last.id));
            for message in page.items {
                if self.seen.insert(message.id, message.updated_at) != Some(message.updated_at) {
                    fresh.push(message);
                }
            }
            if !page.has_next {
                break;
            }
        }
        self.since = self.since.max(now - LAG);
        let since = self.since;
        self.seen.retain(|_, at| *at >= since);
        Ok(fresh)
    }
}
