//! At most so many calls of an API in any second.
//!
//! A burst-capable limiter lets up to twice its rate through in one window, and DingTalk counts windows. So the times of the
//! last calls are kept: a call leaves when the one `rate` places before it is more than a second old, and not on its heels.

use std::{collections::VecDeque, sync::Mutex as SyncMutex, time::Duration};

use tokio::{
    sync::Mutex,
    time::{Instant, sleep_until},
};

use crate::settings::Api;

/// A little over DingTalk's second, for what the network does to the distance between two calls.
const WINDOW: Duration = Duration::from_millis(1_025);

/// A gap that timers can't keep anyway isn't kept.
const SHORTEST_GAP: Duration = Duration::from_millis(2);

/// More than anybody's DingTalk allows; bounds what is remembered.
const MAX_RATE: u32 = 10_000;

/// One limit for each API, as DingTalk has it.
pub(super) struct Limiter {
    lanes: [Lane; Api::ALL.len()],
    rate: u32,
}

#[derive(Default)]
struct Lane {
    /// When the last calls left, oldest first. Held while waiting: calls leave in the order in which they came.
    left: Mutex<VecDeque<Instant>>,
    /// No call before this: DingTalk said "too fast".
    resume: SyncMutex<Option<Instant>>,
}

impl Limiter {
    /// At most `rate` calls of each API in any second; 0 counts as 1, and beyond 10,000 as that.
    pub(super) fn new(rate: u32) -> Self {
        Self {
            lanes: Default::default(),
            rate: rate.clamp(1, MAX_RATE),
        }
    }

    /// Waits until a call of `api` may leave. Dropping the future gives the place up.
    pub(super) async fn wait(&self, api: Api) {
        let lane = &self.lanes[api as usize];
        let mut left = lane.left.lock().await;
        loop {
            let now = Instant::now();
            match self.earliest(&left).max(lane.resume()).filter(|at| *at > now) {
                Some(at) => sleep_until(at).await,
                None => break,
            }
        }
        left.push_back(Instant::now());
        if left.len() > self.rate as usize {
            left.pop_front();
        }
    }

    /// Nobody calls `api` for so long.
    pub(super) fn pause(&self, api: Api, wait: Duration) {
        let until = Instant::now() + wait;
        let mut resume = self.lanes[api as usize]
            .resume
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        *resume = (*resume).max(Some(until));
    }

    fn earliest(&self, left: &VecDeque<Instant>) -> Option<Instant> {
        // Slightly closer than even, so that a late timer can be made up for within the window.
        let gap = Some(WINDOW / self.rate * 9 / 10)
            .filter(|gap| *gap >= SHORTEST_GAP)
            .unwrap_or_default();
        let spaced = left.back().map(|last| *last + gap);
        let windowed = (left.len() >= self.rate as usize)
            .then(|| left.front().map(|first| *first + WINDOW))
            .flatten();
        spaced.max(windowed)
    }
}

impl Lane {
    fn resume(&self) -> Option<Instant> {
        *self.resume.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    async fn departures(limiter: Arc<Limiter>, count: usize) -> Vec<Instant> {
        let tasks: Vec<_> = (0..count)
            .map(|_| {
                let limiter = limiter.clone();
                tokio::spawn(async move {
                    limiter.wait(Api::UserGet).await;
                    Instant::now()
                })
            })
            .collect();
        let mut times = Vec::new();
        for task in tasks {
            times.push(task.await.expect("no panic"));
        }
        times.sort();
        times
    }

    #[tokio::test(start_paused = true)]
    async fn no_second_holds_more_than_the_rate_and_the_rate_is_nearly_used() {
        let start = Instant::now();
        let times = departures(Arc::new(Limiter::new(20)), 200).await;
        for (i, first) in times.iter().enumerate() {
            let within = times[i..]
                .iter()
                .filter(|t| **t - *first <= Duration::from_secs(1))
                .count();
            assert!(within <= 20, "{within} calls in one second");
        }
        let took = (*times.last().expect("200 calls") - start).as_secs_f64();
        assert!(took < 200.0 / 19.0, "{took} s for 200 calls");
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_holds_back_those_who_wait_already() {
        let limiter = Arc::new(Limiter::new(1));
        let start = Instant::now();
        limiter.wait(Api::UserGet).await;
        let waiting = tokio::spawn(departures(limiter.clone(), 1));
        tokio::task::yield_now().await;
        limiter.pause(Api::UserGet, Duration::from_secs(5));
        let left = waiting.await.expect("no panic")[0];
        assert!(left - start >= Duration::from_secs(5));
        limiter.wait(Api::UserList).await;
        assert!(
            Instant::now() - left < Duration::from_millis(1),
            "another API isn't held back"
        );
    }
}
