//! What the parts of the engine work with, and how they wake each other.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

use super::config::DeliveryConfig;
use crate::{
    catalogue::{Statement, delivery::SETTINGS_UNHEARD},
    clock::Clock,
    dingtalk::Client,
    directory::SnapshotHandle,
    id::random_id,
    identity::Identities,
    settings::SettingsHandle,
    store::Store,
};

/// A process that has not heard for so long whether the settings were changed sends nothing: they may say that nothing
/// is to be sent.
const LONGEST_UNHEARD: Duration = Duration::from_secs(30);

/// What taking in, sending and following up work with.
pub(super) struct DeliveryContext {
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
    stopped_here: Mutex<Option<(Instant, Statement)>>,
}

impl DeliveryContext {
    pub(super) fn new(
        config: DeliveryConfig,
        store: Store,
        client: Client,
        settings: SettingsHandle,
        snapshots: SnapshotHandle,
        identities: Identities,
        clock: Clock,
    ) -> Self {
        Self {
            config,
            store,
            client,
            settings,
            snapshots,
            identities,
            clock,
            owner: format!("delivery-{}", random_id()),
            taken_in: Notify::new(),
            wake: Notify::new(),
            recalled: Notify::new(),
            stopped_here: Mutex::default(),
        }
    }

    /// What keeps this process, and perhaps no other one, from sending until somebody mends it.
    pub(super) fn lasting_fault(&self) -> Option<Statement> {
        let silence = self.settings.silence();
        if silence > LONGEST_UNHEARD {
            let seconds = silence.as_secs();
            return Some(SETTINGS_UNHEARD { seconds }.into());
        }
        self.settings.current().own_fault()
    }

    /// As [`Self::lasting_fault`], or what is tried again after a while: DingTalk takes no calls from its address.
    pub(super) fn fault(&self) -> Option<Statement> {
        self.lasting_fault().or_else(|| {
            let stopped = self.stopped_here.lock().unwrap_or_else(PoisonError::into_inner);
            let (until, why) = stopped.as_ref()?;
            (*until > Instant::now()).then(|| why.clone())
        })
    }

    /// Sends nothing from this process for a while.
    pub(super) fn stop_here(&self, pause: Duration, why: &Statement) {
        let stop = (Instant::now() + pause, why.clone());
        *self.stopped_here.lock().unwrap_or_else(PoisonError::into_inner) = Some(stop);
    }

    /// Somebody may have put right what it was stopped for.
    pub(super) fn go_on_here(&self) {
        *self.stopped_here.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
