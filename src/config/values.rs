//! From texts to values: the kinds that several settings share.

use std::{net::SocketAddr, ops::RangeInclusive, time::Duration};

use super::duration::parse_duration;

/// A whole number within these bounds.
pub(super) fn number<T: TryFrom<u32>>(bounds: RangeInclusive<u32>) -> impl Fn(&str) -> Result<T, String> {
    move |text| {
        let number = text.trim().parse::<u32>().ok().filter(|number| bounds.contains(number));
        number.and_then(|number| T::try_from(number).ok()).ok_or_else(|| {
            format!(
                "`{text}` is no whole number from {} to {}",
                bounds.start(),
                bounds.end()
            )
        })
    }
}

/// A time within these bounds.
pub(super) fn time_between(least: &'static str, most: &'static str) -> impl Fn(&str) -> Result<Duration, String> {
    move |text| {
        let time = parse_duration(text)?;
        if (parse_duration(least)?..=parse_duration(most)?).contains(&time) {
            return Ok(time);
        }
        Err(format!("`{text}` is not between {least} and {most}"))
    }
}

/// A time; `0` is none.
pub(super) fn time_or_none(text: &str) -> Result<Option<Duration>, String> {
    parse_duration(text).map(|time| (!time.is_zero()).then_some(time))
}

/// `on` or `off`.
pub(super) fn on_or_off(text: &str) -> Result<bool, String> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        other => Err(format!("`{other}` is neither `on` nor `off`")),
    }
}

/// Where to listen. A host name is resolved when it is bound.
pub(super) fn address(text: &str) -> Result<String, String> {
    let port = text.rsplit_once(':').map(|(_, port)| port.parse::<u16>());
    if text.parse::<SocketAddr>().is_ok() || matches!(port, Some(Ok(_))) {
        return Ok(text.to_owned());
    }
    Err(format!("`{text}` is no HOST:PORT, say `0.0.0.0:8080`"))
}

/// An origin as browsers write it.
pub(super) fn origin(text: &str) -> Result<String, String> {
    match url::Url::parse(text).map(|url| url.origin()) {
        Ok(origin) if origin.is_tuple() && origin.ascii_serialization() == text.trim_end_matches('/') => {
            Ok(origin.ascii_serialization())
        }
        _ => Err(format!(
            "`{text}` is no origin: write scheme, host and port only, say `https://wiki.example.com`"
        )),
    }
}
