//! Keeping this process in step with the database that other replicas write to.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio_util::sync::CancellationToken;

use super::catch_up::{LOOK_EVERY, catch_up};
use crate::{
    backoff::Backoff,
    directory::{Epoch, SnapshotHandle},
    settings::{Settings, SettingsHandle, StoredSettings},
    store::{Store, StoreError},
};

/// How long to leave a database alone that doesn't answer. No longer, for once another one takes its place, until it is
/// heard of nothing is sent, and what is served may be what was lost.
const AWAY: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(3));

/// Keeps the snapshot and the settings of this process in step with the database: looks at the revision and the
/// settings' version each second, and applies what is new. While the database is away, reads are served from the last
/// good snapshot.
///
/// The settings are followed by themselves: what "switched off" means must not wait for a directory that can't be
/// followed.
pub async fn follow(
    store: Store,
    snapshots: SnapshotHandle,
    settings: SettingsHandle,
    load: impl Fn(StoredSettings) -> Settings + Send + Sync + 'static,
    shutdown: CancellationToken,
) {
    let followed = Mutex::new(snapshots.current().epoch().clone());
    let of_settings = each_second(
        AWAY,
        "the settings; those that were heard of last stay in force, and nothing is sent",
        &shutdown,
        || follow_settings(&store, &settings, &load, &followed),
    );
    let of_directory = each_second(
        AWAY,
        "the directory; the last good one is served meanwhile",
        &shutdown,
        || async {
            catch_up(&store, &snapshots).await?;
            store.note_alive().await
        },
    );

    tokio::join!(of_settings, of_directory);
}

async fn each_second<F: Future<Output = Result<(), StoreError>>>(
    away: Backoff,
    what: &str,
    shutdown: &CancellationToken,
    look: impl Fn() -> F,
) {
    let mut failures = 0_u32;
    loop {
        let rest = match look().await {
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
                    tracing::warn!(%error, "the database can't be followed for {what}");
                }
                failures = failures.saturating_add(1);
                away.delay(failures - 1)
            }
        };

        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(rest) => {}
        }
    }
}

async fn follow_settings(
    store: &Store,
    settings: &SettingsHandle,
    load: &(impl Fn(StoredSettings) -> Settings + Send + Sync),
    followed: &Mutex<Epoch>,
) -> Result<(), StoreError> {
    // Whoever looks first at another database begins its epoch.
    let epoch = store.epoch().await?;
    let stored = store.load_settings().await?;

    let is_another = {
        let mut followed = followed.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *followed, epoch.clone()) != epoch
    };
    if is_another {
        // What was set in the former epoch may be lost, and with the first change of all the row that has a version.
        settings.replace(load(stored));
    } else if stored.version > settings.current().version {
        settings.publish(load(stored));
    }

    settings.heard();
    Ok(())
}
