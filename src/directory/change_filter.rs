//! Which entries of the change log somebody asks for.

use std::{collections::BTreeSet, sync::Arc};

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
    /// About one of these records: about nothing where none is named.
    pub records: Option<BTreeSet<RecordId>>,
    /// Behind the last one that was written before this moment.
    pub since: Option<DateTime<Utc>>,
}

impl ChangeFilter {
    /// Whether it asks what entries are about, and not only from where on.
    pub fn is_selective(&self) -> bool {
        !(self.entities.is_empty() && self.kinds.is_empty() && self.causes.is_empty() && self.records.is_none())
    }

    /// Those that it asks for, of a piece of the log without a gap.
    pub fn taken<'l>(&self, read: &'l [Arc<LoggedChange>]) -> impl Iterator<Item = &'l Arc<LoggedChange>> {
        let is_before = |it: &Arc<LoggedChange>| self.since.is_some_and(|since| it.at < since);
        let begin = read.iter().rposition(is_before).map_or(0, |last| last + 1);
        read[begin..].iter().filter(|it| self.takes(it))
    }

    /// Whether it asks for what an entry is about.
    fn takes(&self, logged: &LoggedChange) -> bool {
        fn has<T: Ord>(wanted: &BTreeSet<T>, it: &T) -> bool {
            wanted.is_empty() || wanted.contains(it)
        }

        let change = &logged.change;
        has(&self.entities, &change.entity.kind())
            && has(&self.kinds, &change.kind)
            && has(&self.causes, &logged.cause.kind())
            && self.records.as_ref().is_none_or(|wanted| {
                let record = change.entity.record();
                record.is_some_and(|record| wanted.contains(record))
            })
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::directory::{Cause, Change, fixtures::moment};

    /// An entry that was written so many minutes later.
    fn entry(seq: i64, minutes: i64, kind: ChangeKind) -> Arc<LoggedChange> {
        Arc::new(LoggedChange {
            seq,
            revision: seq,
            at: moment() + TimeDelta::minutes(minutes),
            cause: Cause::Unknown,
            change: Change {
                entity: RecordId::User(format!("u{seq}").into()).into(),
                kind,
                fields: Vec::new(),
            },
        })
    }

    #[test]
    fn a_moment_begins_behind_the_last_entry_from_before_it_whatever_the_filter_takes() {
        let removed = ChangeKind::Removed;
        // The clock was ahead until the third one.
        let read = [
            entry(1, 0, removed),
            entry(2, 8, removed),
            entry(3, 2, ChangeKind::Updated),
            entry(4, 5, removed),
            entry(5, 9, ChangeKind::Updated),
            entry(6, 9, removed),
        ];
        let seqs = |minutes: Option<i64>| {
            let filter = ChangeFilter {
                kinds: [removed].into(),
                since: minutes.map(|minutes| moment() + TimeDelta::minutes(minutes)),
                ..ChangeFilter::default()
            };
            filter.taken(&read).map(|it| it.seq).collect::<Vec<_>>()
        };

        for (minutes, expected) in [
            (None, vec![1, 2, 4, 6]),
            (Some(0), vec![1, 2, 4, 6]),
            (Some(2), vec![2, 4, 6]),
            (Some(3), vec![4, 6]),
            (Some(8), vec![6]),
            (Some(9), vec![6]),
            (Some(10), vec![]),
        ] {
            assert_eq!(seqs(minutes), expected, "{minutes:?}");
        }
    }
}
