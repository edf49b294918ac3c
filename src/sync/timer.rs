//! When the next run by the timer is due. Pure.

use std::time::Duration;

use chrono::{DateTime, Timelike, Utc};

use crate::directory::{RunState, SyncRun};

/// After a run that did not finish, the timer doesn't wait for its whole interval.
const SOON: Duration = Duration::from_secs(5 * 60);
/// From this interval on, a run keeps away from the full hour.
const COARSE: Duration = Duration::from_secs(10 * 60);
/// DingTalk's platform-wide limits bite around the full hour, when everybody's timers fire: so many minutes on each side.
const RUSH_MINUTES: u32 = 3;

/// When the next run is due after `last`; at once where there was none.
pub(super) fn due(last: Option<&SyncRun>, interval: Duration, now: DateTime<Utc>) -> DateTime<Utc> {
    let Some(last) = last else {
        return now;
    };
    let wait = match last.state {
        // RUNNING may be the row of a process that died: starting another finds out, and does nothing if it is alive.
        RunState::Failed | RunState::Interrupted | RunState::Running => interval.min(SOON),
        RunState::Finished => interval,
    };
    let due = last.started_at + chrono::Duration::from_std(wait).unwrap_or(chrono::Duration::days(365));
    if interval < COARSE {
        return due;
    }
    out_of_rush(due)
}

fn out_of_rush(due: DateTime<Utc>) -> DateTime<Utc> {
    let minute = due.minute();
    let late = match minute {
        0..RUSH_MINUTES => RUSH_MINUTES - minute,
        _ if minute >= 60 - RUSH_MINUTES => 60 + RUSH_MINUTES - minute,
        _ => 0,
    };
    due + chrono::Duration::minutes(i64::from(late))
}

/// How much later than due a replica may start, so that many installations and replicas don't start together.
pub(super) fn longest_jitter(interval: Duration) -> Duration {
    (interval / 20).clamp(Duration::from_millis(1), Duration::from_secs(120))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::run::started;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a valid time")
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
        let now = at("2026-11-23T08:00:00Z");
        let due = |state, start| due(Some(&run(state, start)), hour, now);
        assert_eq!(
            due(RunState::Finished, "2026-11-23T08:20:00Z"),
            at("2026-11-23T09:20:00Z")
        );
        assert_eq!(
            due(RunState::Finished, "2026-11-23T08:58:10Z"),
            at("2026-11-23T10:03:10Z")
        );
        assert_eq!(
            due(RunState::Finished, "2026-11-23T09:00:10Z"),
            at("2026-11-23T10:03:10Z")
        );
        assert_eq!(
            due(RunState::Failed, "2026-11-23T08:20:00Z"),
            at("2026-11-23T08:25:00Z")
        );
        assert_eq!(
            due(RunState::Interrupted, "2026-11-23T08:56:00Z"),
            at("2026-11-23T09:03:00Z")
        );
        assert_eq!(super::due(None, hour, now), now);
    }

    #[test]
    fn a_short_interval_is_taken_literally() {
        let got = due(
            Some(&run(RunState::Finished, "2026-11-23T08:59:30Z")),
            Duration::from_secs(60),
            at("2026-11-23T09:00:00Z"),
        );
        assert_eq!(got, at("2026-11-23T09:00:30Z"));
        assert!(longest_jitter(Duration::from_secs(60)) == Duration::from_secs(3));
    }
}
