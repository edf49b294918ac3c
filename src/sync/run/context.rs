//! What a run works with.

use std::sync::Arc;

use crate::{
    clock::Clock,
    dingtalk::{Client, Connection, Session},
    directory::{DepartmentSelection, RemovalLimits, SnapshotHandle},
    store::Store,
    sync::crawl::CrawlBounds,
};

/// What a run works with: the process's parts, and the settings that were in force when it began.
pub(in crate::sync) struct RunContext {
    pub(in crate::sync) store: Store,
    pub(in crate::sync) client: Client,
    pub(in crate::sync) connection: Connection,
    pub(in crate::sync) snapshots: SnapshotHandle,
    pub(in crate::sync) clock: Clock,
    pub(in crate::sync) bounds: CrawlBounds,
    pub(in crate::sync) limits: RemovalLimits,
    /// `user/get` calls an hour for the rolling verification.
    pub(in crate::sync) verify_per_hour: u32,
    /// What the settings leave out.
    pub(in crate::sync) selection: DepartmentSelection,
    /// The settings that the connection was made of.
    pub(in crate::sync) settings_version: i64,
}

impl RunContext {
    /// Bulk reading by the run's connection.
    pub(super) fn session(&self) -> Session {
        self.client.with(Arc::new(self.connection.clone())).bulk()
    }
}
