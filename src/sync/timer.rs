//! When the next run by the timer is due. Pure.

use std::time::Duration;

use chrono::{DateTime, Timelike, Utc};

use crate::{
    clock::FUTURE,
    directory::{RunState, SyncRun, Verdict},
};

/// After a run that did not finish, the timer doesn't wait for its whole interval.
const SOON: Duration = Duration::from_secs(5 * 60);
/// From this interval on, a run keeps away from the full hour.
const COARSE: Duration = Duration::from_secs(10 * 60);
/// DingTalk's platform-wide limits bite around the full hour, when everybody's timers fire: so many minutes on each
/// side.
const RUSH_MINUTES: u32 = 3;
/// By so many minutes a run is late at most, so that many installations and replicas don't start together.
const LATE_MINUTES: u32 = 2;
/// After a full run whose verdict is SUSPECT, the next is due in this part of the time.
const SOONER: u32 = 4;

/// How long to wait for the next run, `late` after it is due; not at all where there was none.
pub(super) fn wait(last: Option<&SyncRun>, interval: Duration, late: Duration, now: DateTime<Utc>) -> Duration {
    let Some(last) = last else {
        return Duration::ZERO;
    };
    let late = chrono::Duration::from_std(late).unwrap_or_default();
    (due(last, interval, now) + late - now).to_std().unwrap_or_default()
}

/// When the next run is due: where one is at work, as if it came to its end; at once where there was none.
pub(super) fn next_due(last: Option<&SyncRun>, interval: Duration, now: DateTime<Utc>) -> DateTime<Utc> {
    let Some(last) = last else { return now };
    let is_at_work = last.state == RunState::Running;
    let next = if is_at_work {
        let ended = SyncRun {
            state: RunState::Finished,
            ..last.clone()
        };
        due(&ended, interval, now)
    } else {
        due(last, interval, now)
    };
    next.max(now)
}

/// When the next run is due after `last`, at `now`.
fn due(last: &SyncRun, interval: Duration, now: DateTime<Utc>) -> DateTime<Utc> {
    // A clock was ahead that is set right by now: nobody knows when it ended.
    let finished_at = last.finished_at.filter(|at| *at <= now + FUTURE);
    let (since, wait) = match last.state {
        // RUNNING may be the row of a process that died: starting another finds out, and does nothing if it is alive.
        RunState::Failed | RunState::Interrupted | RunState::Running => {
            (finished_at.unwrap_or(last.started_at), interval.min(SOON))
        }
        RunState::Finished => (last.started_at, interval),
    };

    let due = since + chrono::Duration::from_std(wait).unwrap_or(chrono::Duration::days(365));
    if interval < COARSE {
        return due;
    }
    out_of_rush(due)
}

fn out_of_rush(due: DateTime<Utc>) -> DateTime<Utc> {
    let minute = due.minute();
    let late = match minute {
        0..RUSH_MINUTES => RUSH_MINUTES - minute,
        // The lateness that is drawn comes on top, and must not reach into the rush.
        _ if minute >= 60 - RUSH_MINUTES - LATE_MINUTES => 60 + RUSH_MINUTES - minute,
        _ => 0,
    };
    due + chrono::Duration::minutes(i64::from(late))
}

/// How much later than due a run may start.
pub(super) fn longest_jitter(interval: Duration) -> Duration {
    (interval / 20).clamp(
        Duration::from_millis(1),
        Duration::from_secs(60 * u64::from(LATE_MINUTES)),
    )
}

/// The longest time from one run's start to the next one's, as long as runs are shorter than the interval and finish.
pub(super) fn longest_lap(interval: Duration) -> Duration {
    let rush = if interval < COARSE {
        Duration::ZERO
    } else {
        Duration::from_secs(60 * u64::from(2 * RUSH_MINUTES + LATE_MINUTES))
    };
    interval + rush + longest_jitter(interval)
}

