//! Finding messages and recipients among millions.
//!
//! Every list is walked in one order, the newest message first, along an index that has nothing but what is asked for:
//! so that a page costs as much as a page, however rare or long ago that is. Where no index does, the walk is by
//! message, in pieces that grow, within the [budget](super::question).

mod daily;
mod messages;
mod person;
mod place;
mod recipients;
mod span;

pub use daily::DayDeliveries;
pub use messages::MessageQuery;
pub use place::{NoPlace, RecipientPlace};
pub use recipients::RecipientQuery;

/// Messages looked through at first where only a walk by message finds what is asked for.
const FEW: u64 = 32;
/// And at most, for a statement.
const MANY: u64 = 2_000;

/// How many are looked through after so many had not enough.
fn more_than(count: u64) -> u64 {
    Ord::min(count * 4, MANY)
}
