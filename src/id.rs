//! Ids: those that sort by their time, and those of chance alone. `clippy.toml` bans making any elsewhere, because the
//! time comes from a [`Clock`](crate::clock::Clock).

use std::sync::Mutex;

use chrono::{DateTime, Utc};
use uuid::{ClockSequence, ContextV7, NoContext, Timestamp, Uuid};

/// An id that sorts by its time. Those of one moment are in no order.
pub fn id_at(at: DateTime<Utc>) -> Uuid {
    by_time(NoContext, at)
}

/// An id that nobody can guess and that says nothing.
///
/// From the thread's own generator, which is fed by the system's: asking that for each request is a call of the system.
#[expect(clippy::disallowed_methods, reason = "its home")]
pub fn random_id() -> Uuid {
    uuid::Builder::from_random_bytes(rand::random()).into_uuid()
}

/// Makes ids that sort by their time, and those of one moment in the order in which they were made. Where the time goes
/// back, they go on from where they were.
#[derive(Default)]
pub struct IdSequence(Mutex<ContextV7>);

impl IdSequence {
    /// The next one.
    pub fn next(&self, at: DateTime<Utc>) -> Uuid {
        by_time(&self.0, at)
    }
}

fn by_time(context: impl ClockSequence<Output = impl Into<u128>>, at: DateTime<Utc>) -> Uuid {
    // UUIDs know no time before 1970.
    let seconds = u64::try_from(at.timestamp()).unwrap_or_default();
    Uuid::new_v7(Timestamp::from_unix(context, seconds, at.timestamp_subsec_nanos()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn milliseconds(id: Uuid) -> u128 {
        id.as_u128() >> 80
    }

    #[test]
    fn an_id_begins_with_its_time() {
        let at = DateTime::from_timestamp_millis(1_800_000_000_123).expect("a time");
        assert_eq!(milliseconds(id_at(at)), 1_800_000_000_123);
        assert_ne!(id_at(at), id_at(at));
        assert_eq!(
            milliseconds(id_at(DateTime::UNIX_EPOCH - chrono::TimeDelta::days(1))),
            0
        );
    }

    #[test]
    fn those_of_one_moment_are_in_their_order_and_so_are_those_of_a_clock_that_goes_back() {
        let sequence = IdSequence::default();
        let at = DateTime::from_timestamp_millis(1_800_000_000_123).expect("a time");
        let mut ids: Vec<_> = (0..1_000).map(|_| sequence.next(at)).collect();
        ids.extend((0..1_000).map(|_| sequence.next(at - chrono::TimeDelta::seconds(5))));

        assert!(ids.is_sorted());
        assert_eq!(milliseconds(ids[0]), 1_800_000_000_123);
        assert!(milliseconds(sequence.next(at + chrono::TimeDelta::seconds(1))) >= 1_800_000_001_123);
    }
}
