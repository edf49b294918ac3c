//! The one source of the current time.
//!
//! Everything that needs "now" takes a [`Clock`], so that tests can stand still, jump, or follow tokio's paused time.
//! Times are UTC and truncated to microseconds, because Postgres keeps no more: a value read back equals the one written.

use std::sync::Arc;

use chrono::{DateTime, SubsecRound, Utc};

/// Tells the time. Cheap to clone.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

impl Clock {
    /// The machine's clock.
    #[allow(clippy::disallowed_methods, reason = "the one home of the system clock")]
    pub fn system() -> Self {
        Self(Arc::new(Utc::now))
    }

    /// A clock that starts at `start` and goes on with tokio's time, so that `tokio::time::pause` and `advance` move it.
    pub fn following_tokio(start: DateTime<Utc>) -> Self {
        let origin = tokio::time::Instant::now();
        Self(Arc::new(move || start + origin.elapsed()))
    }

    /// A clock that never moves.
    pub fn fixed(at: DateTime<Utc>) -> Self {
        Self(Arc::new(move || at))
    }

    /// The current time, UTC, truncated to microseconds.
    pub fn now(&self) -> DateTime<Utc> {
        (self.0)().trunc_subsecs(6)
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_clock_that_follows_tokio_moves_with_its_paused_time() {
        let start = DateTime::from_timestamp(1_700_000_000, 123_456_789).expect("a valid time");
        let clock = Clock::following_tokio(start);
        tokio::time::advance(Duration::from_secs(5)).await;
        assert_eq!(
            (clock.now() - start).num_seconds(),
            4,
            "truncation keeps the time at or before the exact one"
        );
        assert_eq!(clock.now().timestamp_subsec_nanos() % 1_000, 0);
    }
}
