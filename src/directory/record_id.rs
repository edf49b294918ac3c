//! Which record, and what the change log names.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::ids::{DeptId, UserId};

/// A record of the directory.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RecordId {
    /// A department.
    Department(DeptId),
    /// A user.
    User(UserId),
}

/// What a change is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ChangedEntity {
    /// A record of the directory.
    Record(RecordId),
    /// A known Confluence identity, by the id that the mirror gave it. What changes is who it is.
    Identity(Uuid),
}

/// What kind of thing changed: how the log and the API tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EntityKind {
    /// A department; its id is the `dept_id` in decimal.
    Department,
    /// A user; its id is the `userid`.
    User,
    /// A known Confluence identity; its id is the one that the mirror gave it.
    Identity,
}

impl EntityKind {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Department, Self::User, Self::Identity];
}

impl RecordId {
    /// The record that these name; `None` where they name none.
    pub fn from_parts(kind: EntityKind, id: &str) -> Option<Self> {
        match kind {
            EntityKind::Department => id.parse().ok().map(|id| Self::Department(DeptId(id))),
            EntityKind::User => Some(Self::User(id.into())),
            EntityKind::Identity => None,
        }
    }

    /// Department or user.
    pub fn kind(&self) -> EntityKind {
        match self {
            Self::Department(_) => EntityKind::Department,
            Self::User(_) => EntityKind::User,
        }
    }

    /// The id as text.
    pub fn id_text(&self) -> String {
        match self {
            Self::Department(id) => id.to_string(),
            Self::User(id) => id.to_string(),
        }
    }

    /// The department, if it is one.
    pub fn department(&self) -> Option<DeptId> {
        match self {
            Self::Department(id) => Some(*id),
            Self::User(_) => None,
        }
    }

    /// The user, if it is one.
    pub fn user(&self) -> Option<&UserId> {
        match self {
            Self::Department(_) => None,
            Self::User(id) => Some(id),
        }
    }
}

impl ChangedEntity {
    /// What these name; `None` where they name nothing.
    pub fn from_parts(kind: EntityKind, id: &str) -> Option<Self> {
        match kind {
            EntityKind::Identity => id.parse().ok().map(Self::Identity),
            EntityKind::Department | EntityKind::User => RecordId::from_parts(kind, id).map(Self::Record),
        }
    }

    /// Department, user or identity.
    pub fn kind(&self) -> EntityKind {
        match self {
            Self::Record(id) => id.kind(),
            Self::Identity(_) => EntityKind::Identity,
        }
    }

    /// The id as text.
    pub fn id_text(&self) -> String {
        match self {
            Self::Record(id) => id.id_text(),
            Self::Identity(id) => id.to_string(),
        }
    }

    /// The record, if it is one.
    pub fn record(&self) -> Option<&RecordId> {
        match self {
            Self::Record(id) => Some(id),
            Self::Identity(_) => None,
        }
    }
}

impl From<RecordId> for ChangedEntity {
    fn from(id: RecordId) -> Self {
        Self::Record(id)
    }
}
