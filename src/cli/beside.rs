//! Work on the server's database while the server works with it.

use std::future::Future;

use anyhow::bail;

use super::runtime;
use crate::{
    clock::Clock,
    config::{Database, DatabasePlace},
    store::{Store, Target},
};

/// Connections to Postgres: a command does one thing after the other.
const CONNECTIONS: u32 = 2;

/// Runs `work` on the server's database, which has to be there with its tables: what is written into one that was made
/// here no server would hear of.
pub(super) fn with_store<F>(place: DatabasePlace, work: impl FnOnce(Store, Clock) -> F) -> anyhow::Result<()>
where
    F: Future<Output = anyhow::Result<()>>,
{
    runtime::block_on(|_| async move {
        let clock = Clock::system();
        let target = match place.database {
            Database::Embedded => Target::Sqlite {
                data_dir: place.data_dir,
            },
            Database::Postgres(url) => Target::Postgres {
                url,
                max_connections: CONNECTIONS,
            },
        };
        let store = Store::connect_beside(target, clock.clone()).await?;

        let steps = store.migration_status().await?;
        if steps.iter().any(|(_, is_applied)| !is_applied) {
            bail!(
                "the tables of {} are not those of this version: start the server of this version on it, or run `dingmirror migrate`",
                store.describe()
            );
        }

        let done = work(store.clone(), clock).await;
        store.close().await;
        done
    })
}
