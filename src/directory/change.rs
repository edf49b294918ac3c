//! What a batch changes, and the log of it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::{
    department::DepartmentFacts,
    held::HeldRemoval,
    ids::Revision,
    record::{Department, User},
    record_id::ChangedEntity,
    user::UserFacts,
};

/// What happened to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ChangeKind {
    /// Seen for the first time.
    Created,
    /// Some fields differ.
    Updated,
    /// Its parent, or its set of departments, differs (other fields may, too).
    Moved,
    /// It is gone.
    Removed,
    /// It was gone and is back.
    Restored,
    /// Its removal waits for approval.
    Held,
}

impl ChangeKind {
    /// Every one.
    pub const ALL: [Self; 6] = [
        Self::Created,
        Self::Updated,
        Self::Moved,
        Self::Removed,
        Self::Restored,
        Self::Held,
    ];
}

/// One field before and after. JSON `null` is "not said".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FieldChange {
    /// DingTalk's name of the field.
    pub field: String,
    /// The old value.
    pub before: Value,
    /// The new value.
    pub after: Value,
}

impl FieldChange {
    /// Whether everybody sees its values who may read the directory. DingTalk may add a field that nobody has judged
    /// yet: it is not.
    pub fn is_open(&self) -> bool {
        let of_user = UserFacts::FIELDS.iter().map(|field| (field.name, field.rules.is_open));
        let of_department = DepartmentFacts::FIELDS
            .iter()
            .map(|field| (field.name, field.rules.is_open));
        of_user
            .chain(of_department)
            .any(|(name, is_open)| is_open && name == self.field)
    }
}

/// One change of one record, or of who a Confluence identity is.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// What it is about.
    pub entity: ChangedEntity,
    /// What happened.
    pub kind: ChangeKind,
    /// The fields that differ; empty for a creation and a removal.
    pub fields: Vec<FieldChange>,
}

/// Why a batch was applied.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// A sync run.
    Run(Uuid),
    /// One of DingTalk's events.
    Event(String),
    /// A caller's request.
    Request(String),
    /// What a caller decided about removals that waited for approval.
    Decision(String),
    /// A Confluence identity was asked for otherwise than before.
    Identity,
    /// Several things at once, or what nobody watched.
    Unknown,
}

impl Cause {
    /// Which of them.
    pub fn kind(&self) -> CauseKind {
        match self {
            Self::Run(_) => CauseKind::Run,
            Self::Event(_) => CauseKind::Event,
            Self::Request(_) => CauseKind::Request,
            Self::Decision(_) => CauseKind::Decision,
            Self::Identity => CauseKind::Identity,
            Self::Unknown => CauseKind::Unknown,
        }
    }

    /// Which run, event or caller; empty where nothing more is known.
    pub fn id(&self) -> String {
        match self {
            Self::Run(id) => id.to_string(),
            Self::Event(id) | Self::Request(id) | Self::Decision(id) => id.clone(),
            Self::Identity | Self::Unknown => String::new(),
        }
    }
}

/// A [`Cause`] without saying which run, event or caller it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CauseKind {
    /// [`Cause::Run`].
    Run,
    /// [`Cause::Event`].
    Event,
    /// [`Cause::Request`].
    Request,
    /// [`Cause::Decision`].
    Decision,
    /// [`Cause::Identity`].
    Identity,
    /// [`Cause::Unknown`].
    Unknown,
}

impl CauseKind {
    /// Every one.
    pub const ALL: [Self; 6] = [
        Self::Run,
        Self::Event,
        Self::Request,
        Self::Decision,
        Self::Identity,
        Self::Unknown,
    ];
}

/// A change as the log keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct LoggedChange {
    /// Place in the log: the feed's cursor.
    pub seq: i64,
    /// The revision that it belongs to.
    pub revision: Revision,
    /// When it was applied.
    pub at: DateTime<Utc>,
    /// Why.
    pub cause: Cause,
    /// What.
    pub change: Change,
}

/// A batch to apply in one transaction: the records as they shall stand (their `revision` is set by the store), and the
/// log's entries.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ChangeSet {
    /// Departments to write.
    pub departments: Vec<Department>,
    /// Users to write, memberships included.
    pub users: Vec<User>,
    /// The log's entries, one for each record above.
    pub changes: Vec<Change>,
    /// Removals that wait for approval, or that were just rejected. Of every other record that is written, none waits
    /// any more.
    pub held: Vec<HeldRemoval>,
}

impl ChangeSet {
    /// Whether there is nothing to write: then no revision is taken.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}
