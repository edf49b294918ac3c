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
