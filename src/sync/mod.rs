//! The sync engine: trigger -> plan -> crawl -> verify -> diff -> apply -> publish.
#![allow(missing_docs, unused_variables, dead_code, clippy::todo)]

use std::{sync::Arc, time::Duration};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{clock::Clock, dingtalk::Client, directory::*, settings::SettingsHandle, store::Store};

pub struct SyncConfig {
    /// between timer runs; None: no timer
    pub interval: Option<Duration>,
    pub on_start: bool,
    pub lease_ttl: Duration,
    /// parallel calls per API
    pub concurrency: usize,
}

/// Cheap to clone.
#[derive(Clone)]
pub struct SyncEngine {
    x: (),
}

impl SyncEngine {
    pub fn new(
        config: SyncConfig,
        store: Store,
        client: Client,
        settings: SettingsHandle,
        snapshots: SnapshotHandle,
        clock: Clock,
    ) -> Self {
        todo!()
    }
    /// Runs timer, on-start sync, and the requested ones until `shutdown`; a run under way is ended as INTERRUPTED and its lease released.
    pub async fn run(&self, shutdown: CancellationToken) {
        todo!()
    }
    /// Starts a full sync, or tells the one that runs already (on any replica).
    pub async fn start(&self, trigger: RunTrigger, requested_by: Option<String>) -> Result<Started, StartError> {
        todo!()
    }
    /// The run under way or the last one, whichever replica runs it.
    pub fn progress(&self) -> watch::Receiver<Option<Arc<SyncRun>>> {
        todo!()
    }
}
pub struct Started {
    pub run: SyncRun,
    pub already_running: bool,
}
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Settings that are missing, by field name.
    #[error("not configured: {}", missing.join(", "))]
    NotConfigured { missing: Vec<String> },
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
    #[error("the server is shutting down")]
    ShuttingDown,
}

/// Keeps the snapshot and the settings of this process in step with the database: polls the revision row and the settings version each second,
/// applies the tail; reads are served from the last good snapshot when the database is away.
pub async fn follow(
    store: Store,
    snapshots: SnapshotHandle,
    settings: SettingsHandle,
    load: impl Fn(crate::settings::StoredSettings) -> crate::settings::Settings + Send + Sync + 'static,
    shutdown: CancellationToken,
) {
    todo!()
}
