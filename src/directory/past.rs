//! The directory as it was: changes of the log taken back, the newest first.
//!
//! The log has every field that differs with its value before; of a creation and a removal it has none, and needs none:
//! before a creation there was nothing, and whoever is gone keeps what was last known of them. What it doesn't have is
//! told by the entry before: see [`FormerEntry`].

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{
    change::{Cause, ChangeKind, LoggedChange},
    department::DepartmentFacts,
    facts::Field,
    ids::Revision,
    raw::Raw,
    record::{Department, RecordState, Standing, User},
    record_id::{ChangedEntity, RecordId},
    snapshot::{PastRecords, Snapshot},
    user::UserFacts,
};

/// The last entry about a record that is not taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormerEntry {
    /// What it says.
    pub kind: ChangeKind,
    /// The revision that it belongs to.
    pub revision: Revision,
    /// When it was written.
    pub at: DateTime<Utc>,
}

impl FormerEntry {
    fn state(&self) -> RecordState {
        match self.kind {
            ChangeKind::Created | ChangeKind::Updated | ChangeKind::Moved | ChangeKind::Restored => RecordState::Active,
            ChangeKind::Held => RecordState::Held,
            ChangeKind::Removed => RecordState::Gone,
        }
    }
}

/// Changes that are taken back. What is kept of them grows with the records and fields that they are about, not with
/// their number.
#[derive(Debug, Default)]
pub struct Undo {
    records: HashMap<RecordId, Undone>,
}

/// What is taken back of one record.
#[derive(Debug)]
struct Undone {
    /// The value before the oldest of the changes, of each field that any of them is about.
    fields: BTreeMap<String, Value>,
    /// Whether it was there before the oldest of them.
    existed: bool,
    /// Its state before the oldest of them, as far as that alone tells.
    state: RecordState,
    /// Whether nothing that DingTalk said of it was taken in by any of them: then its whole object is what it was.
    unread: bool,
    /// Whether each of them carried out what somebody approved: then the cause of a removal that waited is what it was.
    only_approved: bool,
}

impl Default for Undone {
    fn default() -> Self {
        Self {
            fields: BTreeMap::new(),
            existed: true,
            state: RecordState::Active,
            unread: true,
            only_approved: true,
        }
    }
}

impl Undone {
    fn take_back(&mut self, logged: LoggedChange) {
        let (kind, decided) = (logged.change.kind, matches!(logged.cause, Cause::Decision(_)));
        self.existed = kind != ChangeKind::Created;
        // Whether it was HELD tells what happened to it before. A decision doesn't: whoever approves has DingTalk asked
        // first, also about records that nobody held, and what is read then is of the same cause.
        self.state = match kind {
            ChangeKind::Restored => RecordState::Gone,
            _ => RecordState::Active,
        };
        self.unread &= matches!(kind, ChangeKind::Removed | ChangeKind::Held);
        self.only_approved &= kind == ChangeKind::Removed && decided;

        for field in logged.change.fields {
            self.fields.insert(field.field, field.before);
        }
    }

    fn standing(&self, now: &Standing, former: Option<&FormerEntry>) -> Standing {
        let state = former.map_or(self.state, FormerEntry::state);
        Standing {
            state,
            cause: now.cause.filter(|_| state != RecordState::Active && self.only_approved),
            revision: former.map_or(0, |former| former.revision),
            first_seen: now.first_seen,
            last_seen: if self.unread {
                now.last_seen
            } else {
                former.map_or(now.first_seen, |former| former.at)
            },
        }
    }

    fn put_back<F>(&self, fields: &[Field<F>], facts: &mut F) {
        // In the order of the table.
        for field in fields {
            if let Some(before) = self.fields.get(field.name) {
                (field.put)(facts, before);
            }
        }
    }
}

impl Undo {
    /// Takes one more change back: the next older one.
    pub fn take_back(&mut self, logged: LoggedChange) {
        let ChangedEntity::Record(id) = &logged.change.entity else {
            return;
        };
        self.records.entry(id.clone()).or_default().take_back(logged);
    }

    /// How many records are another way in the past.
    pub fn records(&self) -> usize {
        self.records.len()
    }

    /// The records that were there, whose [`FormerEntry`] is wanted.
    pub fn touched(&self) -> impl Iterator<Item = &RecordId> {
        self.records.iter().filter(|(_, it)| it.existed).map(|(id, _)| id)
    }

    /// The directory at a revision and its time: `present` without the changes. `former` has the entries of those that
    /// are [touched](Self::touched), as far as they are kept.
    pub fn applied_to(
        &self,
        present: &Snapshot,
        revision: (Revision, DateTime<Utc>),
        former: &HashMap<RecordId, FormerEntry>,
    ) -> Snapshot {
        let mut past = PastRecords::default();
        for (id, undone) in &self.records {
            match (id, undone.existed) {
                (RecordId::Department(id), false) => past.unknown_departments.push(*id),
                (RecordId::User(id), false) => past.unknown_users.push(id.clone()),
                (RecordId::Department(key), true) => {
                    let now = present.department(*key);
                    past.departments
                        .extend(now.map(|now| undone.department(now, former.get(id))));
                }
                (RecordId::User(key), true) => {
                    let now = present.user(key.as_str());
                    past.users.extend(now.map(|now| undone.user(now, former.get(id))));
                }
            }
        }
        present.before(revision, past)
    }
}

impl Undone {
    fn department(&self, now: &Department, former: Option<&FormerEntry>) -> Department {
        let mut facts = now.facts.clone();
        self.put_back(DepartmentFacts::FIELDS, &mut facts);
        if !self.unread {
            facts.raw = Raw::default();
        }
        let standing = self.standing(&now.standing, former);
        Department { facts, standing }
    }

    fn user(&self, now: &User, former: Option<&FormerEntry>) -> User {
        let mut facts = now.facts.clone();
        self.put_back(UserFacts::FIELDS, &mut facts);
        if !self.unread {
            facts.raw = Raw::default();
        }
        let standing = self.standing(&now.standing, former);
        User { facts, standing }
    }
}
