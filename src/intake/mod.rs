//! DingTalk's events on their way in: by HTTP push, by stream, from the list of failed pushes. Each is durable before
//! DingTalk is told that it arrived, and known again when it comes twice; acting on it is the sync's.

mod failed;
mod push;
mod stream;
mod stream_state;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

pub use push::{PushQuery, PushRefusal, PushReply};
pub use stream_state::StreamState;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use self::stream_state::StreamWatch;
use crate::{
    clock::Clock,
    dingtalk::{Client, EventKeys},
    directory::{DirectoryEvent, EventChannel},
    id::random_id,
    settings::SettingsHandle,
    store::{Store, StoreError},
};

/// What the operator set.
#[derive(Debug, Clone, Default)]
pub struct IntakeConfig {
    /// Token and AES key of the HTTP push, and, while they are changed, those of before; empty: nobody may push.
    pub keys: Vec<EventKeys>,
    /// CorpId, where pushes are encrypted for it and not for the app key (subscriptions made through
    /// `register_call_back`).
    pub corp_id: Option<String>,
    /// Whether a stream connection is kept open.
    pub stream: bool,
}

/// Takes events in. Cheap to clone.
#[derive(Clone)]
pub struct Intake(Arc<IntakeContext>);

struct IntakeContext {
    config: IntakeConfig,
    store: Store,
    settings: SettingsHandle,
    client: Client,
    clock: Clock,
    arrived: Arc<Notify>,
    counts: Counts,
    stream: StreamWatch,
    /// Who this process is where it notes that it reads the list of failed pushes.
    reader: String,
}

impl std::fmt::Debug for Intake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Intake")
            .field("config", &self.0.config)
            .finish_non_exhaustive()
    }
}

/// What came in since the start of the process.
#[derive(Default)]
struct Counts {
    received: AtomicU64,
    repeated: AtomicU64,
    refused: AtomicU64,
}

/// What came in since the start of the process, for metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IntakeFigures {
    /// Events that were new.
    pub received: u64,
    /// Events that were known already.
    pub repeated: u64,
    /// Pushes that were refused: forged, damaged, for somebody else.
    pub refused: u64,
    /// Whether a stream connection is open.
    pub stream_connected: bool,
}

impl Intake {
    /// `arrived` is rung whenever there is something new.
    pub fn new(
        config: IntakeConfig,
        store: Store,
        settings: SettingsHandle,
        client: Client,
        clock: Clock,
        arrived: Arc<Notify>,
    ) -> Self {
        Self(Arc::new(IntakeContext {
            config,
            store,
            settings,
            client,
            clock,
            arrived,
            counts: Counts::default(),
            stream: StreamWatch::default(),
            reader: random_id().to_string(),
        }))
    }

    /// Whether events come in at all.
    pub fn is_on(&self) -> bool {
        !self.0.config.keys.is_empty() || self.0.config.stream
    }

    /// Whether a stream connection is to be kept open.
    pub fn streams(&self) -> bool {
        self.0.config.stream
    }

    /// How that stands.
    pub fn stream_state(&self) -> StreamState {
        self.0.stream.state()
    }

    /// What came in so far.
    pub fn figures(&self) -> IntakeFigures {
        let counts = &self.0.counts;
        IntakeFigures {
            received: counts.received.load(Ordering::Relaxed),
            repeated: counts.repeated.load(Ordering::Relaxed),
            refused: counts.refused.load(Ordering::Relaxed),
            stream_connected: self.stream_state().since.is_some(),
        }
    }

    /// Keeps the stream open and fetches what could not be pushed, until `shutdown`; failed pushes that were asked for
    /// are kept before it returns.
    pub async fn run(&self, shutdown: CancellationToken) {
        let stream = async {
            tokio::select! {
                () = shutdown.cancelled() => {}
                // What it was not told to have arrived, DingTalk sends again.
                () = self.keep_stream() => {}
            }
        };
        tokio::join!(stream, self.fetch_failed(&shutdown));
        // Without a list and without a stream there is nothing to do, and nothing wrong with that.
        shutdown.cancelled().await;
    }

    /// Makes events durable and rings the bell.
    async fn keep(&self, events: &[DirectoryEvent], channel: EventChannel) -> Result<(), StoreError> {
        let new = self.0.store.receive_events(events, channel).await?;
        let counts = &self.0.counts;
        counts.received.fetch_add(new, Ordering::Relaxed);
        counts
            .repeated
            .fetch_add(events.len() as u64 - new.min(events.len() as u64), Ordering::Relaxed);
        if new > 0 {
            self.0.arrived.notify_one();
        }
        Ok(())
    }
}
