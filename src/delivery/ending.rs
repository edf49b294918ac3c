//! The end of sending: calls under way come to their end, and what they were answered is recorded, while time is left.

use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// A shutdown as the calls under way see it. Cheap to clone.
#[derive(Clone)]
pub(super) struct Ending {
    begun: CancellationToken,
    out_of_time: CancellationToken,
}

impl Ending {
    pub(super) fn of(shutdown: &CancellationToken) -> Self {
        Self {
            begun: shutdown.clone(),
            out_of_time: CancellationToken::new(),
        }
    }

    pub(super) fn has_begun(&self) -> bool {
        self.begun.is_cancelled()
    }

    /// Waits for the shutdown.
    pub(super) async fn begins(&self) {
        self.begun.cancelled().await;
    }

    /// Goes on until the shutdown begins; then it is dropped.
    pub(super) async fn until_it_begins(&self, work: impl Future) {
        self.begun.run_until_cancelled(work).await;
    }

    /// Goes on as long as the shutdown leaves time; `None`: it was dropped.
    pub(super) async fn while_time_is_left<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        self.out_of_time.run_until_cancelled(work).await
    }

    /// Time runs from the shutdown's begin. This goes on after it: it is for whoever waits for the calls at the same
    /// time.
    pub(super) async fn count_down(&self, time: Duration) {
        self.begun.cancelled().await;
        sleep(time).await;
        self.out_of_time.cancel();
        std::future::pending().await
    }
}
