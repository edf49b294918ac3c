//! Who waits: the parts of the queue, and the lanes that recipients wait in.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, Condition};

use crate::{
    message::RecipientState,
    store::{column::Named, entity::recipient},
};

/// The lane of those whose message is small.
pub(in crate::store) const SMALL: i32 = 0;
/// The lane of those whose message is large.
pub(in crate::store) const LARGE: i32 = 1;
/// The lane of those that nobody claims: their message is [held](super::held).
pub(super) const HELD: i32 = 2;

/// Queued, of small messages and of large ones; unknown and to be repeated.
pub(super) fn waiting_at_all() -> [Condition; 3] {
    let queued = |lane: i32| {
        Condition::all()
            .add(recipient::Column::State.eq(Named(RecipientState::Queued)))
            .add(recipient::Column::Lane.eq(lane))
    };
    let unknown = recipient::Column::State.eq(Named(RecipientState::Unknown));
    [
        queued(SMALL),
        queued(LARGE),
        Condition::all()
            .add(unknown)
            .add(recipient::Column::RepeatUntil.is_not_null()),
    ]
}

/// [`waiting_at_all`], and due by now. What can't be repeated any more today waits for the sweep that says so.
pub(super) fn waiting(now: DateTime<Utc>) -> [Condition; 3] {
    let [small, large, unknown] = waiting_at_all();
    let due = || recipient::Column::NotBefore.lte(now);
    [
        small.add(due()),
        large.add(due()),
        unknown.add(due()).add(recipient::Column::RepeatUntil.gt(now)),
    ]
}
