//! What made a change.

use async_graphql::Enum;

use crate::directory::{Cause, CauseKind};

/// What made a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
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

impl ChangeCause {
    pub(crate) fn of(cause: &Cause) -> Self {
        match cause {
            Cause::Run(_) => Self::Run,
            Cause::Event(_) => Self::Event,
            Cause::Request(_) => Self::Request,
            Cause::Decision(_) => Self::Decision,
            Cause::Identity => Self::Identity,
            Cause::Unknown => Self::Unknown,
        }
    }

    /// What the log is asked for.
    pub(super) fn kind(self) -> CauseKind {
        match self {
            Self::Run => CauseKind::Run,
            Self::Event => CauseKind::Event,
            Self::Request => CauseKind::Request,
            Self::Decision => CauseKind::Decision,
            Self::Identity => CauseKind::Identity,
            Self::Unknown => CauseKind::Unknown,
        }
    }

    /// Which one.
    pub(crate) fn id_of(cause: &Cause) -> String {
        match cause {
            Cause::Run(id) => id.to_string(),
            Cause::Event(id) | Cause::Request(id) | Cause::Decision(id) => id.clone(),
            Cause::Identity | Cause::Unknown => String::new(),
        }
    }
}
