//! Bringing this process's snapshot to the database's revision.

use std::{sync::Arc, time::Duration};

use crate::{
    directory::{Epoch, Snapshot, SnapshotHandle},
    store::{LoadedDirectory, Store, StoreError},
};

/// How often the directory is read again because the database became another one meanwhile.
const READINGS: u32 = 3;

/// Loads what changed since the snapshot in force and publishes the newer one. `Ok(false)`: nothing had changed.
///
/// A revision says something within one [epoch](Epoch) only. In another one, or where the revision went back, what is
/// in force shares nothing with the database that could be told from here, and everything is loaded anew.
pub(super) async fn catch_up(store: &Store, snapshots: &SnapshotHandle) -> Result<bool, StoreError> {
    for _ in 0..READINGS {
        let current = snapshots.current();
        let mut epoch = store.epoch().await?;
        let revision = store.current_revision().await?;
        let is_same = epoch == *current.epoch();
        if is_same && revision == current.revision() {
            return Ok(false);
        }
        if is_same && revision < current.revision() {
            let served = current.revision();
            let next = store.begin_epoch(&epoch, served).await?;
            if next == epoch {
                // Behind a balancer that sends each statement to another server, one of them lags.
                tracing::warn!(revision, served, "the database answered with a revision of before");
                return Ok(false);
            }
            tracing::error!(
                revision,
                served,
                "the database's revision went back: it lost what was written last"
            );
            epoch = next;
        }

        let newer = read(store, current, &epoch).await?;
        // What was read while the database became another one is a directory that never was.
        if store.epoch().await? == epoch {
            snapshots.publish(newer);
            return Ok(true);
        }
    }
    Err(StoreError::Unavailable)
}

async fn read(store: &Store, current: Arc<Snapshot>, epoch: &Epoch) -> Result<Snapshot, StoreError> {
    let (is_same, epoch) = (epoch == current.epoch(), epoch.clone());
    let loaded = if is_same {
        store.load_since(current.revision()).await?
    } else {
        store.load_directory().await?
    };
    if !is_same {
        tracing::warn!(
            former_epoch = %current.epoch(),
            %epoch,
            former_revision = current.revision(),
            revision = loaded.revision,
            "the directory is loaded anew: the database is in another epoch"
        );
    }

    // A hundred thousand records take some hundred milliseconds: not on a thread that answers requests.
    let made = tokio::task::spawn_blocking(move || {
        let LoadedDirectory {
            revision,
            departments,
            users,
        } = loaded;
        if is_same {
            current.with(revision, departments, users)
        } else {
            Snapshot::build(revision, departments, users).of_epoch(epoch)
        }
    });
    made.await
        .map_err(|error| StoreError::Corrupt(format!("the snapshot could not be made: {error}")))
}

/// How long a loop rests between two looks at the database.
pub(super) const LOOK_EVERY: Duration = Duration::from_secs(1);
