//! What AUTO spends on questions. The rule: the month's sends come first. Of what the forecast leaves beside them and
//! the reserve, a question about what is in doubt may take any; another one only while the month's calls are below 1.2
//! for each message.

use chrono::{DateTime, Utc};

use super::{CallPurpose, MeteredCalls, Quota};

/// Calls for ten messages that questions without a doubt keep the month to.
const CALLS_FOR_TEN: u64 = 12;

/// Questions that AUTO may ask now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FollowUpBudget {
    /// What the forecast leaves.
    spare: u64,
    /// Of that, for sends of which nothing is in doubt.
    routine: u64,
}

impl FollowUpBudget {
    /// What may be asked at `now`; `messages`: how many were sent this month. Before a whole day was counted, half of
    /// what is left is kept for sending.
    pub fn of(quota: &Quota, calls: &MeteredCalls, messages: u64, now: DateTime<Utc>) -> Self {
        let left = quota.left().saturating_sub(quota.reserved);
        let needed = calls.expected_this_month(now, |purpose| purpose != CallPurpose::FollowUp);
        let spare = left.saturating_sub(needed.unwrap_or(left.div_ceil(2)));

        let worth = messages.saturating_mul(CALLS_FOR_TEN) / 10;
        Self {
            spare,
            routine: worth.saturating_sub(quota.used).min(spare),
        }
    }

    /// Takes a question off; false where there is none left.
    pub fn take(&mut self, in_doubt: bool) -> bool {
        let left = if in_doubt { self.spare } else { self.routine };
        if left == 0 {
            return false;
        }
        self.spare -= 1;
        // A question about a doubt is one of the month's calls, too.
        self.routine = self.routine.saturating_sub(1);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{Day, QuotaRules};

    fn at(day: i32) -> DateTime<Utc> {
        Day(day).start()
    }

    /// 2026-11-01.
    const FIRST: i32 = 20_758;

    /// A month of so many sends a day, of which so many days are over.
    fn budget(monthly: u64, sends: u64, days: i32, messages: u64) -> FollowUpBudget {
        let calls: MeteredCalls = (FIRST - 2..FIRST + days)
            .map(|day| (Day(day), CallPurpose::Send, sends))
            .collect();
        let now = at(FIRST + days);
        let rules = QuotaRules { monthly, reserved: 100 };
        let quota = Quota::of(rules, &calls, false, now);
        FollowUpBudget::of(&quota, &calls, messages, now)
    }

    fn asked(mut budget: FollowUpBudget, in_doubt: bool) -> u64 {
        let mut asked = 0;
        while budget.take(in_doubt) {
            asked += 1;
        }
        asked
    }

    #[test]
    fn what_sending_will_need_is_not_asked_away_and_the_reserve_is_not_either() {
        // 10 days of 100, 20 to come.
        let budget = budget(5_000, 100, 10, 10_000);
        assert_eq!((asked(budget, true), asked(budget, false)), (1_900, 1_900));
        assert_eq!(
            asked(self::budget(3_100, 100, 10, 10_000), true),
            0,
            "sending needs it all"
        );
        assert_eq!(asked(self::budget(3_101, 100, 10, 10_000), true), 1);
    }

    #[test]
    fn without_a_doubt_a_message_costs_no_more_than_one_point_two_calls() {
        assert_eq!(asked(budget(5_000, 100, 10, 1_000), false), 200);
        assert_eq!(asked(budget(5_000, 110, 10, 1_000), false), 100, "some took two calls");
        assert_eq!(asked(budget(5_000, 130, 10, 1_000), false), 0);
        assert!(asked(budget(5_000, 130, 10, 1_000), true) > 0, "a doubt is asked about");

        let mut mixed = budget(5_000, 110, 10, 1_000);
        assert!((0..100).all(|_| mixed.take(true)));
        assert!(!mixed.take(false), "a doubt costs as much");
    }

    #[test]
    fn before_anything_is_known_half_of_it_is_kept() {
        let calls = MeteredCalls::default();
        let quota = Quota::of(QuotaRules::default(), &calls, false, at(FIRST));
        assert_eq!(asked(FollowUpBudget::of(&quota, &calls, 9, at(FIRST)), true), 2_500);
        assert_eq!(asked(FollowUpBudget::of(&quota, &calls, 9, at(FIRST)), false), 10);
    }
}
