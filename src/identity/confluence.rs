//! A Confluence user, and the answer to who he is in DingTalk.

use serde::{Deserialize, Serialize};

use crate::directory::UserId;

/// What a caller knows of a Confluence user, in Atlassian's words; any subset.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ConfluenceIdentity {
    /// Login name; it can be renamed.
    pub username: Option<String>,
    /// Data Center's stable key.
    pub user_key: Option<String>,
    /// Cloud's stable id.
    pub account_id: Option<String>,
    /// Email address.
    pub email: Option<String>,
    /// Full name: shown, never matched.
    pub display_name: Option<String>,
}

/// What came of looking a Confluence user up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ResolutionStatus {
    /// Exactly one DingTalk user.
    Matched,
    /// None.
    Unmatched,
    /// More than one; nobody is chosen.
    Ambiguous,
    /// One, but he has left or never logged in to DingTalk.
    Inactive,
    /// One, but his removal from the mirror is held for approval.
    Held,
}

/// The answer for one Confluence user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// What came of it.
    pub status: ResolutionStatus,
    /// The DingTalk user: of `Matched`, `Inactive` and `Held`.
    pub user: Option<UserId>,
    /// The rule that decided: `EMAIL`, `ORG_EMAIL`, `JOB_NUMBER`; `None` where no rule found anything.
    pub rule: Option<&'static str>,
    /// The normalised key that was looked up; `None` where the identity lacks it.
    pub key: Option<String>,
    /// Everybody who has the key, sorted by `userid`; at most 20.
    pub candidates: Vec<UserId>,
    /// Why, in a sentence for people.
    pub reason: String,
}
