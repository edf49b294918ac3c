//! How fast DingTalk may be sent to. It drops in silence what exceeds 5,000 recipients a minute, so we stay below.

use std::time::Duration;

use chrono::{DateTime, Utc};

/// Recipients a minute for an internal app (`docs/dingtalk.md#limits-of-sending`).
pub const RECIPIENTS_A_MINUTE: u32 = 5_000;

/// A little more than a minute: clocks of two machines differ, and how DingTalk's windows lie isn't documented, so any
/// minute counts, not the clock's.
const MINUTE: Duration = Duration::from_millis(60_500);
/// A little more than a second, for the same reason.
const SECOND: Duration = Duration::from_millis(1_020);
/// When a call that is still under way ends is not known; it is looked at again after so long.
const SOON: Duration = Duration::from_millis(50);

/// The fastest that is allowed, over all replicas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Recipients in any minute.
    pub recipients_a_minute: u32,
    /// Calls in any second.
    pub calls_a_second: u32,
}

/// One call of the last minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecentCall {
    /// When it was claimed.
    pub started_at: DateTime<Utc>,
    /// When its answer was recorded: DingTalk counted it at the latest then. `None`: it is under way.
    pub finished_at: Option<DateTime<Utc>>,
    /// How many recipients it carries.
    pub recipients: u32,
}

impl Pace {
    /// From when on a call counts no more: calls that ended before this need not be looked at.
    pub fn horizon(now: DateTime<Utc>) -> DateTime<Utc> {
        now - MINUTE
    }

    /// How long until `wanted` recipients may be sent to; `None`: now.
    pub fn wait_for(&self, wanted: u32, calls: &[RecentCall], now: DateTime<Utc>) -> Option<Duration> {
        let minute = self.minute(wanted, calls, now);
        let second = self.second(calls, now);
        minute.max(second)
    }

    fn minute(&self, wanted: u32, calls: &[RecentCall], now: DateTime<Utc>) -> Option<Duration> {
        let mut counted: Vec<_> = calls
            .iter()
            .map(|call| (call.finished_at, call.recipients))
            .filter(|(finished, _)| finished.is_none_or(|at| at + MINUTE > now))
            .collect();
        // Those under way are the last to leave.
        counted.sort_by_key(|(finished, _)| finished.unwrap_or(DateTime::<Utc>::MAX_UTC));

        let sum: u64 = counted.iter().map(|&(_, recipients)| u64::from(recipients)).sum();
        let limit = u64::from(self.recipients_a_minute.max(wanted));
        let mut over = (sum + u64::from(wanted)).checked_sub(limit).filter(|&over| over > 0)?;

        for (finished, recipients) in counted {
            over = over.saturating_sub(u64::from(recipients));
            if over == 0 {
                let leaves = finished.map(|at| (at + MINUTE - now).to_std().unwrap_or_default());
                return Some(leaves.unwrap_or(SOON));
            }
        }
        Some(SOON)
    }

    fn second(&self, calls: &[RecentCall], now: DateTime<Utc>) -> Option<Duration> {
        let mut recent: Vec<_> = calls
            .iter()
            .map(|it| it.started_at)
            .filter(|&at| at + SECOND > now)
            .collect();
        let limit = self.calls_a_second.max(1) as usize;
        let over = recent.len().checked_sub(limit)?;
        recent.sort_unstable();
        (recent[over] + SECOND - now).to_std().ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(ms: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_800_000_000_000 + ms).expect("a valid time")
    }

    fn call(ms: i64, recipients: u32) -> RecentCall {
        RecentCall {
            started_at: at(ms),
            finished_at: Some(at(ms)),
            recipients,
        }
    }

    const PACE: Pace = Pace {
        recipients_a_minute: RECIPIENTS_A_MINUTE,
        calls_a_second: 20,
    };

    #[test]
    fn the_5001st_recipient_waits_until_the_first_ones_are_a_minute_old() {
        let calls: Vec<_> = (0..50).map(|n| call(n * 100, 100)).collect();

        assert_eq!(PACE.wait_for(100, &calls[..49], at(7_000)), None);
        assert_eq!(
            PACE.wait_for(100, &calls, at(7_000)),
            Some(Duration::from_millis(53_500))
        );
        assert_eq!(
            PACE.wait_for(200, &calls, at(7_000)),
            Some(Duration::from_millis(53_600))
        );
        assert_eq!(PACE.wait_for(100, &calls, at(60_500)), None);
    }

    #[test]
    fn a_call_that_is_under_way_counts_however_long_it_takes() {
        let under_way = RecentCall {
            finished_at: None,
            ..call(0, 5_000)
        };
        assert_eq!(PACE.wait_for(1, &[under_way], at(300_000)), Some(SOON));
    }

    #[test]
    fn no_more_than_twenty_calls_begin_in_a_second() {
        let calls: Vec<_> = (0..20).map(|n| call(n * 10, 1)).collect();
        assert_eq!(PACE.wait_for(1, &calls[..19], at(200)), None);
        assert_eq!(PACE.wait_for(1, &calls, at(200)), Some(Duration::from_millis(820)));
        assert_eq!(PACE.wait_for(1, &calls, at(1_020)), None);
    }

    #[test]
    fn more_than_fits_into_any_minute_is_sent_when_nothing_else_was() {
        assert_eq!(PACE.wait_for(6_000, &[], at(0)), None);
        assert!(PACE.wait_for(6_000, &[call(0, 1)], at(1)).is_some());
    }

    proptest! {
        #[test]
        fn no_minute_ever_holds_more_than_the_limit(sends in prop::collection::vec((1_u32..=100, 0_i64..5_000, 0_i64..3_000), 1..200)) {
            let pace = Pace { recipients_a_minute: 500, calls_a_second: 20 };
            let mut now = at(0);
            let mut calls: Vec<RecentCall> = Vec::new();
            // When DingTalk counted each: some time while the call was under way.
            let mut counted: Vec<(DateTime<Utc>, u32)> = Vec::new();

            for (recipients, pause, takes) in sends {
                now += Duration::from_millis(pause.unsigned_abs());
                let mut waits = 0;
                while let Some(wait) = pace.wait_for(recipients, &calls, now) {
                    now += wait;
                    waits += 1;
                    prop_assert!(waits < 1_000);
                }
                let finished_at = now + Duration::from_millis(takes.unsigned_abs());
                calls.push(RecentCall { started_at: now, finished_at: Some(finished_at), recipients });
                counted.push((now + Duration::from_millis(takes.unsigned_abs() / 2), recipients));
            }

            for &(moment, _) in &counted {
                let minute = counted.iter().filter(|(at, _)| *at <= moment && *at + Duration::from_secs(60) > moment);
                prop_assert!(minute.map(|(_, n)| n).sum::<u32>() <= 500);
            }
        }
    }
}
