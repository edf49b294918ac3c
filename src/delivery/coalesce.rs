//! Coalescing: the same content for several people goes out in one call, even if it came in many requests.
//!
//! A call is metered, whether it carries one recipient or a hundred. So a small message waits for a short time, the
//! coalescing window, for others of the same content; a claim takes along whoever waits for nothing but that.

use std::time::Duration;

use chrono::TimeDelta;

use crate::message::Priority;

/// Recipients that fill a call: with as many there is nobody to wait for.
const FULL: usize = 100;
/// Of the time for which a message is worth sending, at most this part is spent on waiting for others.
const PART_OF_WORTH: u32 = 4;

/// How long a message that is worth sending for so long waits for others.
pub(super) fn wait_for_others(
    window: Duration,
    (priority, recipients): (Priority, usize),
    worth: Duration,
) -> TimeDelta {
    if priority == Priority::High || recipients >= FULL {
        return TimeDelta::zero();
    }

    TimeDelta::from_std(window.min(worth / PART_OF_WORTH)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_small_messages_that_nobody_is_in_a_hurry_for_wait_for_others() {
        let wait = |priority, recipients, worth| {
            let window = Duration::from_secs(60);
            wait_for_others(window, (priority, recipients), Duration::from_secs(worth)).num_milliseconds()
        };
        assert_eq!(wait(Priority::Normal, 1, 86_400), 60_000);
        assert_eq!(wait(Priority::Normal, 99, 86_400), 60_000);
        assert_eq!(wait(Priority::Normal, 100, 86_400), 0, "its call is full");
        assert_eq!(wait(Priority::High, 1, 86_400), 0);
        assert_eq!(
            wait(Priority::Normal, 1, 10),
            2_500,
            "it would be over before it is sent"
        );
        assert_eq!(wait(Priority::Normal, 1, 0), 0);
    }
}
