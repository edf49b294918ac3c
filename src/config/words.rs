//! From words to values: what several settings have in common.

use std::{path::PathBuf, time::Duration};

use secrecy::{ExposeSecret, SecretString};

use super::{duration::parse_duration, mistakes::Mistakes, secrets};
use crate::auth::MIN_SECRET_BYTES;

/// A variable's value; an empty one counts as not set, because that is how compose files and units unset things.
#[allow(clippy::disallowed_methods, reason = "the one home of the environment")]
pub(super) fn env(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

/// The names of all variables.
#[allow(clippy::disallowed_methods, reason = "the one home of the environment")]
pub(super) fn names() -> Vec<String> {
    std::env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        .collect()
}

/// A flag's value; an empty one counts as not set.
pub(super) fn given(value: Option<String>) -> Option<String> {
    value.filter(|text| !text.trim().is_empty())
}

/// A secret by value, by the file that `path` names, or from the configuration file.
pub(super) fn secret(
    mistakes: &mut Mistakes,
    name: &'static str,
    value: Option<String>,
    path: Option<String>,
    from_file: Option<String>,
) -> Option<SecretString> {
    let value = if path.is_some() { value } else { value.or(from_file) };
    mistakes.take(name, secrets::by_value_or_file(value, path)).flatten()
}

/// Shorter ones are lost to a slow database, longer ones stop the syncs for too long.
pub(super) fn lease(text: &str) -> Result<Duration, String> {
    let lease = parse_duration(text)?;
    if (Duration::from_secs(1)..=Duration::from_secs(600)).contains(&lease) {
        return Ok(lease);
    }
    Err(format!("`{text}` is not between 1s and 10m"))
}

pub(super) fn number_in(text: &str, least: u32, most: u32) -> Result<u32, String> {
    match text.trim().parse::<u32>() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ => Err(format!("`{text}` is no whole number from {least} to {most}")),
    }
}

pub(super) fn origins(mistakes: &mut Mistakes, list: String) -> Vec<String> {
    let mut origins = Vec::new();
    for text in list.split(',').map(str::trim).filter(|text| !text.is_empty()) {
        match url::Url::parse(text).map(|url| url.origin()) {
            Ok(origin) if origin.is_tuple() && origin.ascii_serialization() == text.trim_end_matches('/') => {
                origins.push(origin.ascii_serialization());
            }
            _ => mistakes.add(
                "DINGMIRROR_ALLOWED_ORIGINS",
                format!("`{text}` is no origin: write scheme, host and port only, say `https://wiki.example.com`"),
            ),
        }
    }

    origins
}

pub(super) fn default_data_dir(env: &impl Fn(&str) -> Option<String>) -> Option<PathBuf> {
    env("XDG_DATA_HOME")
        .map(PathBuf::from)
        .or_else(|| env("HOME").map(|home| PathBuf::from(home).join(".local/share")))
        .map(|dir| dir.join("dingmirror"))
}

/// Tells of a secret that is too short; never what it is.
pub(super) fn long_enough(mistakes: &mut Mistakes, name: &'static str, secret: Option<&SecretString>) {
    if secret.is_some_and(|secret| secret.expose_secret().len() < MIN_SECRET_BYTES) {
        mistakes.add(
            name,
            format!("it needs at least {MIN_SECRET_BYTES} bytes: `openssl rand -base64 32` makes one"),
        );
    }
}

/// Shorter ones are over before they are used; nothing that is good for longer than ten years should be a bearer token.
pub(super) fn token_max_lifetime(text: &str) -> Result<Duration, String> {
    let lifetime = parse_duration(text)?;
    if (Duration::from_mins(1)..=Duration::from_hours(3_650 * 24)).contains(&lifetime) {
        return Ok(lifetime);
    }
    Err(format!("`{text}` is not between 1m and 3650d"))
}
