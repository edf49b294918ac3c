//! The forgetting part of the engine: what need not be kept goes, in small steps, beside the sending and never in its
//! way.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::context::DeliveryContext;
use crate::store::StoreError;

/// How often to look for what is old.
const EVERY: Duration = Duration::from_hours(1);
/// So often a clock that nobody has confirmed is looked at again.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// Between two steps: messages that are to be sent come first.
const REST: Duration = Duration::from_millis(20);

/// Looks at the start and then each hour. Every replica does: there is little to do for the second.
pub(super) async fn run(context: Arc<DeliveryContext>, shutdown: &CancellationToken) {
    shutdown.run_until_cancelled(forget_each_hour(&context)).await;
}

async fn forget_each_hour(context: &DeliveryContext) {
    loop {
        // One that is ahead would take what is young for old.
        while !context.clock.may_forget() {
            sleep(LOOK_AGAIN).await;
        }
        if let Err(error) = forget(context).await {
            tracing::debug!(%error, "what is old can't be forgotten yet");
        }
        sleep(EVERY).await;
    }
}

async fn forget(context: &DeliveryContext) -> Result<(), StoreError> {
    let DeliveryContext {
        store, config, clock, ..
    } = context;

    while store.give_up_follow_ups(clock.earliest()).await? > 0 {
        sleep(REST).await;
    }
    store.forget_message_updates().await?;
    store.forget_metered_calls(clock.earliest()).await?;
    if let Some(cutoff) = ago(clock.earliest(), config.keep_bodies) {
        while store.erase_bodies(cutoff).await? > 0 {
            sleep(REST).await;
        }
    }

    let Some(cutoff) = ago(clock.earliest(), config.keep_messages) else {
        return Ok(());
    };
    let (mut messages, mut place) = (0, None);
    loop {
        let step = store.forget_messages(cutoff, place.as_ref()).await?;
        messages += step.messages;
        place = step.next;
        if place.is_none() {
            break;
        }
        sleep(REST).await;
    }

    if messages > 0 {
        tracing::info!(messages, "messages that need not be kept any longer are forgotten");
    }
    Ok(())
}

/// `None`: for ever, or before there were clocks.
fn ago(now: DateTime<Utc>, kept: Option<Duration>) -> Option<DateTime<Utc>> {
    now.checked_sub_signed(TimeDelta::from_std(kept?).ok()?)
}
