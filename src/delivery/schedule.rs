//! When to try again, and when to ask what became of a send: both as data.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::config::DeliveryConfig;
use crate::{
    backoff::Backoff,
    clock::Clock,
    message::{Day, FollowUpPolicy},
    store::Repetition,
};

/// The longest wait before each repetition of a send that provably did not arrive. After the last one it is given up:
/// in all about 1 h 43 min, which outlasts a five-minute ban and a restart, and is about as late as a notification is
/// of use.
pub(super) const RETRIES: [Duration; 7] = [
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_mins(2),
    Duration::from_mins(10),
    Duration::from_mins(30),
    Duration::from_hours(1),
];

/// No wait is longer, whatever DingTalk asks for.
pub(super) const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// How long to wait after the attempt that followed `former_attempts` others; `None`: give up. At least what DingTalk
/// asked for, and jittered so that many messages do not come back together.
pub(super) fn retry_delay(former_attempts: u32, retry_after: Option<Duration>) -> Option<Duration> {
    let ceiling = *RETRIES.get(former_attempts as usize)?;
    let jittered = Backoff::new(ceiling, ceiling).delay(0);
    Some(
        retry_after
            .map_or(jittered, |asked| {
                asked.min(LONGEST_WAIT) + jittered.min(Duration::from_secs(5))
            })
            .max(jittered),
    )
}

/// The wait before each repetition of a send whose outcome is unknown, where the message wants that, in multiples of
/// `repeat_after`; with the default of 30 s these are 30 s, 5 min and 30 min. The first is not at once: DingTalk may
/// still be working on the send whose answer was lost, and knows a duplicate only of what it has finished.
const REPETITIONS: [u32; 3] = [1, 10, 60];

/// When a send that began at `started_at`, and whose outcome turned out at `now` to be unknown, may be repeated after
/// `former` repetitions. A repetition must reach DingTalk on the Beijing day of the first send, so it begins no later
/// than a claim's whole life before midnight.
pub(super) fn repetition(
    started_at: DateTime<Utc>,
    now: DateTime<Utc>,
    former: u32,
    config: &DeliveryConfig,
) -> Repetition {
    let at = (former as usize).min(REPETITIONS.len() - 1);
    Repetition {
        not_before: now + config.repeat_after * REPETITIONS[at],
        until: Day::of(started_at).end() - config.claim_ttl - CLOCKS_DIFFER,
        at_most: REPETITIONS.len() as u32,
    }
}

/// [`repetition`] as of now, by DingTalk's day where its clock differs from ours.
pub(super) fn repetition_by(
    clock: &Clock,
    started_at: DateTime<Utc>,
    former: u32,
    config: &DeliveryConfig,
) -> Repetition {
    let (ours, theirs) = (clock.now(), clock.at_dingtalk());
    let ahead = ours - theirs;
    let Repetition {
        not_before,
        until,
        at_most,
    } = repetition(started_at - ahead, theirs, former, config);

    Repetition {
        not_before: not_before + ahead,
        until: until + ahead,
        at_most,
    }
}

/// DingTalk's midnight may be this much before ours.
const CLOCKS_DIFFER: Duration = Duration::from_mins(1);

/// The longest wait before DingTalk is asked again to take a send back, in multiples of `follow_up_every`; the last one
/// holds until the 24 hours are over in which DingTalk does that. With the default of 5 s these are 5 s, 30 s, 2 min,
/// 10 min and 1 h.
const RECALLS: [u32; 5] = [1, 6, 24, 120, 720];

/// How long to wait after `tries` other questions to take a send back, the last just failed.
pub(super) fn recall_delay(tries: u32, retry_after: Option<Duration>, every: Duration) -> Duration {
    let wait = every * RECALLS[(tries as usize).min(RECALLS.len() - 1)];
    retry_after.map_or(wait, |asked| asked.min(LONGEST_WAIT)).max(wait)
}

/// Of LIVE: with the default of 5 s these are 5 s, 1 min, 10 min, 1 h, 6 h and 22 h 55 min. No more, because each
/// question counts against the company's monthly quota of calls, which in the standard edition is 5,000
/// (`docs/dingtalk.md#monthly-quota`).
const FOLLOW_UPS: [u32; 6] = [1, 12, 120, 720, 4_320, 16_500];

/// Of FINAL: 22 h 55 min, and 23 h 45 min where that had no answer.
const AT_THE_END: [u32; 2] = [16_500, 17_100];

/// Of AUTO where something is in doubt: a minute, when DingTalk has told apart whom it dropped, and the end.
const IN_DOUBT: [u32; 2] = [12, 16_500];

/// Of AUTO elsewhere: an hour, in which most of who reads it at all has read it, or else the end.
const IN_PASSING: [u32; 2] = [720, 16_500];

/// At which ages of a send its result is asked for, in multiples of `follow_up_every`.
const fn questions(policy: FollowUpPolicy, in_doubt: bool) -> &'static [u32] {
    match policy {
        FollowUpPolicy::None => &[],
        FollowUpPolicy::Final => &AT_THE_END,
        FollowUpPolicy::Live => &FOLLOW_UPS,
        FollowUpPolicy::Auto if in_doubt => &IN_DOUBT,
        FollowUpPolicy::Auto => &IN_PASSING,
    }
}

