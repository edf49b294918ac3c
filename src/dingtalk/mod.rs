//! DingTalk's wire: one client, one way to call, every oddity of its answers in one place.
//!
//! A call goes through [`call`](self) (token, limit, attempt, retry), its answer through `envelope` (is it an answer at
//! all?), `codes` (what does the code mean?) and `fields` (values that may come as text). `remedy` puts failures into
//! words.

mod answers;
mod blamed;
mod bounds;
mod build_error;
mod call;
mod class;
mod client;
mod client_state;
mod codes;
mod config;
mod connection;
mod decode;
mod departments;
mod document;
mod envelope;
mod error;
mod events;
mod failure;
mod fields;
mod lenient;
mod limiter;
mod loopback;
mod pauses;
mod proxy;
mod remedy;
mod retry;
mod session;
mod silence;
mod stats;
mod stream;
mod tally;
mod token;
mod transport;
mod trial;
mod users;
mod web_page;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use answers::{FailedPushes, Forbidden, Scopes, SendProgress, SendResult, UserPage};
pub use build_error::ClientBuildError;
pub use class::Class;
pub use client::Client;
pub use codes::known_codes;
pub use config::{ClientConfig, Waits};
pub use connection::Connection;
#[doc(hidden)]
pub use decode::{Decoded, decode};
pub use document::{Document, DocumentError};
pub use error::{Error, ErrorKind};
pub use events::{DecryptError, DecryptedPush, EventKeys, Pushed, failed_entry, pushed, streamed};
#[cfg(test)]
pub(crate) use limiter::{Limiter, Priority};
pub(crate) use loopback::is_loopback;
pub use session::Session;
pub use stats::{CallOutcome, CallStats};
pub use stream::{StreamAck, StreamConnection, StreamFrame};
pub use tally::Tally;
pub use trial::Trial;
