//! Metered calls by day.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::CallPurpose;
use crate::message::day::{Day, month_of};

/// Metered calls by Beijing day and purpose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MeteredCalls(BTreeMap<Day, BTreeMap<CallPurpose, u64>>);

impl FromIterator<(Day, CallPurpose, u64)> for MeteredCalls {
    fn from_iter<T: IntoIterator<Item = (Day, CallPurpose, u64)>>(counts: T) -> Self {
        let mut days: BTreeMap<Day, BTreeMap<CallPurpose, u64>> = BTreeMap::new();
        for (day, purpose, calls) in counts {
            *days.entry(day).or_default().entry(purpose).or_default() += calls;
        }
        Self(days)
    }
}

impl MeteredCalls {
    /// Calls for these purposes in the month of `now`.
    pub fn in_month(&self, now: DateTime<Utc>, which: impl Fn(CallPurpose) -> bool) -> u64 {
        let (began, ends) = month_of(now);
        let days = self.0.range(Day::of(began)..Day::of(ends));
        days.map(|(_, calls)| sum(calls, &which)).sum()
    }

    /// Calls for these purposes on a day.
    pub(super) fn on(&self, day: Day, which: impl Fn(CallPurpose) -> bool) -> u64 {
        self.0.get(&day).map_or(0, |calls| sum(calls, &which))
    }

    /// The first day on which there was one.
    pub(super) fn first_day(&self) -> Option<Day> {
        self.0.keys().next().copied()
    }
}

fn sum(calls: &BTreeMap<CallPurpose, u64>, which: &impl Fn(CallPurpose) -> bool) -> u64 {
    let wanted = calls.iter().filter(|(purpose, _)| which(**purpose));
    wanted.map(|(_, calls)| calls).sum()
}
