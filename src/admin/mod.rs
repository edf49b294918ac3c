//! Changing the settings: check, seal, compare-and-set, publish.
#![allow(missing_docs, unused_variables, dead_code, clippy::todo)]

use std::sync::Arc;

use crate::{clock::Clock, settings::*, store::Store};

/// Cheap to clone.
#[derive(Clone)]
pub struct Admin {
    x: Arc<()>,
}
impl Admin {
    pub fn new(
        store: Store,
        settings: SettingsHandle,
        sealer: Sealer,
        allowed_hosts: AllowedHosts,
        clock: Clock,
    ) -> Self {
        todo!()
    }
    pub async fn update(
        &self,
        expected_version: i64,
        patch: SettingsPatch,
        actor: &str,
    ) -> Result<Arc<Settings>, UpdateError> {
        todo!()
    }
    /// Back to the defaults, secret cleared.
    pub async fn reset(&self, expected_version: i64, actor: &str) -> Result<Arc<Settings>, UpdateError> {
        todo!()
    }
    /// Stored row -> settings in force (defaults filled in, secret opened; a secret that can't be opened counts as not set, and is logged).
    pub fn open(&self, stored: StoredSettings) -> Settings {
        todo!()
    }
}
pub enum UpdateError {
    Invalid(Vec<SettingsError>),
    VersionConflict { actual: i64 },
    Store(crate::store::StoreError),
}
