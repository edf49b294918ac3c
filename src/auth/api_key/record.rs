//! A key as the database has it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::secret::SecretHash;
use crate::auth::permission::Permission;

/// A key, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id, which stands in the key itself; ids sort by the time at which the keys were made.
    pub id: Uuid,
    /// Whom it is for. Keys of one name are one caller.
    pub name: String,
    /// What it opens.
    pub permissions: BTreeSet<Permission>,
    /// What is kept of the secret.
    pub hash: SecretHash,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Who made it: a caller's subject.
    pub created_by: String,
    /// From when on it is refused.
    pub expires_at: DateTime<Utc>,
    /// When it was last used, to about a minute; `None`: never.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it was revoked; `None`: it was not.
    pub revoked_at: Option<DateTime<Utc>>,
    /// Who revoked it: a caller's subject.
    pub revoked_by: Option<String>,
}

/// How a key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ApiKeyState {
    /// It may be used.
    Active,
    /// Its time is over.
    Expired,
    /// Somebody revoked it.
    Revoked,
}

impl ApiKey {
    /// How it stands at `now`. One that was revoked stays that also after its time.
    pub fn state(&self, now: DateTime<Utc>) -> ApiKeyState {
        if self.revoked_at.is_some() {
            ApiKeyState::Revoked
        } else if self.expires_at <= now {
            ApiKeyState::Expired
        } else {
            ApiKeyState::Active
        }
    }

    /// The subject of whoever shows it. No token that this server issues for a person begins so by accident.
    pub fn subject(&self) -> String {
        format!("key:{}", self.name)
    }
}
