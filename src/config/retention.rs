//! How long the past is kept, as configured.

use std::time::Duration;

use super::{duration::parse_duration, mistakes::Mistakes};
use crate::directory::Retention;

/// A month, and a day for clocks and time zones.
const LEAST_OF_MESSAGES: Duration = Duration::from_hours(32 * 24);

/// The times, with their mistakes told by name.
pub(super) fn resolve(mistakes: &mut Mistakes, runs: &str, changes: &str) -> Retention {
    let defaults = Retention::default();
    let runs = mistakes.take("DINGMIRROR_KEEP_SYNC_RUNS", kept(runs));
    let changes = mistakes.take("DINGMIRROR_KEEP_CHANGES", kept(changes));
    Retention {
        runs: runs.unwrap_or(defaults.runs),
        changes: changes.unwrap_or(defaults.changes),
    }
}

/// How long messages stay on record. What the month's quota was used for is counted from them, and a key finds its
/// message for a week.
pub(super) fn messages(mistakes: &mut Mistakes, text: &str) -> Option<Duration> {
    let time = kept(text).and_then(|time| match time {
        Some(time) if time < LEAST_OF_MESSAGES => Err(format!(
            "`{text}` is less than 32 days: the calls of a month are counted from its messages; `0` keeps them for ever"
        )),
        time => Ok(time),
    });
    mistakes.take("DINGMIRROR_KEEP_MESSAGES", time).flatten()
}

/// `0` is for ever. The mirror itself looks back for an hour, and whoever follows the changes may rest for a night.
fn kept(text: &str) -> Result<Option<Duration>, String> {
    let time = parse_duration(text)?;
    if time.is_zero() {
        return Ok(None);
    }
    if time < Duration::from_hours(24) {
        return Err(format!("`{text}` is less than a day; `0` keeps them for ever"));
    }
    Ok(Some(time))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_the_least_and_nought_is_for_ever() {
        assert_eq!(kept("0"), Ok(None));
        assert_eq!(kept("1d"), Ok(Some(Duration::from_hours(24))));
        assert!(kept("23h").is_err() && kept("soon").is_err());
    }

    #[test]
    fn messages_are_kept_for_ever_or_for_a_month_at_least() {
        let told = |text| {
            let mut mistakes = Mistakes::default();
            (messages(&mut mistakes, text), mistakes.none().is_ok())
        };
        assert_eq!(told("0"), (None, true));
        assert_eq!(told("32d"), (Some(LEAST_OF_MESSAGES), true));
        assert_eq!(told("31d"), (None, false));
    }
}
