//! The rules by which a Confluence user can be somebody in DingTalk.

use serde::{Deserialize, Serialize};

/// What decided an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Rule {
    /// A link made by hand; it comes before the method.
    Link,
    /// The email address is DingTalk's `email`.
    Email,
    /// The email address is DingTalk's `org_email`.
    OrgEmail,
    /// The user name is DingTalk's `job_number`.
    JobNumber,
}

impl Rule {
    /// What its key is called in reasons.
    pub(super) const fn field(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Email => "email",
            Self::OrgEmail => "org_email",
            Self::JobNumber => "job_number",
        }
    }
}
