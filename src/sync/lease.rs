//! The lease that lets one replica sync: renewed while the run goes on, and the run ends when it is lost.

use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::store::{Lease, Store};

/// Its name in the lease table.
pub(super) const NAME: &str = "sync";

/// How long giving it back may take: the process may be waiting to end.
const RELEASE: Duration = Duration::from_secs(5);

/// A lease that is kept alive until this is dropped or released.
pub(super) struct LeaseGuard {
    lease: Lease,
    store: Store,
    lost: CancellationToken,
    renewal: tokio::task::JoinHandle<()>,
}

impl LeaseGuard {
    /// Keeps `lease` alive. The token is cancelled when it is lost, or could not be renewed for its whole life.
    pub(super) fn new(store: Store, lease: Lease, ttl: Duration) -> Self {
        let lost = CancellationToken::new();
        let renewal = tokio::spawn(renew(store.clone(), lease.clone(), ttl, lost.clone()));
        Self {
            lease,
            store,
            lost,
            renewal,
        }
    }

    /// What writes are fenced with.
    pub(super) fn lease(&self) -> &Lease {
        &self.lease
    }

    /// Resolves when the lease is lost.
    pub(super) fn lost(&self) -> &CancellationToken {
        &self.lost
    }

    /// Gives the lease back, so that another replica needn't wait for it to run out.
    pub(super) async fn release(self) {
        self.renewal.abort();
        let released = tokio::time::timeout(RELEASE, self.store.release_lease(&self.lease)).await;
        if !matches!(released, Ok(Ok(()))) {
            tracing::warn!("the sync lease could not be given back; it runs out by itself");
        }
    }
}

impl Drop for LeaseGuard {
    fn drop(&mut self) {
        self.renewal.abort();
    }
}

async fn renew(store: Store, lease: Lease, ttl: Duration, lost: CancellationToken) {
    let mut renewed = Instant::now();
    loop {
        // A renewal may have waited long for the end of this run's own transaction: then the next one is due at once.
        tokio::time::sleep((ttl / 3).saturating_sub(renewed.elapsed())).await;

        // The lease's life counts from the question: the answer may have taken long.
        let asked = Instant::now();
        match store.renew_lease(&lease, ttl).await {
            Ok(true) => renewed = asked,
            Ok(false) => break,
            Err(_) if renewed.elapsed() >= ttl => break,
            // The database may be back before the lease runs out.
            Err(error) => {
                tracing::warn!(%error, "the sync lease could not be renewed yet");
                tokio::time::sleep(ttl / 10).await;
            }
        }
    }

    tracing::warn!("the sync lease was lost");
    lost.cancel();
}
