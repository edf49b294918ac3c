//! The HTTP edge: GraphQL over HTTP, WebSocket and SSE, the console's pages, health and metrics.
//!
//! ```text
//! listener (slots, time) -> around (request id, panics, log, metrics; cross-origin rules; compression) -> route
//! route /graphql: accept -> caller -> body -> graphql (params, admission, execution) -> answer | events
//! ```
//!
//! The stock GraphQL front end runs mutations by GET and as `text/plain` (any web page could send them), takes bodies
//! of any size and drops the connection when a resolver panics; so the front end is ours, around the stock crate's
//! response type.

mod accept;
mod admitting;
mod around;
mod body;
mod caller;
mod compress;
mod config;
mod console;
mod credential;
mod cross_origin;
mod dingtalk_events;
mod endpoint;
mod etag;
mod events;
mod finished;
mod graphql;
mod health;
mod host;
mod kept_answers;
mod listener;
mod metrics;
mod observe;
mod question;
mod refusals;
mod response;
mod router;
mod state;
mod websocket;

pub use config::{HttpConfig, Readiness, ReadinessCheck, WebSocketConfig};
pub use graphql::{ExecutableSchema, MirrorAccess, PersistedDocuments, TrustedDocuments};
pub use listener::{Connections, serve};
pub use metrics::Metrics;
pub use router::router;
