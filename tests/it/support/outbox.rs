//! The outbox's store as a worker uses it.

use std::time::Duration;

use dingmirror::{
    clock::Clock,
    message::Pace,
    store::{Claim, ClaimLimits, ClaimedBatch, Expired, Repetition, Store},
};

/// Faster than any test sends.
pub const UNHURRIED: Pace = Pace {
    recipients_a_minute: 1_000_000,
    calls_a_second: 100_000,
};

/// A claim at any pace; `None` where there is nothing to claim now.
pub async fn claim(store: &Store, batch: u32, owner: &str, ttl: Duration) -> Option<ClaimedBatch> {
    let limits = ClaimLimits {
        batch,
        pace: UNHURRIED,
        ttl,
        settings_version: None,
        normal_calls: None,
        coalesce_window: Duration::ZERO,
        app: None,
    };

    store.unfold().await.unwrap();
    match store.claim_batch(owner, &limits).await.unwrap() {
        Claim::Batch(batch) => Some(*batch),
        Claim::Later(_) | Claim::Nothing | Claim::Unheard(_) | Claim::NewSettings => None,
    }
}

/// Expires what is over; repetitions are allowed for a minute, at once.
pub async fn expire(store: &Store) -> Expired {
    store.unfold().await.unwrap();
    let now = Clock::system().now();
    let repetition = |_, _| Repetition {
        not_before: now,
        until: now + Duration::from_mins(1),
        at_most: 3,
    };
    store.expire(repetition, None).await.unwrap()
}
