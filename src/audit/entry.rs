//! Entries of the audit log.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{AuditAction, Author};

/// An entry: something that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its number; entries that were written later have larger ones.
    pub id: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub action: AuditAction,
    /// To what: an id, or a template's name.
    pub target: Option<String>,
    /// A few facts by name.
    pub details: BTreeMap<String, String>,
    /// Who, and from where. A request's id is empty where it had none.
    pub by: Author,
}

/// Which entries. All given conditions must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// By this subject.
    pub subject: Option<String>,
    /// Of one of these; empty: of any.
    pub actions: Vec<AuditAction>,
    /// On this.
    pub target: Option<String>,
    /// Not before then.
    pub since: Option<DateTime<Utc>>,
    /// Before then.
    pub until: Option<DateTime<Utc>>,
}
