//! The sync engine: trigger -> plan -> crawl -> verify -> diff -> apply -> publish.
//!
//! [`SyncEngine`] starts runs, one at a time over all replicas; `run` executes one; `crawl` reads DingTalk; the rules
//! for what differs and what a crawl is worth are `directory`'s. [`follow`] keeps a process in step with what others
//! wrote.

mod approve;
mod catch_up;
mod crawl;
mod engine;
mod events;
mod follow;
mod forget;
mod lease;
mod on_demand;
mod refresh;
mod removals;
mod report;
mod run;
mod timer;
mod verification;

use std::{sync::Arc, time::Duration};

pub use engine::SyncEngine;
pub use follow::follow;
pub use on_demand::{OnDemand, OnDemandError};
pub use removals::{ChosenGroup, Decided, RemovalSelection};
use tokio::sync::Notify;

use crate::{
    catalogue::Statement,
    directory::{RemovalLimits, Retention, SyncRun},
    store::StoreError,
};

/// How the engine runs.
#[derive(Debug, Clone)]
pub struct SyncConfig {
    /// Between timer runs; `None`: no timer.
    pub interval: Option<Duration>,
    /// Whether a run is started with the process.
    pub on_start: bool,
    /// How long a replica that died keeps others from syncing.
    pub lease_ttl: Duration,
    /// How old the last full run may be before the timer starts another; in between it reconciles.
    pub full_every: Duration,
    /// How long a run waits for a DingTalk that bans or doesn't answer before it is set aside, to be gone on with
    /// later.
    pub patience: Duration,
    /// Calls of `user/get` an hour for reading again whom nothing told about: the rolling verification.
    pub verify_per_hour: u32,
    /// What may be removed without approval.
    pub limits: RemovalLimits,
    /// How long the past is kept.
    pub retention: Retention,
    /// Whether this process acts on DingTalk's events.
    pub events: bool,
    /// Rung when there are new ones.
    pub arrived: Arc<Notify>,
    /// How long a record that an event names, and that DingTalk did not tell, is left alone before it is asked for
    /// again.
    pub between_tries: Duration,
    /// Calls in flight of each API at most. Twenty calls a second need as many as an answer takes twentieths of a
    /// second.
    pub concurrency: usize,
}

/// What came of a request to sync.
#[derive(Debug, Clone)]
pub struct Started {
    /// The run.
    pub run: SyncRun,
    /// Whether it ran before it was asked for.
    pub already_running: bool,
}

/// Why no run was started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Settings that are missing.
    #[error("{0}")]
    NotConfigured(Statement),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Another replica has taken the lease and not yet recorded its run.
    #[error("another replica is just starting a sync; ask again in a moment")]
    Busy,
    /// Only a run that was left behind was to be gone on with, and there is none.
    #[error("there is no interrupted run to go on with")]
    NothingToResume,
    /// The process ends.
    #[error("the server is shutting down")]
    ShuttingDown,
}
