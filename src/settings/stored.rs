//! The settings as the store keeps them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{api::Api, values::MatchingMethod};

/// The row: only what was set, the secret sealed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StoredSettings {
    /// Goes up by one with each change.
    pub version: i64,
    /// AgentId.
    pub agent_id: Option<String>,
    /// AppKey.
    pub app_key: Option<String>,
    /// base64 of nonce, ciphertext and tag.
    pub app_secret_sealed: Option<String>,
    /// When the secret was last set.
    pub app_secret_set_at: Option<DateTime<Utc>>,
    /// Only URLs that differ from the defaults; `None` = switched off.
    pub urls: BTreeMap<Api, Option<String>>,
    /// How people are matched.
    pub matching_method: MatchingMethod,
    /// Whether messages are sent.
    pub enabled: bool,
    /// When they were last changed.
    pub updated_at: Option<DateTime<Utc>>,
    /// Who last changed them.
    pub updated_by: Option<String>,
}

/// One changed field; never a secret's value ("set", "cleared").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsAudit {
    /// When.
    pub at: DateTime<Utc>,
    /// The token's subject.
    pub actor: String,
    /// Name of the form's field.
    pub field: String,
    /// Before.
    pub before: Option<String>,
    /// After.
    pub after: Option<String>,
}
