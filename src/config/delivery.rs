//! How messages are sent, as configured.

use std::time::Duration;

use super::table::Layers;
use crate::{
    delivery::DeliveryConfig,
    message::{Pace, QuotaRules},
};

/// Part of a shutdown's time that is left to sends under way.
const LAST_TRIES: f64 = 0.7;

/// The engine's configuration.
pub(super) fn resolve(layers: &mut Layers<'_>, calls_a_second: u32, shutdown_grace: Duration) -> DeliveryConfig {
    let keep_bodies = layers.keep_message_bodies();
    let recipients_a_minute = layers.recipients_per_minute();

    let quota = quota(layers);

    DeliveryConfig {
        claim_ttl: layers.send_claim(),
        repeat_after: layers.repeat_after(),
        pace: Pace {
            recipients_a_minute,
            calls_a_second,
        },
        quota,
        follow_up: layers.follow_up(),
        coalesce_window: layers.coalesce_window(),
        last_tries: shutdown_grace.mul_f64(LAST_TRIES),
        keep_messages: layers.keep_messages(),
        keep_bodies,
        ..DeliveryConfig::default()
    }
}

fn quota(layers: &mut Layers<'_>) -> QuotaRules {
    QuotaRules {
        monthly: layers.calls_per_month(),
        reserved: layers.calls_reserved(),
    }
}
