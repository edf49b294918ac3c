//! An entry of the audit log.

use std::sync::Arc;

use async_graphql::{Enum, ID, Object, SimpleObject};

use crate::{
    audit::{self, Proof},
    graphql::{
        relay::ids::{NodeKind, cursor, global_id},
        scalars::DateTime,
    },
};

/// Name of the list in its cursors.
pub(super) const LOG: &str = "auditLog";

/// What somebody did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "audit::AuditAction")]
pub enum AuditAction {
    /// They changed the settings (`updateSettings`, `resetSettings`): `fields` names those that changed, `version` the
    /// settings' new version.
    SettingsChanged,
    /// They tried settings out (`testSettings`): `state` is how that ended, `calls` how many calls were made.
    SettingsTried,
    /// They linked a Confluence user with a DingTalk user. The target is the link.
    LinkMade,
    /// They led a link to somebody else. The target is the link.
    LinkChanged,
    /// They removed a link. The target is the link.
    LinkRemoved,
    /// They brought links in from a file: `linked` new ones, `relinked` changed ones.
    LinksImported,
    /// They carried held removals out, of `departments` and `users`; `revision` is the mirror's that it made. One that
    /// takes long has several entries.
    RemovalsApproved,
    /// They kept the records of held removals, of `departments` and `users`.
    RemovalsRejected,
    /// They had a sync begin, or go on, of this `mode`. The target is the run.
    SyncRequested,
    /// They made an API key of this `name` with these `permissions`, until `expiresAt`. The target is the key.
    ApiKeyCreated,
    /// They revoked the API key of this `name`. The target is the key.
    ApiKeyRevoked,
    /// They revoked a token of this `issuer`, or all of somebody of `issuedBefore`. The target is the token's id, or
    /// whose they are.
    TokensRevoked,
    /// They took a message back. The target is the message.
    MessageRecalled,
    /// They sent a message again (`resendOf`). The target is the new message.
    MessageResent,
    /// They went on with sending after a stop.
    DeliveryResumed,
    /// They released messages that were held for another app, so many `messages`.
    HeldMessagesReleased,
    /// They wrote a message template. The target is its name, `version` its new version.
    TemplateSaved,
    /// They deleted a message template. The target is its name.
    TemplateDeleted,
    /// They wrote the database's rows to a `file` (`dingmirror export`).
    DataExported,
    /// They brought the rows of a `file` or of another `database` in (`dingmirror import`), in the place of those that
    /// there were where `replace` says so.
    DataImported,
}

/// How it is known who somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum AuditProof {
    /// A token, signed by `issuer`.
    Token,
    /// The API key `apiKeyId`.
    ApiKey,
    /// They ran a command on the server's machine, as `account`.
    CommandLine,
    /// Nobody asked: the program did it by itself.
    Program,
}

/// A fact about what was done.
#[derive(Debug, Clone, SimpleObject)]
pub struct AuditDetail {
    /// Its name, as the action says.
    name: String,
    /// Its value.
    value: String,
}

/// An entry of the audit log.
#[derive(Clone)]
pub struct AuditEntry(Arc<audit::AuditEntry>);

impl AuditEntry {
    pub(super) fn new(entry: audit::AuditEntry) -> Self {
        Self(Arc::new(entry))
    }

    pub(super) fn number(&self) -> i64 {
        self.0.id
    }
}

/// Something that was done: by whom, when, and from where. It has no secret, no text of a message, and nobody of the
/// directory.
#[Object]
impl AuditEntry {
    /// Place in the log.
    async fn cursor(&self) -> String {
        cursor(LOG, self.0.id)
    }

    /// When.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }

    /// What was done.
    async fn action(&self) -> AuditAction {
        self.0.action.into()
    }

    /// To what: an id, or a template's name; null where it is of no single thing.
    async fn target(&self) -> Option<&str> {
        self.0.target.as_deref()
    }

    /// Global id of the target, for `node`; it may be gone. Null where it has none.
    async fn target_id(&self) -> Option<ID> {
        let kind = node_kind(self.0.action)?;
        self.0.target.as_ref().map(|target| global_id(kind, target))
    }

    /// A few facts, by name.
    async fn details(&self) -> Vec<AuditDetail> {
        let details = self.0.details.iter();
        details
            .map(|(name, value)| AuditDetail {
                name: name.clone(),
                value: value.clone(),
            })
            .collect()
    }

    /// Who: the `sub` of a token, `key:` and the name of an API key, `command line`, or the name of a part of the
    /// program.
    async fn subject(&self) -> &str {
        &self.0.by.subject
    }

    /// How that is known.
    async fn proof(&self) -> AuditProof {
        match self.0.by.proof {
            Proof::Token { .. } => AuditProof::Token,
            Proof::ApiKey(_) => AuditProof::ApiKey,
            Proof::CommandLine { .. } => AuditProof::CommandLine,
            Proof::Program => AuditProof::Program,
        }
    }

    /// Of a token: who signed it, its `iss`.
    async fn issuer(&self) -> Option<&str> {
        match &self.0.by.proof {
            Proof::Token { issuer } => Some(issuer),
            _ => None,
        }
    }

    /// Of an API key: its global id.
    async fn api_key_id(&self) -> Option<ID> {
        match self.0.by.proof {
            Proof::ApiKey(id) => Some(global_id(NodeKind::ApiKey, id)),
            _ => None,
        }
    }

    /// Of a command: the account of the system that ran it, by its name or its number.
    async fn account(&self) -> Option<&str> {
        match &self.0.by.proof {
            Proof::CommandLine { account } => Some(account),
            _ => None,
        }
    }

    /// Of a request: where it came from, the other end of its connection, or whom a proxy that the operator trusts
    /// speaks for.
    async fn address(&self) -> Option<String> {
        let origin = self.0.by.origin.as_ref()?;
        origin.address.map(|address| address.to_string())
    }

    /// Of a request: its id, by which the server's log and the caller's know it.
    async fn request_id(&self) -> Option<&str> {
        let origin = self.0.by.origin.as_ref()?;
        Some(&*origin.request).filter(|id| !id.is_empty())
    }
}

/// What the target of such an action is a node of.
fn node_kind(action: audit::AuditAction) -> Option<NodeKind> {
    use audit::AuditAction as Action;
    match action {
        Action::LinkMade | Action::LinkChanged | Action::LinkRemoved => Some(NodeKind::IdentityLink),
        Action::SyncRequested => Some(NodeKind::SyncRun),
        Action::ApiKeyCreated | Action::ApiKeyRevoked => Some(NodeKind::ApiKey),
        Action::MessageRecalled | Action::MessageResent => Some(NodeKind::Message),
        Action::TemplateSaved | Action::TemplateDeleted => Some(NodeKind::MessageTemplate),
        Action::SettingsChanged
        | Action::SettingsTried
        | Action::TokensRevoked
        | Action::LinksImported
        | Action::RemovalsApproved
        | Action::RemovalsRejected
        | Action::DeliveryResumed
        | Action::HeldMessagesReleased
        | Action::DataExported
        | Action::DataImported => None,
    }
}