/// Whether everything is to be read: the last full run that ended with a verdict is old, or there is none, or events
/// were `lost` since. One that was PARTIAL counts, too: what it could not read, another at once could not either, and
/// the reconciliations in between read what lists don't say. After a SUSPECT one the next comes sooner.
pub(super) fn is_full_due(
    full: Option<&SyncRun>,
    lost: Option<DateTime<Utc>>,
    every: Duration,
    now: DateTime<Utc>,
) -> bool {
    let Some(full) = full else { return true };
    let every = match full.verdict {
        Some(Verdict::Complete | Verdict::Partial) => every,
        Some(Verdict::Suspect) | None => every / SOONER,
    };

    let is_old = (now - full.started_at).to_std().is_ok_and(|age| age >= every);
    is_old || lost.is_some_and(|lost| lost >= full.started_at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::run::started;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a valid time")
    }

    fn due(last: &SyncRun, interval: Duration) -> DateTime<Utc> {
        super::due(last, interval, at("2026-12-31T00:00:00Z"))
    }

    fn run(state: RunState, start: &str) -> SyncRun {
        let mut run = started(
            crate::directory::RunTrigger::Timer,
            crate::directory::RunMode::Full,
            None,
            at(start),
        );
        run.state = state;
        run
    }

    #[test]
    fn a_run_is_due_an_interval_after_the_last_one_and_never_around_the_full_hour() {
        let hour = Duration::from_secs(3600);
        let due = |state, start| due(&run(state, start), hour);

        for (state, start, expected) in [
            (RunState::Finished, "2026-11-23T08:20:00Z", "2026-11-23T09:20:00Z"),
            (RunState::Finished, "2026-11-23T08:54:59Z", "2026-11-23T09:54:59Z"),
            (RunState::Finished, "2026-11-23T08:55:10Z", "2026-11-23T10:03:10Z"),
            (RunState::Finished, "2026-11-23T09:00:10Z", "2026-11-23T10:03:10Z"),
            (RunState::Failed, "2026-11-23T08:20:00Z", "2026-11-23T08:25:00Z"),
            (RunState::Interrupted, "2026-11-23T08:56:00Z", "2026-11-23T09:03:00Z"),
        ] {
            assert_eq!(due(state, start), at(expected), "{state:?} {start}");
        }
    }

    #[test]
    fn a_run_that_did_not_finish_is_followed_some_minutes_after_its_end_however_long_it_was() {
        let mut last = run(RunState::Failed, "2026-11-23T08:10:00Z");
        last.finished_at = Some(at("2026-11-23T08:40:00Z"));
        assert_eq!(due(&last, Duration::from_secs(3600)), at("2026-11-23T08:45:00Z"));
    }

    #[test]
    fn a_run_starts_late_by_as_much_as_was_drawn_however_often_the_timer_looks() {
        let (hour, due) = (Duration::from_secs(3600), at("2026-11-23T09:20:00Z"));
        let last = run(RunState::Finished, "2026-11-23T08:20:00Z");

        for late in [0, 61, 90, 120].map(Duration::from_secs) {
            let mut now = at("2026-11-23T08:21:07Z");
            loop {
                let wait = wait(Some(&last), hour, late, now);
                if wait.is_zero() {
                    break;
                }
                now += wait.min(Duration::from_secs(60));
            }
            assert_eq!(now, due + late);
        }

        assert_eq!(wait(None, hour, hour, due), Duration::ZERO, "the first one at once");
        assert_eq!(wait(Some(&last), hour, hour, due + 3 * hour), Duration::ZERO);
    }

    #[test]
    fn the_next_run_is_told_while_one_is_at_work_and_never_for_the_past() {
        let hour = Duration::from_secs(3600);
        let next = |state, now| next_due(Some(&run(state, "2026-11-23T08:20:00Z")), hour, at(now));
        for (state, now, expected) in [
            (RunState::Finished, "2026-11-23T08:30:00Z", "2026-11-23T09:20:00Z"),
            (RunState::Running, "2026-11-23T08:30:00Z", "2026-11-23T09:20:00Z"),
            (RunState::Failed, "2026-11-23T08:21:00Z", "2026-11-23T08:25:00Z"),
            (RunState::Running, "2026-11-23T10:30:00Z", "2026-11-23T10:30:00Z"),
        ] {
            assert_eq!(next(state, now), at(expected), "{state:?} {now}");
        }
        let now = at("2026-11-23T08:30:00Z");
        assert_eq!(next_due(None, hour, now), now, "the first one at once");
    }

    #[test]
    fn an_end_in_the_future_puts_no_run_off() {
        let mut last = run(RunState::Interrupted, "2026-11-23T08:30:00Z");
        let (hour, now) = (Duration::from_secs(3600), at("2026-11-23T08:32:00Z"));
        last.finished_at = Some(at("2026-11-23T08:31:00Z"));
        assert_eq!(wait(Some(&last), hour, Duration::ZERO, now), Duration::from_mins(4));
        last.finished_at = Some(at("2026-11-23T16:31:00Z"));
        assert_eq!(wait(Some(&last), hour, Duration::ZERO, now), Duration::from_mins(3));
    }

    #[test]
    fn no_lap_is_longer_than_the_longest() {
        for minutes in [1, 9, 10, 25, 60, 90] {
            let interval = Duration::from_secs(60 * minutes);
            let (jitter, longest) = (longest_jitter(interval), longest_lap(interval));

            for start in 0..120 {
                let mut last = run(RunState::Finished, "2026-11-23T08:00:00Z");
                last.started_at += chrono::Duration::minutes(start);
                let next = due(&last, interval) + jitter;
                assert!(next - last.started_at <= chrono::Duration::from_std(longest).expect("short"));
                let is_rush = !(RUSH_MINUTES..60 - RUSH_MINUTES).contains(&next.minute());
                assert!(!is_rush || interval < COARSE, "{next}");
            }
        }
    }

    #[test]
    fn a_full_run_is_due_by_the_time_since_the_last_and_a_lasting_partial_changes_nothing() {
        let (day, start) = (Duration::from_secs(24 * 3600), "2026-11-23T08:00:00Z");
        let due = |verdict, lost: Option<&str>, now| {
            let mut full = run(RunState::Finished, start);
            full.verdict = Some(verdict);
            is_full_due(Some(&full), lost.map(at), day, at(now))
        };

        for verdict in [Verdict::Complete, Verdict::Partial] {
            assert!(!due(verdict, None, "2026-11-24T07:59:59Z"));
            assert!(due(verdict, None, "2026-11-24T08:00:00Z"));
            assert!(due(verdict, Some("2026-11-23T08:30:00Z"), "2026-11-23T09:00:00Z"));
            assert!(!due(verdict, Some("2026-11-23T07:30:00Z"), "2026-11-23T09:00:00Z"));
        }

        assert!(!due(Verdict::Suspect, None, "2026-11-23T13:59:00Z"));
        assert!(due(Verdict::Suspect, None, "2026-11-23T14:00:00Z"));
        assert!(is_full_due(None, None, day, at(start)));
    }

    #[test]
    fn a_short_interval_is_taken_literally() {
        let last = run(RunState::Finished, "2026-11-23T08:59:30Z");
        let minute = Duration::from_secs(60);
        assert_eq!(due(&last, minute), at("2026-11-23T09:00:30Z"));
        assert!(longest_jitter(minute) == Duration::from_secs(3));
    }
}
