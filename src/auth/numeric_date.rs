//! RFC 7519's NumericDate: seconds since 1970 as any JSON number, fractions included.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::value::RawValue;

/// About the year 5138. A time beyond it, either way, is this far away: what is compared with it comes out the same,
/// and nothing that is added to it or taken from it can leave the calendar.
const FARTHEST: i64 = 100_000_000_000;

/// The time that `claim` says; `None` where it is no number.
pub(super) fn read(claim: &RawValue) -> Option<DateTime<Utc>> {
    let text = claim.get();
    if let Ok(seconds) = text.parse::<i64>() {
        return Some(whole(seconds));
    }

    // A whole number beyond `i64`, or one with a fraction or an exponent. JSON knows neither NaN nor an infinity; what
    // is too large for a double becomes one here.
    let begins_like_a_number = text.starts_with(|c: char| c == '-' || c.is_ascii_digit());
    let seconds = begins_like_a_number.then(|| text.parse::<f64>().ok()).flatten()?;
    if seconds.abs() >= FARTHEST as f64 {
        return Some(whole(if seconds < 0.0 { -FARTHEST } else { FARTHEST }));
    }
    let microseconds = TimeDelta::microseconds(((seconds - seconds.floor()) * 1e6).round() as i64);
    Some(whole(seconds.floor() as i64) + microseconds)
}

fn whole(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds.clamp(-FARTHEST, FARTHEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Option<i64> {
        let raw = RawValue::from_string(text.to_owned()).unwrap();
        read(&raw).map(|at| at.timestamp_micros())
    }

    #[test]
    fn whole_fractional_and_exponential_numbers_are_times() {
        for (text, microseconds) in [
            ("0", 0),
            ("-0", 0),
            ("1800000000", 1_800_000_000_000_000),
            ("1800000000.5", 1_800_000_000_500_000),
            ("1.8e9", 1_800_000_000_000_000),
            ("1.8E+9", 1_800_000_000_000_000),
            ("-1.5", -1_500_000),
        ] {
            assert_eq!(at(text), Some(microseconds), "{text}");
        }
    }

    #[test]
    fn what_leaves_the_calendar_is_as_far_away_as_it_can_be() {
        let (past, future) = (-FARTHEST * 1_000_000, FARTHEST * 1_000_000);
        for (text, expected) in [
            ("8210266876799", future),
            ("-8334601228800", past),
            ("9223372036854775807", future),
            ("-9223372036854775808", past),
            ("18446744073709551615", future),
            ("1.7976931348623157e308", future),
            ("-1.7976931348623157e308", past),
            ("1e999", future),
            ("-1e999", past),
            ("5e-324", 0),
        ] {
            assert_eq!(at(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn anything_else_is_no_time() {
        for text in [
            "\"1800000000\"",
            "null",
            "true",
            "[1800000000]",
            "{}",
            "\"NaN\"",
            "\"inf\"",
        ] {
            assert_eq!(at(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn every_number_is_a_time_that_can_be_reckoned_with(number: f64, whole: i64, huge: u64) {
            for text in [format!("{number}"), format!("{whole}"), format!("{huge}")] {
                let Ok(raw) = RawValue::from_string(text) else { continue };
                let time = read(&raw).unwrap();
                let _ = (time + TimeDelta::days(36_500), time - TimeDelta::days(36_500));
            }
        }
    }
}
