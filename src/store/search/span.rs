//! A span of time as a span of messages' ids.
//!
//! An id begins with the millisecond in which its message was asked for, and every index that leads to a message ends
//! with its id: so a day is a piece of each of them, however many messages came after it.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use crate::store::entity::{message, recipient};

/// The last millisecond that an id has room for.
const LAST_MS: u64 = (1 << 48) - 1;

/// Messages that were asked for in a time.
#[derive(Debug, Clone, Default)]
pub(super) struct Span {
    from: Option<DateTime<Utc>>,
    before: Option<DateTime<Utc>>,
    /// No id in it is less.
    first: Option<String>,
    /// Every id in it is less.
    end: Option<String>,
}

impl Span {
    pub(super) fn new(from: Option<DateTime<Utc>>, before: Option<DateTime<Utc>>) -> Self {
        Self {
            from,
            before,
            first: from.map(|from| first_id(millisecond(from))),
            end: before.map(|before| first_id(millisecond(before) + u64::from(!is_whole(before)))),
        }
    }

    /// What a message has to meet.
    pub(super) fn of_messages(&self) -> Condition {
        self.ids(message::Column::Id)
            .add_option(uneven(self.from).map(|from| message::Column::CreatedAt.gte(from)))
            .add_option(uneven(self.before).map(|before| message::Column::CreatedAt.lt(before)))
    }

    /// What a recipient has to meet.
    pub(super) fn of_recipients(&self) -> Condition {
        self.ids(recipient::Column::MessageId)
            .add_option(uneven(self.from).map(|from| {
                let earlier = Condition::all().add(message::Column::CreatedAt.lt(from));
                recipient::Column::MessageId.not_in_subquery(in_millisecond(from, earlier))
            }))
            .add_option(uneven(self.before).map(|before| {
                let later = Condition::all().add(message::Column::CreatedAt.gte(before));
                recipient::Column::MessageId.not_in_subquery(in_millisecond(before, later))
            }))
    }

    /// Where the walk by ids may end.
    pub(super) fn first(&self) -> Option<&str> {
        self.first.as_deref()
    }

    /// Where it begins.
    pub(super) fn end(&self) -> Option<&str> {
        self.end.as_deref()
    }

    fn ids(&self, column: impl ColumnTrait) -> Condition {
        Condition::all()
            .add_option(self.first.as_ref().map(|id| column.gte(id)))
            .add_option(self.end.as_ref().map(|id| column.lt(id)))
    }
}

/// Messages of the millisecond in which `at` is that `which` is true of.
fn in_millisecond(at: DateTime<Utc>, which: Condition) -> sea_orm::sea_query::SelectStatement {
    let ms = millisecond(at);
    message::Entity::find()
        .select_only()
        .column(message::Column::Id)
        .filter(message::Column::Id.gte(first_id(ms)))
        .filter(message::Column::Id.lt(first_id(ms + 1)))
        .filter(which)
        .into_query()
}

/// A time within a millisecond, which ids don't tell from its beginning.
fn uneven(at: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    at.filter(|at| !is_whole(*at))
}

fn is_whole(at: DateTime<Utc>) -> bool {
    at.timestamp_subsec_nanos().is_multiple_of(1_000_000)
}

fn millisecond(at: DateTime<Utc>) -> u64 {
    u64::try_from(at.timestamp_millis()).unwrap_or(0)
}

/// The least id of a message of this millisecond.
fn first_id(millisecond: u64) -> String {
    let ms = Ord::min(millisecond, LAST_MS);
    format!("{:08x}-{:04x}-0000-0000-000000000000", ms >> 16, ms & 0xffff)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::id_at;

    fn at(nanos: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_nanos(1_800_000_000_000_000_000 + nanos)
    }

    fn id(at: DateTime<Utc>) -> String {
        id_at(at).to_string()
    }

    #[test]
    fn ids_of_a_time_lie_in_its_span_and_others_dont() {
        let span = Span::new(Some(at(0)), Some(at(5_000_000)));
        let holds = |at| {
            let id = id(at);
            span.first().unwrap() <= id.as_str() && id.as_str() < span.end().unwrap()
        };
        assert!(holds(at(0)) && holds(at(4_999_999)));
        assert!(!holds(at(-1)) && !holds(at(5_000_000)));
    }

    #[test]
    fn a_time_within_a_millisecond_takes_the_millisecond_in_and_looks_closer() {
        let span = Span::new(Some(at(500)), Some(at(5_000_500)));
        assert!(span.first().unwrap() <= id(at(501)).as_str());
        assert!(id(at(5_000_499)).as_str() < span.end().unwrap());
        assert!(uneven(Some(at(500))).is_some() && uneven(Some(at(1_000_000))).is_none());
    }

    #[test]
    fn times_before_and_after_all_ids_are_no_error() {
        let span = Span::new(Some(DateTime::<Utc>::MIN_UTC), Some(DateTime::<Utc>::MAX_UTC));
        assert!(span.first().unwrap() < id(at(0)).as_str() && id(at(0)).as_str() < span.end().unwrap());
    }
}
