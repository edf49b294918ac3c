//! Enums of the directory.

use async_graphql::Enum;

use super::walk::walked_enum;
use crate::{auth, directory};

/// Whether a record still stands in the company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "directory::RecordState")]
pub enum RecordState {
    /// DingTalk shows it.
    Active,
    /// DingTalk no longer shows it, but its removal waits for approval: it is served as before.
    Held,
    /// It is gone; `goneCause` says why. Kept so that messages and links still find it.
    Gone,
}

/// Why a record is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "directory::GoneCause")]
pub enum GoneCause {
    /// The person left the company.
    Left,
    /// The app may no longer see it; it may well exist.
    OutOfScope,
    /// The department was removed.
    DepartmentRemoved,
}

/// What kind of record changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "directory::EntityKind")]
pub enum EntityKind {
    /// A department.
    Department,
    /// A user.
    User,
    /// A Confluence identity that was asked for or linked: who it is in DingTalk changed.
    Identity,
}

/// What happened to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "directory::ChangeKind")]
pub enum ChangeKind {
    /// Seen for the first time.
    Created,
    /// Some fields differ.
    Updated,
    /// Its parent, or its set of departments, differs; other fields may, too.
    Moved,
    /// It is gone.
    Removed,
    /// It was gone and is back.
    Restored,
    /// Its removal waits for approval.
    Held,
}

/// What a sync run is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "directory::Verdict")]
pub enum Verdict {
    /// Everything that can be seen was read, and both sides agree. Where people are read in bulk, of some their list
    /// entry alone (`evidence { usersByListAlone }`), which tells neither the manager nor the roles.
    Complete,
    /// Some of it could not be read. What was read is applied, and whoever DingTalk says is gone, asked by their id, is
    /// removed.
    Partial,
    /// The answers contradict each other or are implausible. Nobody is removed but who DingTalk says is gone, asked by
    /// their id; where very much is missing, that waits for approval.
    Suspect,
}

/// What a token or an API key allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "auth::Permission")]
pub enum Permission {
    /// `directory:read`: departments, users, changes, the mirror's state, sync runs.
    DirectoryRead,
    /// `directory:contact`: mobile numbers and email addresses, and looking people up by them.
    DirectoryContact,
    /// `identity:read`: resolving Confluence users; with `directory:read` also links, the census, rehearsals and
    /// changed matches.
    IdentityRead,
    /// `identity:write`: links by hand.
    IdentityWrite,
    /// `message:send`: sending messages.
    MessageSend,
    /// `message:read`: reading messages and what became of them.
    MessageRead,
    /// `settings:read`: reading the settings, which API keys there are, and the audit log.
    SettingsRead,
    /// `settings:write`: changing the settings; making and revoking API keys; revoking tokens.
    SettingsWrite,
    /// `sync:run`: starting a sync.
    SyncRun,
}

walked_enum!(RecordState, GoneCause);
