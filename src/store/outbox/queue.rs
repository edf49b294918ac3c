//! Who waits: the parts of the queue, and the lanes that recipients wait in.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ColumnTrait, Condition};

use crate::{
    message::{Priority, RecipientState},
    store::{column::Named, entity::recipient},
};

/// The lane of those whose message is small.
const SMALL: i32 = 0;
/// The lane of those whose message is large.
pub(super) const LARGE: i32 = 1;
/// The lane of those that nobody claims: their message is [held](super::held).
pub(super) const HELD: i32 = 2;
/// The lane of those whose message has high priority.
pub(super) const HIGH: i32 = 3;

/// How many parts the queue has.
pub(super) const PARTS: usize = 4;

/// Queued, of messages of high priority, of small ones and of large ones; unknown and to be repeated.
pub(super) fn waiting_at_all() -> [Condition; PARTS] {
    let queued = |lane: i32| {
        Condition::all()
            .add(recipient::Column::State.eq(Named(RecipientState::Queued)))
            .add(recipient::Column::Lane.eq(lane))
    };
    let unknown = recipient::Column::State.eq(Named(RecipientState::Unknown));
    [
        queued(HIGH),
        queued(SMALL),
        queued(LARGE),
        Condition::all()
            .add(unknown)
            .add(recipient::Column::RepeatUntil.is_not_null()),
    ]
}

/// [`waiting_at_all`], and due by now. What can't be repeated any more today waits for the sweep that says so.
pub(super) fn waiting(now: DateTime<Utc>) -> [Condition; PARTS] {
    waiting_or_coalesced(now, TimeDelta::zero())
}

/// [`waiting`], and those of small messages who are due so `soon` that they may wait for nothing but
/// [others of the same content](super::ClaimLimits::coalesce_window).
pub(super) fn waiting_or_coalesced(now: DateTime<Utc>, soon: TimeDelta) -> [Condition; PARTS] {
    let [high, small, large, unknown] = waiting_at_all();
    let due = || recipient::Column::NotBefore.lte(now);
    [
        high.add(due()),
        small.add(recipient::Column::NotBefore.lte(now + soon)),
        large.add(due()),
        unknown.add(due()).add(recipient::Column::RepeatUntil.gt(now)),
    ]
}

/// Of [`waiting`], those of messages of high priority.
pub(super) fn of_high_priority(parts: [Condition; PARTS]) -> [Condition; PARTS] {
    parts.map(|part| part.add(recipient::Column::Lane.eq(HIGH)))
}

/// The lane of a message's recipients.
pub(in crate::store) const fn lane(priority: Priority, is_small: bool) -> i32 {
    match priority {
        Priority::High => HIGH,
        Priority::Normal if is_small => SMALL,
        Priority::Normal => LARGE,
    }
}
