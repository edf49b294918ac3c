//! Which entries of the change log somebody asks for.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{
    change::{CauseKind, ChangeKind, LoggedChange},
    record_id::{EntityKind, RecordId},
};

/// Conditions that must all hold. One without any value holds for everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangeFilter {
    /// About such things.
    pub entities: BTreeSet<EntityKind>,
    /// That this happened to.
    pub kinds: BTreeSet<ChangeKind>,
    /// That this made.
    pub causes: BTreeSet<CauseKind>,
    /// About one of these records.
    pub records: BTreeSet<RecordId>,
    /// From the first entry on that was written at this moment or later.
    pub since: Option<DateTime<Utc>>,
}

impl ChangeFilter {
    /// Whether it asks what entries are about, and not only from where on.
    pub fn is_selective(&self) -> bool {
        !(self.entities.is_empty() && self.kinds.is_empty() && self.causes.is_empty() && self.records.is_empty())
    }

    /// Whether it asks for an entry of this kind.
    pub fn takes(&self, logged: &LoggedChange) -> bool {
        fn has<T: Ord>(wanted: &BTreeSet<T>, it: &T) -> bool {
            wanted.is_empty() || wanted.contains(it)
        }

        let change = &logged.change;
        has(&self.entities, &change.entity.kind())
            && has(&self.kinds, &change.kind)
            && has(&self.causes, &logged.cause.kind())
            && (self.records.is_empty()
                || change
                    .entity
                    .record()
                    .is_some_and(|record| self.records.contains(record)))
            && self.since.is_none_or(|since| logged.at >= since)
    }
}
