//! DingTalk's monthly quota of calls: what it was used for, and how long it will last
//! (`docs/dingtalk.md#monthly-quota`). No I/O.

mod follow_up;
mod forecast;
mod metered;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use follow_up::FollowUpBudget;
pub use metered::MeteredCalls;

use super::day::month_of;

/// Metered calls a month of DingTalk's standard edition.
pub const STANDARD_CALLS: u64 = 5_000;

/// What a metered call was made for. Reading the directory is not among these: DingTalk doesn't meter it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CallPurpose {
    /// Sending.
    Send,
    /// Asking what became of a send.
    FollowUp,
    /// Taking a send back.
    Recall,
    /// Trying the settings out.
    Test,
}

impl CallPurpose {
    /// Every purpose.
    pub const ALL: [Self; 4] = [Self::Send, Self::FollowUp, Self::Recall, Self::Test];
}

/// What the operator says of the quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuotaRules {
    /// Calls that the company has a month.
    pub monthly: u64,
    /// The last of them, which only messages of high priority are sent by, and sends taken back.
    pub reserved: u64,
}

impl QuotaRules {
    /// Calls a month by which messages of normal priority are sent; `None`: any.
    pub fn normal_calls(&self) -> Option<u64> {
        (self.reserved > 0).then(|| self.monthly.saturating_sub(self.reserved))
    }
}

impl Default for QuotaRules {
    fn default() -> Self {
        Self {
            monthly: STANDARD_CALLS,
            reserved: 0,
        }
    }
}

/// The month's quota as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quota {
    /// Calls a month.
    pub limit: u64,
    /// The last of these, which only messages of high priority are sent by, and sends taken back.
    pub reserved: u64,
    /// Whether DingTalk itself has said that there are no more.
    pub is_exhausted: bool,
    /// Calls since the month began.
    pub used: u64,
    /// The same by purpose, each purpose once.
    pub by_purpose: Vec<(CallPurpose, u64)>,
    /// When it will be used up if it goes on like this; `None`: not this month, or nothing to tell it from yet.
    pub forecast_exhausted_at: Option<DateTime<Utc>>,
    /// When the next month begins.
    pub month_ends_at: DateTime<Utc>,
}

impl Quota {
    /// The quota at `now`. `is_exhausted`: DingTalk has answered a call of this month with 90020, and nobody has said
    /// since that there are more. What was used until then is the limit, whatever the operator says: other programs of
    /// the company draw on it, too.
    pub fn of(rules: QuotaRules, calls: &MeteredCalls, is_exhausted: bool, now: DateTime<Utc>) -> Self {
        let by_purpose: Vec<_> = CallPurpose::ALL
            .into_iter()
            .map(|purpose| (purpose, calls.in_month(now, |it| it == purpose)))
            .collect();
        let used = by_purpose.iter().map(|(_, calls)| calls).sum();
        let limit = if is_exhausted { used } else { rules.monthly };

        let month_ends_at = month_of(now).1;
        let forecast_exhausted_at = match limit.saturating_sub(used) {
            0 => Some(now),
            left => calls.last_until(left, now).filter(|at| *at < month_ends_at),
        };
        Self {
            limit,
            reserved: rules.reserved,
            is_exhausted,
            used,
            by_purpose,
            forecast_exhausted_at,
            month_ends_at,
        }
    }

    /// Whether nothing but the reserve is left.
    pub fn is_for_high_priority(&self) -> bool {
        self.reserved > 0 && self.left() <= self.reserved
    }

    /// Calls that are left this month.
    pub fn left(&self) -> u64 {
        self.limit.saturating_sub(self.used)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Day;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).expect("a time").to_utc()
    }

    fn calls(days: &[(&str, CallPurpose, u64)]) -> MeteredCalls {
        days.iter()
            .map(|(day, purpose, calls)| {
                let date: chrono::NaiveDate = day.parse().expect("a day");
                (Day::from(date), *purpose, *calls)
            })
            .collect()
    }

    #[test]
    fn a_month_counts_its_own_calls_by_purpose() {
        let calls = calls(&[
            ("2026-10-31", CallPurpose::Send, 900),
            ("2026-11-01", CallPurpose::Send, 10),
            ("2026-11-02", CallPurpose::FollowUp, 5),
            ("2026-11-02", CallPurpose::Send, 20),
        ]);
        let rules = QuotaRules {
            monthly: 100,
            reserved: 65,
        };
        let quota = Quota::of(rules, &calls, false, at("2026-11-02T12:00:00+08:00"));
        assert_eq!((quota.limit, quota.used, quota.left()), (100, 35, 65));
        assert_eq!(
            quota.by_purpose,
            [
                (CallPurpose::Send, 30),
                (CallPurpose::FollowUp, 5),
                (CallPurpose::Recall, 0),
                (CallPurpose::Test, 0)
            ]
        );
        assert_eq!(quota.month_ends_at, at("2026-12-01T00:00:00+08:00"));
        assert!(quota.is_for_high_priority(), "the last 65 are reserved");
    }

    #[test]
    fn what_dingtalk_says_corrects_what_the_operator_says() {
        let calls = calls(&[("2026-11-01", CallPurpose::Send, 40)]);
        let now = at("2026-11-02T12:00:00+08:00");
        let of = |monthly| QuotaRules { monthly, reserved: 0 };
        let told = Quota::of(of(100), &calls, true, now);
        assert_eq!((told.limit, told.left()), (40, 0), "others used the rest");
        assert_eq!(told.forecast_exhausted_at, Some(now));

        let spent = Quota::of(of(30), &calls, false, now);
        assert_eq!((spent.limit, spent.left()), (30, 0));
        assert_eq!(spent.forecast_exhausted_at, Some(now), "it is used up by what is known");
        assert!(!spent.is_for_high_priority(), "there is no reserve");
    }
}
