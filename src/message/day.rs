//! DingTalk's calendar: its daily limits and its monthly quota turn at midnight in Beijing
//! (`docs/dingtalk.md#calendar`).

use chrono::{DateTime, Datelike, FixedOffset, Months, NaiveDate, NaiveTime, TimeDelta, Utc};

/// China has had one time zone and no summer time since 1991.
const BEIJING: FixedOffset = FixedOffset::east_opt(8 * 3_600).expect("eight hours are an offset");

/// A calendar day in Beijing, as days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Day(pub i32);

impl Day {
    /// The day that it is in Beijing.
    pub fn of(at: DateTime<Utc>) -> Self {
        at.with_timezone(&BEIJING).date_naive().into()
    }

    /// The day as a calendar has it.
    pub fn date(self) -> NaiveDate {
        NaiveDate::default() + TimeDelta::days(i64::from(self.0))
    }

    /// The midnight that begins it.
    pub fn start(self) -> DateTime<Utc> {
        Self(self.0.saturating_sub(1)).end()
    }

    /// The midnight that ends it.
    pub fn end(self) -> DateTime<Utc> {
        let days = i64::from(self.0) + 1;
        DateTime::from_timestamp(days * 86_400 - i64::from(BEIJING.local_minus_utc()), 0)
            .unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}

impl From<NaiveDate> for Day {
    fn from(date: NaiveDate) -> Self {
        Self(date.num_days_from_ce() - NaiveDate::default().num_days_from_ce())
    }
}

/// The midnight in Beijing that began the month of `at`, and the one that ends it.
pub fn month_of(at: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
    let date = at.with_timezone(&BEIJING).date_naive();
    let first = date.with_day(1).unwrap_or(date);
    let next = first.checked_add_months(Months::new(1)).unwrap_or(first);
    let midnight = |date: NaiveDate| {
        let local = date.and_time(NaiveTime::MIN).and_local_timezone(BEIJING);
        local.single().unwrap_or_default().to_utc()
    };
    (midnight(first), midnight(next))
}

/// A moment to the millisecond: two of them differ.
pub(super) fn in_beijing_exactly(at: DateTime<Utc>) -> String {
    at.with_timezone(&BEIJING)
        .format("%Y-%m-%d %H:%M:%S%.3f UTC+8")
        .to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).expect("a time").to_utc()
    }

    #[test]
    fn a_day_begins_and_ends_at_midnight_in_beijing() {
        let evening = at("2026-11-23T23:59:59+08:00");
        assert_eq!(Day::of(evening).end(), at("2026-11-24T00:00:00+08:00"));
        assert_eq!(Day::of(at("2026-11-24T00:00:00+08:00")), Day(Day::of(evening).0 + 1));
        assert_eq!(Day::of(at("1970-01-01T00:00:00+08:00")), Day(0));
    }

    #[test]
    fn a_month_ends_where_the_next_begins_and_december_before_january() {
        let (began, ends) = month_of(at("2026-12-31T16:30:00Z"));
        assert_eq!(began, at("2027-01-01T00:00:00+08:00"));
        assert_eq!(ends, at("2027-02-01T00:00:00+08:00"));
        assert_eq!(month_of(at("2026-12-31T15:59:59Z")).1, began);
    }

    proptest! {
        #[test]
        fn every_moment_lies_within_its_day_and_its_month(second in 0_i64..4_000_000_000) {
            let moment = DateTime::from_timestamp(second, 0).expect("a valid time");
            let day = Day::of(moment);
            prop_assert!(day.start() <= moment && moment < day.end());
            prop_assert_eq!(day.end(), Day(day.0 + 1).start());
            let (began, ends) = month_of(moment);
            prop_assert!(began <= moment && moment < ends);
        }
    }
}
