//! DingTalk silently drops what exceeds 5,000 recipients a minute, so we stay below.

use std::{collections::VecDeque, time::Duration};

use chrono::{DateTime, Utc};

/// Recipients a minute for an internal app (fact sheet §4.1).
pub(super) const RECIPIENTS_A_MINUTE: u32 = 5_000;

/// A little more than a minute: the moment when DingTalk counts a send is later than ours by up to a call's duration.
const WINDOW: Duration = Duration::from_millis(60_500);

/// What was sent in the last minute. Any minute, not the clock's: how DingTalk's windows lie isn't documented.
#[derive(Debug)]
pub(super) struct Budget {
    limit: u32,
    spent: u32,
    sends: VecDeque<(DateTime<Utc>, u32)>,
}

impl Budget {
    pub(super) fn new(limit: u32) -> Self {
        Self {
            limit,
            spent: 0,
            sends: VecDeque::new(),
        }
    }

    /// How long until `wanted` recipients may be sent to; zero: now.
    pub(super) fn wait_for(&mut self, wanted: u32, now: DateTime<Utc>) -> Duration {
        while let Some(&(at, recipients)) = self.sends.front()
            && at + WINDOW <= now
        {
            self.spent -= recipients;
            self.sends.pop_front();
        }
        let mut free = self.limit - self.spent.min(self.limit);
        let mut wait = Duration::ZERO;
        for &(at, recipients) in &self.sends {
            if free >= wanted {
                break;
            }
            free += recipients;
            wait = (at + WINDOW - now).to_std().unwrap_or_default();
        }
        wait
    }

    /// Counts a send.
    pub(super) fn spend(&mut self, recipients: u32, now: DateTime<Utc>) {
        self.spent += recipients;
        self.sends.push_back((now, recipients));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(ms: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_800_000_000_000 + ms).expect("a valid time")
    }

    #[test]
    fn the_5001st_recipient_waits_until_the_first_ones_are_a_minute_old() {
        let mut budget = Budget::new(RECIPIENTS_A_MINUTE);
        for n in 0..50 {
            assert_eq!(budget.wait_for(100, at(n * 100)), Duration::ZERO);
            budget.spend(100, at(n * 100));
        }
        assert_eq!(budget.wait_for(100, at(5_000)), Duration::from_millis(55_500));
        assert_eq!(budget.wait_for(200, at(5_000)), Duration::from_millis(55_600));
        assert_eq!(budget.wait_for(100, at(60_500)), Duration::ZERO);
    }

    proptest! {
        #[test]
        fn no_minute_ever_holds_more_than_the_limit(sends in prop::collection::vec((1_u32..=100, 0_u64..5_000), 1..300)) {
            let mut budget = Budget::new(500);
            let mut now = at(0);
            let mut sent: Vec<(DateTime<Utc>, u32)> = Vec::new();
            for (recipients, pause) in sends {
                now += Duration::from_millis(pause);
                now += budget.wait_for(100, now);
                prop_assert_eq!(budget.wait_for(100, now), Duration::ZERO);
                budget.spend(recipients, now);
                sent.push((now, recipients));
                let minute: u32 = sent.iter().filter(|(at, _)| *at + Duration::from_secs(60) > now).map(|(_, n)| n).sum();
                prop_assert!(minute <= 500);
            }
        }
    }
}
