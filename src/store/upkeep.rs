//! Looking after the files while the store is open, and its end.

use std::time::Duration;

use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::{dialect, handle::Store};

/// How often the data files are looked at.
const LOOK: Duration = Duration::from_secs(1);

/// How long the end waits for the log to be taken into the database file.
const LAST_CHECKPOINT: Duration = Duration::from_secs(10);

impl Store {
    /// Looks after SQLite's files until `shutdown`, and logs when they vanish and when they are back. Writes are
    /// refused meanwhile.
    pub async fn watch_files(&self, shutdown: CancellationToken) {
        let mut known = None;
        while shutdown.run_until_cancelled(sleep(LOOK)).await.is_some() {
            let missing = self.health.missing_files();
            match (&known, &missing) {
                (None, Some(why)) => tracing::error!("{why}"),
                (Some(_), None) => tracing::info!("the data files are back: writes are taken again"),
                _ => {}
            }
            known = missing;
        }
    }

    /// The end: SQLite's log is taken into the database file, so that the file alone is a whole backup.
    pub async fn close(&self) {
        if self.is_postgres() || self.health.check_files().is_err() {
            return;
        }

        match timeout(LAST_CHECKPOINT, dialect::checkpoint(&self.write)).await {
            Ok(Ok(())) => tracing::debug!("the log is taken into the database file"),
            Ok(Err(error)) => {
                tracing::warn!(%error, "the last writes stand in the -wal file: keep it with the database")
            }
            Err(_) => tracing::warn!("the last writes stand in the -wal file: no time was left to move them"),
        }
    }
}
