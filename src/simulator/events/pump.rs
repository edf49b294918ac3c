//! Carrying events to whoever listens, with the platform's retries.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_util::task::TaskTracker;

use super::log::{Delivery, Event, PushSubscription};
use super::payload;
use super::push::push;
use super::settings::EventSettings;
use super::stream::{frame, is_success};
use crate::simulator::random::fresh_uuid;
use crate::simulator::state::SimulatorState;

/// Deliveries under way at once, retries included. More wait their turn.
const MOST_DELIVERIES: usize = 10_000;

/// Delivers every event that happens until the simulator is closing.
pub(crate) async fn pump(shared: Arc<SimulatorState>) {
    let tracker = TaskTracker::new();
    let turns = Arc::new(Semaphore::new(MOST_DELIVERIES));
    let mut last = 0;

    loop {
        tokio::select! {
            () = shared.hub.wake.notified() => {}
            () = shared.closing.cancelled() => break,
        }

        for (event, settings, subscription) in news(&shared, &mut last) {
            let Ok(turn) = turns.clone().acquire_owned().await else {
                return;
            };
            let shared = shared.clone();
            tracker.spawn(async move {
                let closing = shared.closing.clone();
                // A delivery waits up to minutes between its attempts; it must not hold up the end.
                tokio::select! {
                    () = deliver(&shared, &event, &settings, subscription) => {}
                    () = closing.cancelled() => {}
                }
                drop(turn);
            });
        }
    }

    tracker.close();
    tracker.wait().await;
}

/// What happened since `last`, with the settings and the subscription of this moment.
fn news(shared: &SimulatorState, last: &mut u64) -> Vec<(Event, EventSettings, Option<PushSubscription>)> {
    let world = shared.world();
    if world.events.newest() < *last {
        // The world was reset.
        *last = 0;
    }

    let copies = if world.events.settings.duplicates { 2 } else { 1 };
    let events = world
        .events
        .after(*last)
        .flat_map(|event| std::iter::repeat_n(event.clone(), copies));
    let news = events.map(|event| {
        let wanted = world
            .events
            .subscription
            .as_ref()
            .filter(|subscription| subscription.wants(event.event_type));
        (event, world.events.settings.clone(), wanted.cloned())
    });
    let news = news.collect();
    *last = world.events.newest();
    news
}

async fn deliver(
    shared: &SimulatorState,
    event: &Event,
    settings: &EventSettings,
    subscription: Option<PushSubscription>,
) {
    let pushed = async {
        if let Some(subscription) = subscription {
            by_push(shared, event, settings, &subscription).await;
        }
    };
    let streamed = async {
        if shared.hub.was_opened() {
            by_stream(shared, event, settings).await;
        }
    };

    tokio::join!(pushed, streamed);
}

async fn by_push(shared: &SimulatorState, event: &Event, settings: &EventSettings, subscription: &PushSubscription) {
    let body = payload::pushed(event, &shared.config.corp_id, settings.key_style);
    let limit = Duration::from_millis(settings.push_timeout_ms);

    for attempt in 0..=settings.push_retry_ms.len() {
        pause(&settings.push_retry_ms, attempt).await;
        let now = shared.world().now();
        let outcome = push(subscription, &body, now.timestamp_millis(), limit).await;
        let told = outcome
            .as_ref()
            .err()
            .map_or("ok".to_owned(), |failed| failed.reason.clone());
        record(shared, event, "push", attempt, told);
        if outcome.is_ok() {
            return;
        }
    }

    let entry = payload::failed(event, &shared.config.corp_id);
    shared.world().events.failed(entry);
}

async fn by_stream(shared: &SimulatorState, event: &Event, settings: &EventSettings) {
    // The same message id on every delivery: the official Python SDK counts on it.
    let message_id = fresh_uuid().simple().to_string();

    for attempt in 0..=settings.redeliver_ms.len() {
        pause(&settings.redeliver_ms, attempt).await;
        let outcome = match shared.hub.send(&message_id, event_frame(shared, event, &message_id)) {
            None => "nobody is connected".to_owned(),
            Some(answered) => match timeout(Duration::from_millis(settings.ack_timeout_ms), answered).await {
                Ok(Ok(acknowledgement)) if is_success(&acknowledgement) => "ok".to_owned(),
                Ok(Ok(acknowledgement)) => format!("acknowledged with code {}", acknowledgement["code"]),
                _ => "not acknowledged in time".to_owned(),
            },
        };

        shared.hub.give_up(&message_id);
        let done = outcome == "ok";
        record(shared, event, "stream", attempt, outcome);
        if done {
            return;
        }
    }
}

fn event_frame(shared: &SimulatorState, event: &Event, message_id: &str) -> Value {
    let now = shared.world().now();
    let mut frame = frame("EVENT", "*", message_id, now, &payload::streamed(event));
    frame["headers"]["eventType"] = json!(event.event_type);
    frame["headers"]["eventId"] = json!(event.event_id);
    frame["headers"]["eventCorpId"] = json!(shared.config.corp_id);
    frame["headers"]["eventBornTime"] = json!(event.at.timestamp_millis().to_string());
    frame["headers"]["eventUnifiedAppId"] = json!("bbb381b6-0000-4000-8000-000000000001");
    frame
}

async fn pause(pauses: &[u64], attempt: usize) {
    if let Some(pause) = attempt.checked_sub(1).and_then(|index| pauses.get(index)) {
        sleep(Duration::from_millis(*pause)).await;
    }
}

fn record(shared: &SimulatorState, event: &Event, channel: &'static str, attempt: usize, outcome: String) {
    let delivery = Delivery {
        number: event.number,
        channel,
        attempt: attempt + 1,
        outcome,
    };
    shared.world().events.delivered(delivery);
}
