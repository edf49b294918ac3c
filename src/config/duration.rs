//! Times as people write them.

use std::time::Duration;

/// Reads `500ms`, `90s`, `15m`, `2h`, `1d`, or `0`, which needs no unit.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let unit_at = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);

    let milliseconds = match unit.trim() {
        "ms" => 1_u64,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        "" if number == "0" => 0,
        "" if !number.is_empty() => {
            return Err(format!(
                "`{text}` has no unit: write ms, s, m, h or d behind the number, say `{text}s` for seconds"
            ));
        }
        _ => {
            return Err(format!(
                "`{text}` is no time: write a whole number with ms, s, m, h or d, say `30m`"
            ));
        }
    };

    let number: u64 = number
        .parse()
        .map_err(|_| format!("`{text}` is no time: it begins with no whole number"))?;
    number
        .checked_mul(milliseconds)
        .map(Duration::from_millis)
        .ok_or_else(|| format!("`{text}` is too long a time"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units_and_nought_needs_none() {
        for (text, seconds) in [
            ("0", 0),
            ("0s", 0),
            ("90s", 90),
            ("15m", 900),
            (" 2h ", 7_200),
            ("1d", 86_400),
        ] {
            assert_eq!(parse_duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }

        assert_eq!(parse_duration("250ms"), Ok(Duration::from_millis(250)));
        for text in [
            "",
            "m",
            "90",
            "00",
            "1.5h",
            "-3s",
            "3 weeks",
            "99999999999999999999s",
            "9999999999999999999d",
        ] {
            assert!(parse_duration(text).is_err(), "{text}");
        }

        assert!(parse_duration("90").unwrap_err().contains("`90s` for seconds"));
    }
}
