//! Bringing this process's snapshot to the database's revision.

use std::time::Duration;

use crate::{
    directory::{Snapshot, SnapshotHandle},
    store::{LoadedDirectory, Store, StoreError},
};

/// Loads what changed since the snapshot in force and publishes the newer one. `Ok(false)`: nothing had changed.
pub(super) async fn catch_up(store: &Store, snapshots: &SnapshotHandle) -> Result<bool, StoreError> {
    let current = snapshots.current();
    let revision = store.current_revision().await?;
    if revision == current.revision() {
        return Ok(false);
    }
    // Going back in time would need everything anew, and this process may have been asked things it can't take back.
    if revision < current.revision() {
        return Err(StoreError::Corrupt(format!(
            "the database is at revision {revision}, and this process serves {}: was it restored from a backup? Restart it",
            current.revision()
        )));
    }
    let LoadedDirectory {
        revision,
        departments,
        users,
    } = store.load_since(current.revision()).await?;
    // A hundred thousand records take some hundred milliseconds: not on a thread that answers requests.
    let newer = tokio::task::spawn_blocking(move || -> Snapshot { current.with(revision, departments, users) }).await;
    match newer {
        Ok(newer) => snapshots.publish(newer),
        Err(error) => tracing::error!(%error, "the snapshot could not be made"),
    }
    Ok(true)
}

/// How long a loop rests between two looks at the database.
pub(super) const LOOK_EVERY: Duration = Duration::from_secs(1);
