//! From an observation to the mirror: plan, write in one transaction, publish.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{catch_up::catch_up, run::Tools};
use crate::{
    backoff::Backoff,
    directory::{Cause, ChangeKind, ChangeSet, Observation, Revision, plan},
    store::{Lease, StoreError},
};

/// How long to wait for a database that went away under a finished crawl: an hour of calls is worth some minutes.
const AWAY: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(20));
const TRIES: u32 = 10;

/// What was written.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Applied {
    pub(super) revision: Option<Revision>,
    pub(super) departments: u64,
    pub(super) users: u64,
    pub(super) removed: u64,
}

/// Writes what differs. A commit whose answer was lost is found by planning anew against what the database then says.
pub(super) async fn apply(
    tools: &Tools,
    run: Uuid,
    observed: Arc<Observation>,
    fence: &Lease,
    cancelled: &CancellationToken,
) -> Result<Applied, StoreError> {
    let mut failures = 0;
    let mut applied = Applied::default();
    loop {
        match once(tools, run, &observed, fence, &mut applied).await {
            Ok(()) => return Ok(applied),
            Err(StoreError::Unavailable) if failures < TRIES => {
                tracing::warn!(sync.run_id = %run, failures, "the database does not answer; what was read is kept for it");
                tokio::select! {
                    () = cancelled.cancelled() => return Err(StoreError::Unavailable),
                    () = tokio::time::sleep(AWAY.delay(failures)) => failures += 1,
                }
            }
            Err(error) => return Err(error),
        }
    }
}

async fn once(
    tools: &Tools,
    run: Uuid,
    observed: &Arc<Observation>,
    fence: &Lease,
    applied: &mut Applied,
) -> Result<(), StoreError> {
    catch_up(&tools.store, &tools.snapshots).await?;
    let (snapshot, seen, now) = (tools.snapshots.current(), observed.clone(), tools.clock.now());
    // A hundred thousand comparisons: not on a thread that answers requests.
    let set = tokio::task::spawn_blocking(move || plan(&snapshot, &seen, now))
        .await
        .map_err(|_| StoreError::Corrupt("what the crawl read could not be compared with the mirror".into()))?;
    if set.is_empty() {
        // A former try's commit may have arrived although its answer didn't: then the counts stand, and the revision is here.
        if applied.departments + applied.users > 0 {
            applied.revision = Some(tools.snapshots.current().revision());
        }
        return Ok(());
    }
    count(applied, &set);
    applied.revision = tools.store.apply(set, Cause::Run(run), Some(fence)).await?;
    catch_up(&tools.store, &tools.snapshots).await?;
    Ok(())
}

fn count(applied: &mut Applied, set: &ChangeSet) {
    applied.departments = set.departments.len() as u64;
    applied.users = set.users.len() as u64;
    applied.removed = set.changes.iter().filter(|it| it.kind == ChangeKind::Removed).count() as u64;
}
