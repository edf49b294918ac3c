//! The service: what the edges hold.

use std::sync::Arc;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{config::DeliveryConfig, engine::Engine, follow_up::FollowUps, unfold};
use crate::{
    clock::Clock, dingtalk::Client, directory::SnapshotHandle, identity::Identities, settings::SettingsHandle,
    store::Store,
};

/// Takes messages in and delivers them. Cheap to clone.
#[derive(Clone)]
pub struct Delivery {
    shared: Arc<Shared>,
}

/// What taking in, sending and following up have in common.
pub(super) struct Shared {
    pub(super) config: DeliveryConfig,
    pub(super) store: Store,
    pub(super) client: Client,
    pub(super) settings: SettingsHandle,
    pub(super) snapshots: SnapshotHandle,
    pub(super) identities: Identities,
    pub(super) clock: Clock,
    /// Names this process in claims and leases.
    pub(super) owner: String,
    /// Tells that a message was taken in.
    pub(super) taken_in: Notify,
    /// Tells the engine that somebody waits.
    pub(super) wake: Notify,
    /// Tells the following-up that something was taken back.
    pub(super) recalled: Notify,
}

impl Delivery {
    /// A delivery over these parts; nothing is sent before [`Self::run`].
    pub fn new(
        config: DeliveryConfig,
        store: Store,
        client: Client,
        settings: SettingsHandle,
        snapshots: SnapshotHandle,
        identities: Identities,
        clock: Clock,
    ) -> Self {
        Self {
            shared: Arc::new(Shared {
                config,
                store,
                client,
                settings,
                snapshots,
                identities,
                clock,
                owner: format!("delivery-{}", Uuid::new_v4()),
                taken_in: Notify::new(),
                wake: Notify::new(),
                recalled: Notify::new(),
            }),
        }
    }

    /// Claims, sends, records and follows up until `shutdown`; then finishes the calls under way, records them and returns.
    /// Dropping it instead loses nothing: what was being sent becomes `UNKNOWN` when its claim expires.
    pub async fn run(&self, shutdown: CancellationToken) {
        let engine = Engine::new(self.shared.clone());
        let follow_ups = FollowUps::new(self.shared.clone());
        tokio::join!(
            unfold::run(self.shared.clone(), &shutdown),
            engine.run(&shutdown),
            follow_ups.run(&shutdown)
        );
    }

    pub(super) fn shared(&self) -> &Shared {
        &self.shared
    }
}
