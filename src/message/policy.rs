//! What the sender wants done where DingTalk leaves no good choice.

use serde::{Deserialize, Serialize};

/// What to do with a send whose outcome is unknown: the request left, and no answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OnUnknown {
    /// Leave it: it may not have arrived.
    #[default]
    Hold,
    /// Repeat it, byte for byte, on the same day in Beijing: DingTalk drops the same content to the same person on the
    /// same day (`docs/dingtalk.md#limits-of-sending`).
    RepeatSameDay,
}

/// What to do for a person who had the same content today already: DingTalk would drop it and answer "ok".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OnDuplicate {
    /// Send it all the same, and say what is to be expected.
    #[default]
    Send,
    /// Leave the person out.
    Skip,
    /// Append the time, visibly, so that the content is another one; for everybody, if anybody had it already.
    Mark,
}

/// How much is spent on asking DingTalk what became of a send: each question counts against its monthly quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FollowUpPolicy {
    /// Nothing: accepted is the last that is known.
    None,
    /// What the forecast of the month leaves, first where something is in doubt.
    #[default]
    Auto,
    /// One question, shortly before DingTalk forgets.
    Final,
    /// Six questions in a day, until everybody has read it.
    Live,
}

/// What goes first, and may use the reserve of the monthly quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Priority {
    /// In the order in which they come.
    #[default]
    Normal,
    /// Before all others.
    High,
}

/// What DingTalk is expected to drop in silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Prediction {
    /// The same content to the same person on the same day (143106).
    Duplicate,
    /// More than 500 notifications of the app to one person on one day (143105).
    DailyQuota,
}

/// Whether DingTalk's sends can be taken back, and how far that is, for one send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RecallState {
    /// Waits for the call.
    Requested,
    /// DingTalk took it back.
    Done,
    /// DingTalk refused, or it is too late; the detail says why.
    Failed,
}
