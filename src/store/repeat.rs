//! Transactions that were in another's way are made again.
//!
//! Postgres ends one of two transactions that wait for each other (40P01), and one that could not have run alone at the
//! isolation that somebody set (40001); SQLite says BUSY. The same transaction from its beginning may succeed at once.

use std::time::Duration;

use crate::backoff::Backoff;

/// The pause before a repetition: those who met once should not meet again.
const PAUSE: Backoff = Backoff::new(Duration::from_millis(5), Duration::from_millis(400));

/// After so many repetitions, in about three seconds, whoever asked is told that the database doesn't answer, and waits
/// longer.
const REPETITIONS: u32 = 12;

/// How often something was repeated.
#[derive(Debug, Default)]
pub struct Repetitions(u32);

impl Repetitions {
    /// Waits before the next repetition; false where there is none any more.
    pub async fn next(&mut self) -> bool {
        if self.0 >= REPETITIONS {
            return false;
        }
        tokio::time::sleep(PAUSE.delay(self.0)).await;
        self.0 += 1;
        true
    }
}

/// Runs a whole transaction (an `async` block that begins and commits it) again as long as it was in another's way.
macro_rules! repeated {
    ($transaction:expr) => {{
        let mut repetitions = $crate::store::repeat::Repetitions::default();
        loop {
            let ended: Result<_, $crate::store::error::StoreError> = $transaction.await;
            match ended {
                Err(error) if error.is_conflict() => {
                    if !repetitions.next().await {
                        tracing::error!(%error, "a transaction was given up");
                        break Err($crate::store::error::StoreError::Unavailable);
                    }
                }
                ended => break ended,
            }
        }
    }};
}
