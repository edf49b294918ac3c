//! What the edge can be told.

use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use tokio_util::task::TaskTracker;

use super::{
    graphql::{MirrorAccess, PersistedDocuments},
    metrics::Metrics,
};
use crate::{
    auth::{ApiKeysHandle, TrustedProxies},
    graphql::admission::BudgetLimits,
    intake::Intake,
};

/// Settings of the edge. The defaults are the server's.
#[derive(Debug, Clone)]
pub struct HttpConfig {
    /// Origins (`https://wiki.example.com`) that browsers may call from; the server's own is always allowed.
    pub allowed_origins: Vec<String>,
    /// Origins whose pages may show the console in a frame; none: nobody's.
    pub frame_ancestors: Vec<String>,
    /// Proxies that say whom they speak for.
    pub trusted_proxies: TrustedProxies,
    /// Bytes of a request body.
    pub body_limit: usize,
    /// How long a request may take to arrive, and again to be answered.
    pub request_timeout: Duration,
    /// Bytes of a push of DingTalk's; an event names some ids.
    pub event_limit: usize,
    /// How long a push may take to arrive.
    pub event_timeout: Duration,
    /// What requests may take together.
    pub memory: BudgetLimits,
    /// How often a silent stream of events says that it lives; proxies cut idle connections, some after 30 s.
    pub event_keep_alive: Duration,
    /// The WebSocket's own settings.
    pub websocket: WebSocketConfig,
    /// Counts the open WebSockets: who waits for it after the listener has ended lets them say goodbye.
    pub sockets: TaskTracker,
    /// Where DingTalk's pushes go; without it there is no such address.
    pub intake: Option<Intake>,
    /// Documents that are named instead of sent.
    pub persisted: PersistedDocuments,
    /// How the mirror stands; without it answers know nothing of its age, and have no `ETag`.
    pub mirror: Option<MirrorAccess>,
    /// Bytes of the answers that are kept until the directory changes; 0: none.
    pub kept_answers: usize,
    /// Tokens and keys of one address that are refused in a minute with the cause; 0: all of them.
    pub refusals_a_minute: u32,
    /// The API keys that are taken beside tokens.
    pub api_keys: ApiKeysHandle,
    /// The figures of `/metrics`; other rooms may register theirs.
    pub metrics: Metrics,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            allowed_origins: Vec::new(),
            frame_ancestors: Vec::new(),
            trusted_proxies: TrustedProxies::default(),
            body_limit: 2 * 1024 * 1024,
            request_timeout: Duration::from_secs(20),
            event_limit: 256 * 1024,
            event_timeout: Duration::from_secs(10),
            memory: BudgetLimits::default(),
            event_keep_alive: Duration::from_secs(12),
            websocket: WebSocketConfig::default(),
            sockets: TaskTracker::new(),
            intake: None,
            persisted: PersistedDocuments::default(),
            mirror: None,
            kept_answers: 32 * 1024 * 1024,
            refusals_a_minute: 300,
            api_keys: ApiKeysHandle::default(),
            metrics: Metrics::default(),
        }
    }
}

/// Settings of `/graphql/ws`.
#[derive(Debug, Clone, Copy)]
pub struct WebSocketConfig {
    /// A client that has not sent `connection_init` by then is closed with 4408; one that has shown no token is closed
    /// with 4403 when it has had nothing to do for as long.
    pub init_timeout: Duration,
    /// Open sockets without a token; who comes later takes the place of the first of them.
    pub anonymous: usize,
    /// Those of one address.
    pub anonymous_an_address: usize,
    /// Operations at a time on a connection without a token.
    pub anonymous_operations: usize,
    /// How often the server pings; a client silent for more than two of them is gone.
    pub ping: Duration,
    /// Operations at a time on one connection.
    pub operations: usize,
    /// Bytes of a client's message.
    pub message_bytes: usize,
    /// Messages that wait for a slow client.
    pub queue: usize,
    /// Bytes of those messages together; a longer one waits until it is alone.
    pub queue_bytes: usize,
    /// How long a full queue may stay full before the client is closed with 4008.
    pub patience: Duration,
}

impl Default for WebSocketConfig {
    fn default() -> Self {
        Self {
            init_timeout: Duration::from_secs(10),
            anonymous: 256,
            anonymous_an_address: 128,
            anonymous_operations: 5,
            ping: Duration::from_secs(25),
            operations: 50,
            message_bytes: 64 * 1024,
            queue: 64,
            queue_bytes: 128 * 1024,
            patience: Duration::from_secs(10),
        }
    }
}

/// How the process stands, in words fit for anybody.
#[derive(Debug, Clone, Default)]
pub struct Readiness {
    /// Why requests can't be answered as they should; `None`: they can.
    pub fault: Option<String>,
    /// What is to be known beside that; null: nothing.
    pub detail: serde_json::Value,
}

/// What `/readyz` asks.
pub type ReadinessCheck = Arc<dyn Fn() -> BoxFuture<'static, Readiness> + Send + Sync>;
