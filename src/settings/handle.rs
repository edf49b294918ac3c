//! The settings in force, shared by everything that needs them; a change takes effect without a restart.

use std::sync::Arc;

use tokio::sync::watch;

use super::values::Settings;

/// Reads the settings in force and hears of changes. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SettingsHandle(Arc<watch::Sender<Arc<Settings>>>);

impl SettingsHandle {
    /// A handle that starts with `settings`.
    pub fn new(settings: Settings) -> Self {
        Self(Arc::new(watch::Sender::new(Arc::new(settings))))
    }

    /// The settings in force.
    pub fn current(&self) -> Arc<Settings> {
        self.0.borrow().clone()
    }

    /// Puts newer settings in force. Older versions than the present one are ignored, so that late readers do no harm.
    pub fn publish(&self, settings: Settings) {
        self.0.send_if_modified(|current| {
            let newer = settings.version > current.version;
            if newer {
                *current = Arc::new(settings);
            }
            newer
        });
    }

    /// Puts settings in force whatever their version: the database is not the one that the others came from.
    pub fn replace(&self, settings: Settings) {
        self.0.send_replace(Arc::new(settings));
    }

    /// Hears of each change.
    pub fn subscribe(&self) -> watch::Receiver<Arc<Settings>> {
        self.0.subscribe()
    }
}
