//! What the resolvers work with.

pub(super) mod change_feed;
mod listeners;
pub(super) mod message_feed;
pub(super) mod past;
mod searches;

use std::sync::Arc;

use async_graphql::Context;

use crate::{
    admin::{Admin, ApiKeyAdmin, Linking, TokenAdmin},
    auth::Caller,
    checkup::Checkup,
    clock::Clock,
    delivery::Delivery,
    dingtalk::Client,
    directory::{Snapshot, SnapshotHandle},
    identity::Identities,
    intake::Intake,
    matching::{Matching, Mobiles},
    settings::SettingsHandle,
    store::Store,
    sync::SyncEngine,
};

pub use change_feed::ChangeFeed;
pub use message_feed::MessageFeed;
pub use past::PastSnapshots;
pub use searches::Searches;

/// What the resolvers work with.
#[derive(Clone)]
pub struct Services {
    /// The database.
    pub store: Store,
    /// The directory in memory.
    pub snapshots: SnapshotHandle,
    /// The links by hand and the identities that are known.
    pub identities: Identities,
    /// The settings in force.
    pub settings: SettingsHandle,
    /// Changes the settings.
    pub admin: Admin,
    /// Tries the settings out.
    pub checkup: Checkup,
    /// Makes and revokes API keys.
    pub api_keys: ApiKeyAdmin,
    /// Revokes tokens.
    pub tokens: TokenAdmin,
    /// Changes links by hand.
    pub linking: Linking,
    /// Remembers identities and watches who they are.
    pub matching: Matching,
    /// Asks DingTalk for mobile numbers.
    pub mobiles: Mobiles,
    /// Runs syncs.
    pub sync: SyncEngine,
    /// Sends messages.
    pub delivery: Delivery,
    /// Calls DingTalk.
    pub client: Client,
    /// The time.
    pub clock: Clock,
    /// Takes DingTalk's events in.
    pub intake: Intake,
    /// Hears of changes.
    pub change_feed: ChangeFeed,
    /// Hears what becomes of messages.
    pub message_feed: MessageFeed,
    /// The directory as it was.
    pub past: PastSnapshots,
}

/// The snapshot that a query is answered from; stands in the request's data. A mutation has none, for it shows what it
/// has changed, and a subscription none, for each event is of its own.
#[derive(Clone)]
pub struct AnsweredFrom(pub Arc<Snapshot>);

/// What resolvers ask of their context.
pub(crate) trait ContextExt<'ctx> {
    /// The services that the schema was built with.
    fn services(&self) -> &'ctx Services;

    /// Who asks, if they have shown a token.
    fn caller(&self) -> Option<&'ctx Caller>;

    /// What all of a query is answered from.
    fn answered_from(&self) -> Option<&'ctx AnsweredFrom>;

    /// What the request's filters have searched for; none outside of a request.
    fn searches(&self) -> Option<&'ctx Searches>;

    /// The snapshot that a query is answered from, so that all of it is of one revision; elsewhere the one in force.
    fn snapshot(&self) -> Arc<Snapshot> {
        self.answered_from()
            .map_or_else(|| self.services().snapshots.current(), |from| from.0.clone())
    }
}

impl<'ctx> ContextExt<'ctx> for Context<'ctx> {
    fn services(&self) -> &'ctx Services {
        self.data_unchecked::<Services>()
    }

    fn caller(&self) -> Option<&'ctx Caller> {
        self.data_opt::<Caller>()
    }

    fn answered_from(&self) -> Option<&'ctx AnsweredFrom> {
        self.data_opt::<AnsweredFrom>()
    }

    fn searches(&self) -> Option<&'ctx Searches> {
        self.data_opt::<Searches>()
    }
}
