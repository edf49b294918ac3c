//! Makes rows of the recipients of large messages as soon as their caller has their answer, and then wakes the engine.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::context::DeliveryContext;
use crate::backoff::Backoff;

/// How long to leave a database alone that doesn't answer.
const STORE_AWAY: Backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(5));

/// Runs until `shutdown`. Whoever asks about such recipients in between does it themselves; this keeps them from
/// waiting.
pub(super) async fn run(context: Arc<DeliveryContext>, shutdown: &CancellationToken) {
    let mut failures = 0;
    while !shutdown.is_cancelled() {
        let wait = match context.store.unfold().await {
            Ok(_) => {
                failures = 0;
                context.wake.notify_one();
                context.config.poll
            }
            Err(error) => {
                let wait = STORE_AWAY.delay(failures);
                failures = failures.saturating_add(1);
                tracing::error!(%error, retry_in_ms = wait.as_millis() as u64, "new recipients could not be made ready");
                wait
            }
        };

        tokio::select! {
            () = shutdown.cancelled() => {}
            // A database that doesn't answer is left alone, whoever was taken in.
            () = context.taken_in.notified(), if failures == 0 => {}
            () = sleep(wait) => {}
        }
    }
}
