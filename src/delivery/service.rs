//! The service: what the edges hold.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    config::DeliveryConfig, context::DeliveryContext, engine::Engine, follow_up::FollowUps, forget, quota::quota,
    unfold,
};
use crate::{
    audit::Author,
    catalogue::Statement,
    clock::Clock,
    dingtalk::Client,
    directory::SnapshotHandle,
    identity::Identities,
    message::Quota,
    settings::{Api, SettingsHandle},
    store::{Store, StoreError},
};

/// Takes messages in and delivers them. Cheap to clone.
#[derive(Clone)]
pub struct Delivery {
    context: Arc<DeliveryContext>,
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
            context: Arc::new(DeliveryContext::new(
                config, store, client, settings, snapshots, identities, clock,
            )),
        }
    }

    /// Claims, sends, records and follows up until `shutdown`; then finishes the calls under way, records them and
    /// returns. Dropping it instead loses nothing: what was being sent becomes `UNKNOWN` when its claim expires.
    pub async fn run(&self, shutdown: CancellationToken) {
        self.compare_clocks().await;
        let engine = Engine::new(self.context.clone());
        let follow_ups = FollowUps::new(self.context.clone());
        tokio::join!(
            unfold::run(self.context.clone(), &shutdown),
            engine.run(&shutdown),
            follow_ups.run(&shutdown),
            forget::run(self.context.clone(), &shutdown)
        );
    }

    /// Before anything is ended because its time is over: a clock that is ahead would end what has just begun to wait.
    async fn compare_clocks(&self) {
        let settings = self.context.settings.current();
        if let Some(url) = settings.urls.get(&Api::GetToken)
            && (self.context.config.keep_bodies.is_some()
                || self.context.store.is_anything_late().await.unwrap_or(false))
        {
            self.context.client.hear_time(url).await;
        }
    }

    /// As [`Self::fault`], where somebody has to mend it at this process: others that share its database may do better.
    pub fn lasting_fault(&self) -> Option<Statement> {
        self.context.lasting_fault()
    }

    /// What keeps this process, and perhaps no other one, from sending, with the remedy.
    pub fn fault(&self) -> Option<Statement> {
        self.context.fault()
    }

    /// What is left of the month's calls, counted over all replicas.
    pub async fn quota(&self) -> Result<Quota, StoreError> {
        Ok(quota(&self.context, self.context.clock.now()).await?.0)
    }

    /// Sends what is held for another app (`only` one, or all of them) by the app that the settings name, in the name
    /// of `by`. Which messages; `None`: the settings name no app.
    pub async fn release_held(&self, only: Option<&str>, by: &Author) -> Result<Option<Vec<Uuid>>, StoreError> {
        let settings = self.context.settings.current();
        let Some(app) = &settings.app_key else {
            return Ok(None);
        };
        let released = self.context.store.release_held(only, app, Some(by)).await?;
        self.context.wake.notify_one();
        Ok(Some(released))
    }

    pub(super) fn context(&self) -> &DeliveryContext {
        &self.context
    }
}
