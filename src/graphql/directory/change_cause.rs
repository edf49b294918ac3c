//! What made a change.

use async_graphql::Enum;

/// What made a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "crate::directory::CauseKind")]
pub enum ChangeCause {
    /// A sync run; `causeId` is its UUID.
    Run,
    /// One of DingTalk's events; `causeId` is its id.
    Event,
    /// A caller's request; `causeId` is their name.
    Request,
    /// `approveRemovals` or `rejectRemovals`; `causeId` is the caller's name.
    Decision,
    /// The Confluence identity was asked for otherwise than before, say with another email address; `causeId` is empty.
    Identity,
    /// Of a Confluence identity alone: several things happened between two looks at it, or the server was just started,
    /// and which of them it was is not known; `causeId` is empty.
    Unknown,
}
