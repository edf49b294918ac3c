//! Whom taking a message back would reach.

use async_graphql::SimpleObject;

use crate::{
    graphql::{relay::connection::int, scalars::DateTime},
    store,
};

/// Whom taking a message back would reach now. Of one that was taken back: nobody.
#[derive(Debug, Clone, SimpleObject)]
pub struct RecallReach {
    /// Who waits, and would not be sent to.
    waiting: i32,
    /// From whom DingTalk would be asked to take it back: what it took in the last 24 hours.
    sent: i32,
    /// Who has it and would keep it: it was sent longer ago, in one call with another message, or by another app, or
    /// `recallUrl` is not set.
    out_of_reach: i32,
    /// Until when anything of `sent` can be taken back; the last of it goes out of reach then. Null where there is
    /// nothing.
    until: Option<DateTime>,
}

impl From<store::RecallReach> for RecallReach {
    fn from(reach: store::RecallReach) -> Self {
        Self {
            waiting: int(reach.waiting),
            sent: int(reach.sent),
            out_of_reach: int(reach.out_of_reach),
            until: reach.until.map(Into::into),
        }
    }
}
