//! The settings in force, shared by everything that needs them; a change takes effect without a restart.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{sync::watch, time::Instant};

use super::values::Settings;

/// Reads the settings in force and hears of changes. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SettingsHandle {
    current: Arc<watch::Sender<Arc<Settings>>>,
    /// When the database was last seen to have none that are newer; `None`: nobody looks.
    heard: Arc<Mutex<Option<Instant>>>,
}

impl SettingsHandle {
    /// A handle that starts with `settings`.
    pub fn new(settings: Settings) -> Self {
        Self {
            current: Arc::new(watch::Sender::new(Arc::new(settings))),
            heard: Arc::default(),
        }
    }

    /// The database has none that are newer.
    pub fn heard(&self) {
        *self.heard.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// For how long nobody has heard whether there are newer ones.
    pub fn silence(&self) -> Duration {
        let heard = *self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.map_or(Duration::ZERO, |at| at.elapsed())
    }

    /// The settings in force.
    pub fn current(&self) -> Arc<Settings> {
        self.current.borrow().clone()
    }

    /// Puts newer settings in force. Older versions than the present one are ignored, so that late readers do no harm.
    pub fn publish(&self, settings: Settings) {
        self.current.send_if_modified(|current| {
            let newer = settings.version > current.version;
            if newer {
                *current = Arc::new(settings);
            }
            newer
        });
    }

    /// Puts settings in force whatever their version: the database is not the one that the others came from.
    pub fn replace(&self, settings: Settings) {
        self.current.send_replace(Arc::new(settings));
    }

    /// Hears of each change.
    pub fn subscribe(&self) -> watch::Receiver<Arc<Settings>> {
        self.current.subscribe()
    }
}
