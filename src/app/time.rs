//! Keeps this process's idea of the time in step with the database's, and tells of clocks that are far apart.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::{clock::Clock, store::Store};

/// How often the machine's clock is looked at, and the database is asked for its time.
const LOOK_EVERY: Duration = Duration::from_secs(1);
const ASK_EVERY: u32 = 5;

/// Follows the time until `shutdown`.
pub(super) async fn follow(store: Store, clock: Clock, shutdown: CancellationToken) {
    let mut told = false;
    let mut looks = 0_u32;

    loop {
        if looks.is_multiple_of(ASK_EVERY) || !store.is_shared() {
            match store.follow_time().await {
                Ok(Some(step)) => tracing::warn!(
                    by_seconds = step.by.num_seconds(),
                    "the clock that counts was set; what it had planned is planned anew"
                ),
                Ok(None) => {}
                // Others tell that the database is away. The time goes on meanwhile.
                Err(error) => tracing::debug!(%error, "the database doesn't tell its time"),
            }
        }

        match clock.skews().warning() {
            Some(warning) if !told => {
                tracing::error!("{warning}");
                told = true;
            }
            Some(_) => {}
            None if told => {
                tracing::info!("the clocks agree again");
                told = false;
            }
            None => {}
        }

        looks = looks.wrapping_add(1);
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}
