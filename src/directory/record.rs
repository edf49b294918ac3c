//! What the mirror knows of a department or a user beside DingTalk's own words.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{department::DepartmentFacts, ids::Revision, user::UserFacts};

/// Whether a record still stands in the company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RecordState {
    /// DingTalk shows it.
    Active,
    /// DingTalk no longer shows it, but its removal waits for a person's approval: it is served as before.
    Held,
    /// It is gone, with a [`GoneCause`]; kept so that messages and links still find it.
    Gone,
}

/// Why a record is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum GoneCause {
    /// The person left the company (60121).
    Left,
    /// The app may no longer see it (50002, 50004); it may well exist.
    OutOfScope,
    /// The department was removed.
    DepartmentRemoved,
}

/// The mirror's own columns of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Active, held or gone.
    pub state: RecordState,
    /// Why it is gone, or would be once its removal is approved; `None` while it is ACTIVE.
    pub cause: Option<GoneCause>,
    /// The revision that last changed it.
    pub revision: Revision,
    /// When the mirror first saw it.
    pub first_seen: DateTime<Utc>,
    /// When the mirror last saw it at the time of its last change.
    pub last_seen: DateTime<Utc>,
}

impl Standing {
    /// Whether the record is served as part of the company.
    pub fn is_present(&self) -> bool {
        self.state != RecordState::Gone
    }
}

/// A department of the mirror.
#[derive(Debug, Clone, PartialEq)]
pub struct Department {
    /// DingTalk's words.
    pub facts: DepartmentFacts,
    /// The mirror's.
    pub standing: Standing,
}

/// A user of the mirror.
#[derive(Debug, Clone, PartialEq)]
pub struct User {
    /// DingTalk's words.
    pub facts: UserFacts,
    /// The mirror's.
    pub standing: Standing,
}
