//! Keeping this process in step with the database that other replicas write to.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::catch_up::{LOOK_EVERY, catch_up};
use crate::{
    backoff::Backoff,
    directory::{Epoch, SnapshotHandle},
    settings::{Settings, SettingsHandle, StoredSettings},
    store::{Store, StoreError},
};

/// How long to leave a database alone that doesn't answer.
const AWAY: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(30));

/// Keeps the snapshot and the settings of this process in step with the database: looks at the revision and the settings'
/// version each second, and applies what is new. While the database is away, reads are served from the last good snapshot.
pub async fn follow(
    store: Store,
    snapshots: SnapshotHandle,
    settings: SettingsHandle,
    load: impl Fn(StoredSettings) -> Settings + Send + Sync + 'static,
    shutdown: CancellationToken,
) {
    let mut failures = 0_u32;
    let mut epoch = snapshots.current().epoch().clone();
    loop {
        let rest = match look(&store, &snapshots, &settings, &load, &mut epoch).await {
            Ok(()) => {
                if failures > 0 {
                    tracing::info!(failures, "the database can be followed again");
                }
                failures = 0;
                LOOK_EVERY
            }
            Err(error) => {
                // Said once; every further look would only repeat it.
                if failures == 0 {
                    tracing::warn!(%error, "the database can't be followed; the last good directory is served meanwhile");
                }
                failures = failures.saturating_add(1);
                AWAY.delay(failures - 1)
            }
        };
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(rest) => {}
        }
    }
}

async fn look(
    store: &Store,
    snapshots: &SnapshotHandle,
    settings: &SettingsHandle,
    load: &(impl Fn(StoredSettings) -> Settings + Send + Sync),
    followed: &mut Epoch,
) -> Result<(), StoreError> {
    catch_up(store, snapshots).await?;
    let epoch = snapshots.current().epoch().clone();
    let stored = store.load_settings().await?;
    if epoch != *followed {
        // What was set in the former epoch may be lost, and with the first change of all the row that has a version.
        settings.replace(load(stored));
        *followed = epoch;
    } else if stored.version > settings.current().version {
        settings.publish(load(stored));
    }
    store.note_alive().await
}
