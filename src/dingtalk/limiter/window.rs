//! A sliding window of a second: when the last calls left, and so when the next one may.

use std::{collections::VecDeque, time::Duration};

use tokio::{
    sync::Mutex,
    time::{Instant, sleep_until},
};

use super::rate::AdaptiveRate;

/// A little over DingTalk's second, for what the network does to the distance between two calls.
pub(super) const WINDOW: Duration = Duration::from_millis(1_025);

/// A gap that timers can't keep anyway isn't kept.
const SHORTEST_GAP: Duration = Duration::from_millis(2);

/// At most as many calls in any second as its rate says.
pub(super) struct SlidingWindow {
    rate: AdaptiveRate,
    /// When the last calls left, oldest first. Held while waiting: calls leave in the order in which they came.
    departures: Mutex<VecDeque<Instant>>,
}

impl SlidingWindow {
    pub(super) fn new(rate: u32) -> Self {
        Self {
            rate: AdaptiveRate::new(rate),
            departures: Mutex::default(),
        }
    }

    pub(super) fn rate(&self) -> &AdaptiveRate {
        &self.rate
    }

    /// Waits until there is room for a call, and counts it as gone.
    pub(super) async fn leave(&self) {
        let mut departures = self.departures.lock().await;
        loop {
            // Looked at anew after each sleep: meanwhile DingTalk may have said "too fast".
            let (now, rate) = (Instant::now(), self.rate.now());
            let at = earliest(&departures, rate.per_second).max(rate.resumes_at);
            match at.filter(|at| *at > now) {
                Some(at) => sleep_until(at).await,
                None => break,
            }
        }

        departures.push_back(Instant::now());
        // No rate is higher than the configured one, so no older call is ever asked for.
        if departures.len() > self.rate.configured() as usize {
            departures.pop_front();
        }
    }
}

/// When the next call may leave; `None`: no call stands in its way.
fn earliest(departures: &VecDeque<Instant>, rate: f64) -> Option<Instant> {
    // Slightly closer than even, so that a late timer can be made up for within the window.
    let gap = Some(WINDOW.div_f64(rate).mul_f64(0.9))
        .filter(|gap| *gap >= SHORTEST_GAP)
        .unwrap_or_default();
    let spaced = departures.back().map(|last| *last + gap);

    let places = (rate as usize).max(1);
    let windowed = departures
        .len()
        .checked_sub(places)
        .map(|index| departures[index] + WINDOW);
    spaced.max(windowed)
}
