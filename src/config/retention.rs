//! How long the past is kept, as configured.

use std::time::Duration;

use super::duration::parse_duration;

/// A month, and a day for clocks and time zones.
const LEAST_OF_MESSAGES: Duration = Duration::from_hours(32 * 24);

/// How long messages stay on record. What the month's quota was used for is counted from them, and a key finds its
/// message for a week.
pub(super) fn kept_messages(text: &str) -> Result<Option<Duration>, String> {
    match kept(text)? {
        Some(time) if time < LEAST_OF_MESSAGES => Err(format!(
            "`{text}` is less than 32 days: the calls of a month are counted from its messages; `0` keeps them for ever"
        )),
        time => Ok(time),
    }
}

/// `0` is for ever. The mirror itself looks back for an hour, and whoever follows the changes may rest for a night.
pub(super) fn kept(text: &str) -> Result<Option<Duration>, String> {
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
            let read = kept_messages(text);
            (read.clone().ok().flatten(), read.is_ok())
        };
        assert_eq!(told("0"), (None, true));
        assert_eq!(told("32d"), (Some(LEAST_OF_MESSAGES), true));
        assert_eq!(told("31d"), (None, false));
    }
}
