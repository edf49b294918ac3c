//! The answer to who a Confluence user is in DingTalk.

use serde::{Deserialize, Serialize};

use super::rule::Rule;
use crate::{
    catalogue::Statement,
    directory::{RecordState, User, UserId},
};

/// The answer for one Confluence user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// What came of it.
    pub status: ResolutionStatus,
    /// The DingTalk user: of `Matched`, `Inactive` and `Held`.
    pub user: Option<UserId>,
    /// The rule that decided; `None` where no rule found anything.
    pub rule: Option<Rule>,
    /// The normalised key that was looked up; `None` where the identity lacks it.
    pub key: Option<String>,
    /// Everybody who has the key, at most 20: present people first, each group sorted by `userid`; and who was hired
    /// again.
    pub candidates: Vec<UserId>,
    /// Why.
    pub reason: Statement,
}

/// What came of looking a Confluence user up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ResolutionStatus {
    /// Exactly one DingTalk user.
    Matched,
    /// None.
    Unmatched,
    /// More than one; nobody is chosen.
    Ambiguous,
    /// One, but they have left or never logged in to DingTalk.
    Inactive,
    /// One, but their removal from the mirror is held for approval.
    Held,
}

impl ResolutionStatus {
    /// How one claimant's standing turns into an answer's status.
    pub(super) fn of(user: &User) -> Self {
        match (user.standing.state, user.facts.active) {
            (RecordState::Gone, _) => Self::Inactive,
            (RecordState::Held, _) => Self::Held,
            // A person who never logged in to DingTalk sees no notification. Not said (`None`) is no reason to withhold
            // one.
            (RecordState::Active, Some(false)) => Self::Inactive,
            (RecordState::Active, _) => Self::Matched,
        }
    }
}
