//! The loop.

use std::{sync::Arc, time::Duration};

use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::{context::MatchingContext, rounds::Rounds};
use crate::{
    backoff::Backoff,
    clock::Clock,
    directory::SnapshotHandle,
    identity::Identities,
    settings::SettingsHandle,
    store::{Store, StoreError},
};

/// How long the loop rests.
const EVERY: Duration = Duration::from_secs(1);
/// How long to leave a database alone that doesn't answer.
const AWAY: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(30));

/// Remembers identities and watches who they are. Cheap to clone.
#[derive(Clone)]
pub struct Matching {
    context: MatchingContext,
    /// One turn at a time: the loop's, or a test's.
    rounds: Arc<Mutex<Rounds>>,
}

impl Matching {
    /// An engine over these parts; nothing is written before [`Self::run`].
    pub fn new(
        store: Store,
        snapshots: SnapshotHandle,
        settings: SettingsHandle,
        identities: Identities,
        clock: Clock,
    ) -> Self {
        Self {
            context: MatchingContext {
                store,
                snapshots,
                settings,
                identities,
                clock,
            },
            rounds: Arc::default(),
        }
    }

    /// Turns until `shutdown`, then once more for the last notes. While the database is away, identities are resolved
    /// as before.
    pub async fn run(&self, shutdown: CancellationToken) {
        let mut failures = 0_u32;
        loop {
            let rest = match self.turn().await {
                Ok(()) => {
                    failures = 0;
                    EVERY
                }
                Err(error) => {
                    // Said once; every further turn would only repeat it.
                    if failures == 0 {
                        tracing::warn!(%error, "identities can't be remembered or watched; resolving goes on");
                    }
                    failures = failures.saturating_add(1);
                    AWAY.delay(failures - 1)
                }
            };

            tokio::select! {
                () = shutdown.cancelled() => break,
                () = tokio::time::sleep(rest) => {}
            }
        }

        if let Err(error) = self.turn().await {
            tracing::warn!(%error, "the last identities that were asked for are not remembered");
        }
    }

    /// Takes over what is known already: before a server answers, so that a rehearsal just after a start is not empty.
    pub async fn load(&self) -> Result<(), StoreError> {
        self.rounds.lock().await.follow(&self.context).await
    }

    /// One turn: follow, remember, judge, forget. The loop does it each second.
    pub async fn turn(&self) -> Result<(), StoreError> {
        let mut rounds = self.rounds.lock().await;
        rounds.turn(&self.context).await
    }
}
