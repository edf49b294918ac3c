//! `dingmirror backup`.

use std::path::PathBuf;

use anyhow::bail;

use super::runtime;
use crate::{
    config::{ConfigArgs, Database},
    store,
};

/// How to go back to one.
const RESTORE: &str = "\
To restore: stop dingmirror, move dingmirror.db, dingmirror.db-wal and dingmirror.db-shm of the data directory aside, copy FILE to
dingmirror.db there, and start. The secrets are not in it: keep jwt-secret and secret-key of the data directory (or the variables)
as well, without them the stored appSecret can't be read.";

#[derive(Debug, clap::Args)]
#[command(after_long_help = RESTORE)]
pub(super) struct Args {
    /// Where the copy shall be; must not exist
    file: PathBuf,
}

pub(super) fn run(config: ConfigArgs, args: Args) -> anyhow::Result<()> {
    let config = runtime::configure(config)?;
    if !matches!(config.database, Database::Embedded) {
        bail!(
            "the database is a Postgres: back it up with `pg_dump --format=custom`, which copies all of it as of one moment"
        );
    }

    runtime::block_on(|_| async move {
        let made = store::back_up(&config.data_dir, &args.file).await?;
        println!(
            "{}: {} bytes, {} rows in {} tables, checked",
            args.file.display(),
            made.bytes,
            made.rows,
            made.tables
        );
        Ok(())
    })
}
