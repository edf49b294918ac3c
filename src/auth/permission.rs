//! What a caller may do: one permission per verb and noun.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// One permission; a claim of the caller's token, or one of their API key's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Permission {
    /// Departments, users, changes, the mirror's state.
    #[serde(rename = "directory:read")]
    DirectoryRead,
    /// Mobile numbers and email addresses, and looking somebody up by them.
    #[serde(rename = "directory:contact")]
    DirectoryContact,
    /// Resolving Confluence users; with `directory:read` also links, the census, rehearsals and changed matches.
    #[serde(rename = "identity:read")]
    IdentityRead,
    /// Links by hand.
    #[serde(rename = "identity:write")]
    IdentityWrite,
    /// Sending messages.
    #[serde(rename = "message:send")]
    MessageSend,
    /// Reading messages and what became of them.
    #[serde(rename = "message:read")]
    MessageRead,
    /// Reading the settings, which API keys there are, and the audit log.
    #[serde(rename = "settings:read")]
    SettingsRead,
    /// Changing the settings; making and revoking API keys; revoking tokens.
    #[serde(rename = "settings:write")]
    SettingsWrite,
    /// Starting a sync.
    #[serde(rename = "sync:run")]
    SyncRun,
}

impl Permission {
    /// Every permission.
    pub const ALL: [Self; 9] = [
        Self::DirectoryRead,
        Self::DirectoryContact,
        Self::IdentityRead,
        Self::IdentityWrite,
        Self::MessageSend,
        Self::MessageRead,
        Self::SettingsRead,
        Self::SettingsWrite,
        Self::SyncRun,
    ];

    /// The claim's text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DirectoryRead => "directory:read",
            Self::DirectoryContact => "directory:contact",
            Self::IdentityRead => "identity:read",
            Self::IdentityWrite => "identity:write",
            Self::MessageSend => "message:send",
            Self::MessageRead => "message:read",
            Self::SettingsRead => "settings:read",
            Self::SettingsWrite => "settings:write",
            Self::SyncRun => "sync:run",
        }
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no permission.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no permission; there are: {all}", all = Permission::ALL.map(Permission::as_str).join(", "))]
pub struct UnknownPermission(String);

impl FromStr for Permission {
    type Err = UnknownPermission;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|p| p.as_str() == text)
            .ok_or_else(|| UnknownPermission(text.to_owned()))
    }
}
