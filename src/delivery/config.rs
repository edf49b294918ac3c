//! How the engine runs.

use std::time::Duration;

use crate::message::{FollowUpPolicy, Pace, QuotaRules, RECIPIENTS_A_MINUTE};

/// How the engine runs. The defaults are right for DingTalk; tests are more impatient.
#[derive(Debug, Clone)]
pub struct DeliveryConfig {
    /// How long an attempt may take before its recipients count as `UNKNOWN`. Long enough for everything that the
    /// client may wait for before the request leaves: its turn, a token, a throttled minute. An attempt that is cut
    /// short has an unknown outcome, even if it was only waiting.
    pub claim_ttl: Duration,
    /// How long the first [repetition](super::schedule) of a send of unknown outcome waits.
    pub repeat_after: Duration,
    /// Recipients a call, 1 to 100: DingTalk tells the result of a send only up to 100 receivers.
    pub batch: u32,
    /// How often to look for work that another replica took in; our own wakes the engine at once.
    pub poll: Duration,
    /// How often to look for sends to follow up, and how soon the first of the [follow-ups](super::schedule) is.
    pub follow_up_every: Duration,
    /// How fast DingTalk may be sent to, over all replicas.
    pub pace: Pace,
    /// What DingTalk lets the company call.
    pub quota: QuotaRules,
    /// How much is spent on asking what became of messages that don't say so themselves.
    pub follow_up: FollowUpPolicy,
    /// How long a small message waits for [others of the same content](super::coalesce).
    pub coalesce_window: Duration,
    /// How long after a shutdown began the outcome of a call is still tried to be recorded: less than the grace time,
    /// so that what could not be recorded stands in the log before the process is cut off.
    pub last_tries: Duration,
    /// The content of messages is erased after so long; `None`: never.
    pub keep_bodies: Option<Duration>,
    /// Messages are forgotten after so long, but for their numbers; `None`: never.
    pub keep_messages: Option<Duration>,
}

impl Default for DeliveryConfig {
    fn default() -> Self {
        Self {
            claim_ttl: Duration::from_mins(5),
            repeat_after: Duration::from_secs(30),
            batch: 100,
            poll: Duration::from_secs(1),
            follow_up_every: Duration::from_secs(5),
            pace: Pace {
                recipients_a_minute: RECIPIENTS_A_MINUTE,
                calls_a_second: 20,
            },
            quota: QuotaRules::default(),
            follow_up: FollowUpPolicy::default(),
            coalesce_window: Duration::ZERO,
            last_tries: Duration::from_secs(7),
            keep_bodies: None,
            keep_messages: None,
        }
    }
}
