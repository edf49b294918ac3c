//! What can stand in the audit log.

use serde::{Deserialize, Serialize};

/// What somebody did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AuditAction {
    /// Changed the settings.
    SettingsChanged,
    /// Tried settings out, stored or not.
    SettingsTried,
    /// Linked a Confluence user.
    LinkMade,
    /// Led a link to somebody else.
    LinkChanged,
    /// Removed a link.
    LinkRemoved,
    /// Brought links in from a file.
    LinksImported,
    /// Carried held removals out.
    RemovalsApproved,
    /// Kept the records of held removals.
    RemovalsRejected,
    /// Asked for a sync.
    SyncRequested,
    /// Made an API key.
    ApiKeyCreated,
    /// Revoked an API key.
    ApiKeyRevoked,
    /// Revoked tokens.
    TokensRevoked,
    /// Took a message back.
    MessageRecalled,
    /// Sent a message again.
    MessageResent,
    /// Went on with sending after a stop.
    DeliveryResumed,
    /// Released messages that were held for another app.
    HeldMessagesReleased,
    /// Wrote a message template.
    TemplateSaved,
    /// Deleted a message template.
    TemplateDeleted,
    /// Wrote the database's rows to a file.
    DataExported,
    /// Brought rows of a file or of another database in.
    DataImported,
}
