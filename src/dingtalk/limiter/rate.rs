//! How many calls a second are made at present: fewer after a throttle, more again while none comes.

use std::{
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use tokio::time::Instant;

/// What the rate is multiplied by when DingTalk throttles this app's calls, and the whole platform's.
const OWN_DROP: f64 = 0.7;
const PLATFORM_DROP: f64 = 0.9;
/// The calls in flight bounce together: that is one drop.
pub(super) const BETWEEN_DROPS: Duration = Duration::from_secs(1);
/// After each so long without a throttle, a twentieth of the configured rate comes back: in a minute all of it.
const RECOVERS_EVERY: Duration = Duration::from_secs(3);
const RECOVERS_BY: f64 = 1.0 / 20.0;
/// However often DingTalk throttles, the configured rate divided by this is left, and one call a second.
const LEAST_PART: f64 = 10.0;

/// Whose limit was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::dingtalk) enum Throttle {
    /// This app's (90018 and kin).
    Own,
    /// That of all apps together (90002): others are the cause.
    Platform,
}

/// A rate that gives way to throttles and recovers.
pub(super) struct AdaptiveRate {
    configured: f64,
    current: Mutex<CurrentRate>,
}

/// The rate at one moment.
#[derive(Clone, Copy)]
pub(super) struct CurrentRate {
    pub(super) per_second: f64,
    /// No call before this: DingTalk said "too fast".
    pub(super) resumes_at: Option<Instant>,
    dropped_at: Option<Instant>,
    recovered_at: Option<Instant>,
}

impl AdaptiveRate {
    pub(super) fn new(rate: u32) -> Self {
        let configured = f64::from(rate);
        Self {
            configured,
            current: Mutex::new(CurrentRate {
                per_second: configured,
                resumes_at: None,
                dropped_at: None,
                recovered_at: None,
            }),
        }
    }

    /// The highest that it ever is.
    pub(super) fn configured(&self) -> f64 {
        self.configured
    }

    /// The rate as of now, what has come back included.
    pub(super) fn now(&self) -> CurrentRate {
        let mut current = self.lock();
        let since = current.recovered_at.max(current.dropped_at);
        if let Some(since) = since.filter(|_| current.per_second < self.configured) {
            let steps = since.elapsed().as_secs_f64() / RECOVERS_EVERY.as_secs_f64();
            // Whole steps only: what is over counts for the next one.
            if steps >= 1.0 {
                let recovered = current.per_second + self.configured * RECOVERS_BY * steps.floor();
                current.per_second = recovered.min(self.configured);
                current.recovered_at = Some(since + RECOVERS_EVERY.mul_f64(steps.floor()));
            }
        }
        *current
    }

    /// DingTalk said "too fast": no call for so long, and then more slowly.
    pub(super) fn throttled(&self, throttle: Throttle, wait: Duration) {
        // What has come back counts first: the drop is from the rate of now.
        self.now();
        let now = Instant::now();
        let mut current = self.lock();
        current.resumes_at = current.resumes_at.max(Some(now + wait));
        // The pause holds for each of the calls that bounced together, the drop once for all of them.
        if current.dropped_at.is_some_and(|at| now - at < BETWEEN_DROPS) {
            return;
        }

        let factor = match throttle {
            Throttle::Own => OWN_DROP,
            Throttle::Platform => PLATFORM_DROP,
        };
        let least = (self.configured / LEAST_PART).max(1.0);
        current.per_second = (current.per_second * factor).max(least);
        current.dropped_at = Some(now);
    }

    fn lock(&self) -> MutexGuard<'_, CurrentRate> {
        self.current.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}