/// Whether one answer is enough.
pub(super) const fn is_asked_once(policy: FollowUpPolicy, in_doubt: bool) -> bool {
    match policy {
        FollowUpPolicy::Final => true,
        FollowUpPolicy::Auto => !in_doubt,
        FollowUpPolicy::None | FollowUpPolicy::Live => false,
    }
}

/// DingTalk tells a result for so long.
const FOLLOWED_UP_FOR: Duration = Duration::from_hours(24);

/// When the result of a send accepted at `accepted` is to be asked for next, after `now`; `None`: never.
pub(super) fn next_follow_up(
    (policy, in_doubt): (FollowUpPolicy, bool),
    accepted: DateTime<Utc>,
    now: DateTime<Utc>,
    every: Duration,
) -> Option<DateTime<Utc>> {
    let ages = questions(policy, in_doubt).iter();
    let next = ages.map(|&n| accepted + every * n).find(|&at| at > now);
    next.filter(|&at| at < accepted + FOLLOWED_UP_FOR)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + second, 0).expect("a valid time")
    }

    const EVERY: Duration = Duration::from_secs(5);
    const LIVE: (FollowUpPolicy, bool) = (FollowUpPolicy::Live, false);

    #[test]
    fn retries_grow_and_end() {
        assert!(RETRIES.is_sorted());
        for (n, ceiling) in RETRIES.iter().enumerate() {
            let delay = retry_delay(n as u32, None).expect("there is a retry");
            assert!(delay <= *ceiling && delay >= ceiling.mul_f64(0.499));
        }
        assert_eq!(retry_delay(RETRIES.len() as u32, None), None);
        assert_eq!(retry_delay(u32::MAX, Some(Duration::ZERO)), None);
    }

    #[test]
    fn a_ban_is_waited_out_even_after_the_first_attempt() {
        let ban = Duration::from_mins(5);
        let delay = retry_delay(0, Some(ban)).expect("there is a retry");
        assert!(delay >= ban && delay <= ban + Duration::from_secs(5));
    }

    #[test]
    fn a_result_is_asked_for_at_a_few_ages_of_the_send() {
        let asked = |policy, in_doubt| {
            let mut asked: Vec<i64> = Vec::new();
            let last = |asked: &[i64]| at(asked.last().copied().unwrap_or(0));
            while let Some(next) = next_follow_up((policy, in_doubt), at(0), last(&asked), EVERY) {
                asked.push((next - at(0)).num_seconds());
            }
            asked
        };
        use FollowUpPolicy::{Auto, Final, Live, None};
        assert_eq!(asked(Live, false), [5, 60, 600, 3_600, 21_600, 82_500]);
        assert_eq!(asked(Live, true), asked(Live, false));
        assert_eq!(asked(Final, false), [82_500, 85_500]);
        assert_eq!(asked(Auto, false), [3_600, 82_500]);
        assert_eq!(asked(Auto, true), [60, 82_500]);
        assert!(asked(None, true).is_empty());
        assert!(is_asked_once(Final, true) && is_asked_once(Auto, false));
        assert!(!is_asked_once(Auto, true) && !is_asked_once(Live, false));
    }

    #[test]
    fn after_a_pause_missed_questions_are_not_made_up_for() {
        assert_eq!(next_follow_up(LIVE, at(0), at(7_200), EVERY), Some(at(21_600)));
        assert_eq!(next_follow_up(LIVE, at(0), at(82_500), EVERY), None);
        assert_eq!(
            next_follow_up(LIVE, at(0), at(5), Duration::from_mins(10)),
            Some(at(600))
        );
        assert_eq!(
            next_follow_up(LIVE, at(0), at(72_000), Duration::from_mins(10)),
            None,
            "DingTalk answers for a day"
        );
    }

    #[test]
    fn a_repetition_stays_well_within_the_day_of_the_first_send() {
        let config = DeliveryConfig::default();
        // 2027-01-15 16:00:00 in Beijing.
        let allowed = repetition(at(0), at(60), 0, &config);
        assert_eq!(allowed.not_before, at(90));
        assert_eq!(allowed.until, at(8 * 3_600 - 360));
        let evening = repetition(at(8 * 3_600 - 1), at(8 * 3_600 + 60), 0, &config);
        assert!(evening.until < evening.not_before, "none: the day is over");
        let third = repetition(at(0), at(60), 7, &config);
        assert_eq!(third.not_before, at(60 + 1_800));
    }

    proptest! {
        #[test]
        fn no_wait_is_longer_than_the_longest_and_none_shorter_than_asked(n in 0_u32..7, asked in 0_u64..100_000) {
            let asked = Duration::from_secs(asked);
            let delay = retry_delay(n, Some(asked)).expect("there is a retry");
            prop_assert!(delay >= asked.min(LONGEST_WAIT));
            prop_assert!(delay <= LONGEST_WAIT + Duration::from_secs(5));
        }
    }
}
