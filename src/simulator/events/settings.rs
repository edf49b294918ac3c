//! How events are delivered; all of it may be changed by the control API, mostly to make tests short.

use serde::{Deserialize, Serialize};

/// The spelling of keys in pushed events: what a tenant gets today is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KeyStyle {
    /// `UserId`, and `TimeStamp` as text: the captures up to 2021.
    #[default]
    Pascal,
    /// `userId`, `EventTime`, `eventId`: the documentation of today.
    Camel,
}

/// Delivery of events. Times in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventSettings {
    /// The spelling of keys in pushed events.
    pub(crate) key_style: KeyStyle,
    /// Every event is delivered twice.
    pub(crate) duplicates: bool,
    /// Pauses before the further attempts of a push.
    pub(crate) push_retry_ms: Vec<u64>,
    /// How long the receiver of a push may take.
    pub(crate) push_timeout_ms: u64,
    /// Pauses before the further attempts on the stream.
    pub(crate) redeliver_ms: Vec<u64>,
    /// How long an acknowledgement on the stream may take.
    pub(crate) ack_timeout_ms: u64,
    /// How often the stream asks whether its client is alive.
    pub(crate) ping_ms: u64,
    /// How long a stream connection may live before it is told to go.
    pub(crate) lifetime_ms: u64,
    /// How long after that it is cut off.
    pub(crate) close_after_ms: u64,
    /// How long a ticket is good for.
    pub(crate) ticket_ms: u64,
}

impl Default for EventSettings {
    fn default() -> Self {
        Self {
            key_style: KeyStyle::Pascal,
            duplicates: false,
            push_retry_ms: vec![10_000, 30_000],
            push_timeout_ms: 2_500,
            redeliver_ms: vec![10_000, 30_000, 60_000, 120_000],
            ack_timeout_ms: 3_000,
            ping_ms: 60_000,
            lifetime_ms: 2 * 3_600_000,
            close_after_ms: 10_000,
            ticket_ms: 90_000,
        }
    }
}
