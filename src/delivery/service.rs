//! The service: what the edges hold.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{config::DeliveryConfig, engine::Engine, follow_up::FollowUps, forget, unfold};
use crate::{
    clock::Clock,
    dingtalk::Client,
    directory::SnapshotHandle,
    identity::Identities,
    settings::{Api, SettingsHandle},
    store::{Store, StoreError},
};

/// Takes messages in and delivers them. Cheap to clone.
#[derive(Clone)]
pub struct Delivery {
    shared: Arc<Shared>,
}

/// A process that has not heard for so long whether the settings were changed sends nothing: they may say that nothing
/// is to be sent.
const SETTINGS_UNHEARD: Duration = Duration::from_secs(30);

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
    /// Until when nothing is sent from this process, and why.
    stopped_here: Mutex<Option<(Instant, String)>>,
}

impl Shared {
    /// What keeps this process, and perhaps no other one, from sending until somebody mends it.
    pub(super) fn lasting_fault(&self) -> Option<String> {
        let silence = self.settings.silence();
        if silence > SETTINGS_UNHEARD {
            return Some(format!(
                "this process has not heard for {} s whether the settings were changed, because it can't read them",
                silence.as_secs()
            ));
        }
        self.settings.current().own_fault()
    }

    /// As [`Self::lasting_fault`], or what is tried again after a while: DingTalk takes no calls from its address.
    pub(super) fn fault(&self) -> Option<String> {
        self.lasting_fault().or_else(|| {
            let stopped = self.stopped_here.lock().unwrap_or_else(PoisonError::into_inner);
            let (until, why) = stopped.as_ref()?;
            (*until > Instant::now()).then(|| why.clone())
        })
    }

    /// Sends nothing from this process for a while.
    pub(super) fn stop_here(&self, pause: Duration, why: &str) {
        let stop = (Instant::now() + pause, why.to_owned());
        *self.stopped_here.lock().unwrap_or_else(PoisonError::into_inner) = Some(stop);
    }

    /// Somebody may have put right what it was stopped for.
    pub(super) fn go_on_here(&self) {
        *self.stopped_here.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
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
                stopped_here: Mutex::default(),
            }),
        }
    }

    /// Claims, sends, records and follows up until `shutdown`; then finishes the calls under way, records them and
    /// returns. Dropping it instead loses nothing: what was being sent becomes `UNKNOWN` when its claim expires.
    pub async fn run(&self, shutdown: CancellationToken) {
        self.compare_clocks().await;
        let engine = Engine::new(self.shared.clone());
        let follow_ups = FollowUps::new(self.shared.clone());
        tokio::join!(
            unfold::run(self.shared.clone(), &shutdown),
            engine.run(&shutdown),
            follow_ups.run(&shutdown),
            forget::run(self.shared.clone(), &shutdown)
        );
    }

    /// Before anything is ended because its time is over: a clock that is ahead would end what has just begun to wait.
    async fn compare_clocks(&self) {
        let settings = self.shared.settings.current();
        if let Some(url) = settings.urls.get(&Api::GetToken)
            && (self.shared.config.keep_bodies.is_some() || self.shared.store.is_anything_late().await.unwrap_or(false))
        {
            self.shared.client.hear_time(url).await;
        }
    }

    /// As [`Self::fault`], where somebody has to mend it at this process: others that share its database may do better.
    pub fn lasting_fault(&self) -> Option<String> {
        self.shared.lasting_fault()
    }

    /// What keeps this process, and perhaps no other one, from sending: in words, with the remedy.
    pub fn fault(&self) -> Option<String> {
        self.shared.fault()
    }

    /// Sends what is held for another app (`only` one, or all of them) by the app that the settings name. Which
    /// messages; `None`: the settings name no app.
    pub async fn release_held(&self, only: Option<&str>) -> Result<Option<Vec<Uuid>>, StoreError> {
        let settings = self.shared.settings.current();
        let Some(app) = &settings.app_key else {
            return Ok(None);
        };
        let released = self.shared.store.release_held(only, app).await?;
        self.shared.wake.notify_one();
        Ok(Some(released))
    }

    pub(super) fn shared(&self) -> &Shared {
        &self.shared
    }
}
