//! How messages are sent, from words.

use std::time::Duration;

use super::{duration::parse_duration, mistakes::Mistakes, retention, words::number_in};
use crate::{delivery::DeliveryConfig, message::Pace};

/// The settings as written; `None`: the default.
pub(super) struct DeliveryWords {
    pub(super) keep_message_bodies: String,
    pub(super) keep_messages: String,
    pub(super) recipients_per_minute: String,
    pub(super) send_claim: String,
    pub(super) repeat_after: String,
    pub(super) calls_per_second: u32,
    pub(super) shutdown_grace: Option<Duration>,
}

/// The engine's configuration; what is wrong goes to `mistakes`.
pub(super) fn resolve(mistakes: &mut Mistakes, words: &DeliveryWords) -> DeliveryConfig {
    let defaults = DeliveryConfig::default();
    let keep = mistakes.take(
        "DINGMIRROR_KEEP_MESSAGE_BODIES",
        parse_duration(&words.keep_message_bodies),
    );
    let recipients = mistakes.take(
        "DINGMIRROR_RECIPIENTS_PER_MINUTE",
        number_in(&words.recipients_per_minute, 100, 1_000_000),
    );
    let claim = mistakes.take("DINGMIRROR_SEND_CLAIM", claim(&words.send_claim));
    let repeat_after = mistakes.take("DINGMIRROR_REPEAT_AFTER", repeat_after(&words.repeat_after));

    DeliveryConfig {
        claim_ttl: claim.unwrap_or(defaults.claim_ttl),
        repeat_after: repeat_after.unwrap_or(defaults.repeat_after),
        pace: Pace {
            recipients_a_minute: recipients.unwrap_or(defaults.pace.recipients_a_minute),
            calls_a_second: words.calls_per_second,
        },
        last_tries: words
            .shutdown_grace
            .map_or(defaults.last_tries, |grace| grace.mul_f64(0.7)),
        keep_messages: retention::messages(mistakes, &words.keep_messages),
        keep_bodies: keep.filter(|keep| !keep.is_zero()),
        ..defaults
    }
}

/// Below two seconds every slow answer would be an unknown outcome.
fn claim(text: &str) -> Result<Duration, String> {
    let ttl = parse_duration(text)?;
    let allowed = Duration::from_secs(2)..=Duration::from_mins(30);
    if allowed.contains(&ttl) {
        Ok(ttl)
    } else {
        Err(format!("`{text}` is not between 2s and 30m"))
    }
}

/// The third repetition comes after sixty times as long, and all on one day.
fn repeat_after(text: &str) -> Result<Duration, String> {
    let wait = parse_duration(text)?;
    let allowed = Duration::from_secs(1)..=Duration::from_mins(5);
    if allowed.contains(&wait) {
        Ok(wait)
    } else {
        Err(format!("`{text}` is not between 1s and 5m"))
    }
}
