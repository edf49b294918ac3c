//! How long the quota lasts. The rule: each coming day costs what the same weekday of the last seven whole days did; a
//! weekday that was not counted yet costs the mean of those that were. Of a day, its calls are spread evenly.
//!
//! A week is the shortest time that holds working days and weekends in the proportion in which they come, and forgets
//! soonest what was before a change. The first day of all was counted from somewhere in its middle, so that it tells
//! nothing.

use chrono::{DateTime, TimeDelta, Utc};

use super::{CallPurpose, MeteredCalls};
use crate::message::day::{Day, month_of};

const WEEK: i32 = 7;

/// A coming day, or the rest of today.
struct ComingDay {
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    /// Calls that it is expected to cost.
    cost: f64,
}

impl MeteredCalls {
    /// When `left` more calls are made, if the coming days cost what the last ones did; `None`: nothing is known of
    /// them, or not within a month.
    pub(super) fn last_until(&self, left: u64, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let ends = month_of(now).1;
        let mut left = left as f64;
        for day in self.days_until(ends, now, |_| true)? {
            if day.cost >= left && day.cost > 0.0 {
                let micros = (day.until - day.from).num_microseconds()? as f64 * (left / day.cost);
                return Some(day.from + TimeDelta::microseconds(micros as i64));
            }
            left -= day.cost;
        }
        None
    }

    /// How many calls for these purposes are to be expected until the month ends; `None`: nothing is known.
    pub fn expected_this_month(&self, now: DateTime<Utc>, which: impl Fn(CallPurpose) -> bool) -> Option<u64> {
        let days = self.days_until(month_of(now).1, now, which)?;
        let calls: f64 = days.iter().map(|day| day.cost).sum();
        Some(calls.ceil() as u64)
    }

    /// The rest of today and each day until `ends`, with what it is expected to cost.
    fn days_until(
        &self,
        ends: DateTime<Utc>,
        now: DateTime<Utc>,
        which: impl Fn(CallPurpose) -> bool,
    ) -> Option<Vec<ComingDay>> {
        let today = Day::of(now);
        let first = self.first_day()?;
        let known: Vec<(Day, u64)> = (1..=WEEK)
            .map(|back| Day(today.0 - back))
            .filter(|day| *day > first)
            .map(|day| (day, self.on(day, &which)))
            .collect();
        if known.is_empty() {
            return None;
        }
        let mean = known.iter().map(|(_, calls)| *calls as f64).sum::<f64>() / known.len() as f64;

        let mut days = Vec::new();
        let mut from = now;
        while from < ends {
            let day = Day::of(from);
            let until = day.end().min(ends);
            // The same weekday of the last seven days.
            let like = Day(today.0 - WEEK + (day.0 - today.0) % WEEK);
            let found = known.iter().find(|(known, _)| *known == like);
            let whole = found.map_or(mean, |(_, calls)| *calls as f64);
            let share = (until - from).num_milliseconds() as f64 / TimeDelta::days(1).num_milliseconds() as f64;
            let cost = whole * share;
            days.push(ComingDay { from, until, cost });
            from = until;
        }
        Some(days)
    }
}

#[cfg(test)]
mod tests {
    use chrono::{Datelike, NaiveDate, Weekday};
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> Day {
        Day::from(text.parse::<NaiveDate>().expect("a day"))
    }

    /// So many calls on each day from the first to before the last, by the day's date.
    fn each(from: &str, until: &str, calls: impl Fn(NaiveDate) -> u64) -> MeteredCalls {
        let days = day(from).0..day(until).0;
        days.map(|n| (Day(n), CallPurpose::Send, calls(Day(n).date())))
            .collect()
    }

    fn working(date: NaiveDate) -> u64 {
        match date.weekday() {
            Weekday::Sat | Weekday::Sun => 0,
            _ => 100,
        }
    }

    #[test]
    fn an_even_use_lasts_as_long_as_a_division_says() {
        let calls = each("2026-10-01", "2026-11-10", |_| 100);
        let now = day("2026-11-10").start();
        assert_eq!(
            calls.last_until(1_050, now),
            Some(day("2026-11-20").start() + TimeDelta::hours(12))
        );
        assert_eq!(
            calls.last_until(2_101, now),
            None,
            "not this month, which has 21 days left"
        );
        assert_eq!(calls.expected_this_month(now, |_| true), Some(2_100));
        assert_eq!(calls.expected_this_month(now, |it| it == CallPurpose::Recall), Some(0));
    }

    #[test]
    fn weekends_cost_what_weekends_did() {
        // 2026-11-14 is a Saturday.
        let calls = each("2026-10-01", "2026-11-13", working);
        let now = day("2026-11-13").start();
        assert_eq!(calls.last_until(100, now), Some(day("2026-11-14").start()));
        assert_eq!(
            calls.last_until(150, now),
            Some(day("2026-11-16").start() + TimeDelta::hours(12))
        );
    }

    #[test]
    fn what_was_more_than_a_week_ago_counts_no_more() {
        let calls = each(
            "2026-10-01",
            "2026-11-13",
            |date| if date.day() < 6 { 1_000 } else { 10 },
        );
        let now = day("2026-11-13").start();
        assert_eq!(calls.expected_this_month(now, |_| true), Some(180));
    }

    #[test]
    fn before_a_whole_day_was_counted_nothing_is_foretold_and_then_by_the_days_that_were() {
        let noon = |text: &str| day(text).start() + TimeDelta::hours(12);
        let nothing = MeteredCalls::default();
        assert_eq!(nothing.last_until(1, noon("2026-11-02")), None);
        let begun = each("2026-11-01", "2026-11-02", |_| 500);
        assert_eq!(begun.last_until(1, noon("2026-11-02")), None, "the first day is none");

        let two = each("2026-11-01", "2026-11-03", |date| 100 * u64::from(date.day()));
        assert_eq!(two.last_until(100, noon("2026-11-03")), Some(day("2026-11-04").start()));
    }

    proptest! {
        #[test]
        fn more_that_is_left_never_ends_sooner(
            counts in prop::collection::vec(0_u64..300, 2..20),
            left in 1_u64..5_000,
            more in 0_u64..500,
            hour in 0_i64..24,
        ) {
            let first = day("2026-11-01").0;
            let calls: MeteredCalls = counts.iter().enumerate()
                .map(|(n, calls)| (Day(first + n as i32), CallPurpose::Send, *calls))
                .collect();
            let now = Day(first + counts.len() as i32).start() + TimeDelta::hours(hour);
            let (sooner, later) = (calls.last_until(left, now), calls.last_until(left + more, now));
            match (sooner, later) {
                (Some(sooner), Some(later)) => prop_assert!(now <= sooner && sooner <= later),
                (None, Some(_)) => prop_assert!(false, "it lasts longer with less"),
                _ => {}
            }
        }
    }
}
