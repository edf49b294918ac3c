//! What the sender wants done where DingTalk leaves no good choice.

use async_graphql::Enum;

use crate::message;

/// What to do with a send whose outcome is unknown: the request left, and no answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "message::OnUnknown")]
pub enum OnUnknown {
    /// Leave it UNKNOWN: nobody gets it twice, somebody may not get it.
    Hold,
    /// Repeat it byte for byte on the same day in Beijing, up to three times: DingTalk documents that it drops the same
    /// content to the same person on the same day, and its dropping proves that the first one arrived.
    RepeatSameDay,
}

/// What to do for people who had the same content today already: DingTalk answers "ok" and drops it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "message::OnDuplicate")]
pub enum OnDuplicate {
    /// Send it all the same; `prediction` and `notices` say what is to be expected.
    Send,
    /// Leave these people out.
    Skip,
    /// Append the time, visibly, so that it is another content; for all recipients, if one of them had it already.
    Mark,
}

/// How much is spent on asking DingTalk what became of a message: each question counts against its monthly quota
/// (`quota`). What is not asked is not known: such recipients stay ACCEPTED, or DELIVERED_UNREAD, and their `reason`
/// says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "message::FollowUpPolicy")]
pub enum FollowUpPolicy {
    /// Nothing: ACCEPTED is the last that is known.
    None,
    /// What the forecast of the month leaves beside sending. Where something is in doubt (a predicted duplicate, a
    /// repetition of an unknown outcome, a recall that failed) DingTalk is asked after a minute and at the end of a
    /// day; elsewhere once, after an hour or at the end of a day, as long as the month's calls are below 1.2 for each
    /// message.
    Auto,
    /// One question, after 22 h 55 min; one more where that had no answer.
    Final,
    /// Six questions in a day, until everybody has read it.
    Live,
}

/// What goes first, and may use the reserve of the monthly quota (`DINGMIRROR_CALLS_RESERVED`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "message::Priority")]
pub enum Priority {
    /// In the order in which they come; once only the reserve is left, they wait for the next month.
    Normal,
    /// Before all others.
    High,
}
