//! How long to wait before trying again.

use std::time::Duration;

use rand::RngExt;

/// Exponential backoff with full jitter: attempt `n` waits between half and the whole of `base * 2^n`, at most `cap`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    base: Duration,
    cap: Duration,
}

impl Backoff {
    /// A backoff from `base` to `cap`.
    ///
    /// # Panics
    /// If `base` is zero or larger than `cap`: both are constants of the program, not input.
    pub const fn new(base: Duration, cap: Duration) -> Self {
        assert!(!base.is_zero() && base.as_nanos() <= cap.as_nanos(), "0 < base <= cap");
        Self { base, cap }
    }

    /// The longest wait before retry number `attempt` (0 is the first retry), without jitter.
    pub fn ceiling(&self, attempt: u32) -> Duration {
        let factor = 2_u32.checked_pow(attempt).unwrap_or(u32::MAX);
        self.base.saturating_mul(factor).min(self.cap)
    }

    /// The wait before retry number `attempt`, jittered so that many clients do not come back together.
    #[allow(clippy::disallowed_methods, reason = "jitter needs no seed")]
    pub fn delay(&self, attempt: u32) -> Duration {
        self.ceiling(attempt).mul_f64(rand::rng().random_range(0.5..=1.0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_delay_lies_between_half_its_ceiling_and_its_ceiling(attempt in 0_u32..200) {
            let backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(30));
            let (delay, ceiling) = (backoff.delay(attempt), backoff.ceiling(attempt));
            prop_assert!(delay <= ceiling && delay >= ceiling.mul_f64(0.499));
            prop_assert!(ceiling <= Duration::from_secs(30));
            prop_assert!(backoff.ceiling(attempt + 1) >= ceiling);
        }
    }
}
