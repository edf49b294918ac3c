//! `dingmirror backup`.

use std::path::PathBuf;

use super::{output, runtime};
use crate::{app::target, config::ConfigLayer, store};

/// How to go back to one.
const RESTORE: &str = "\
Without DATABASE_URL the copy is a database file. To restore: stop dingmirror, move dingmirror.db, dingmirror.db-wal and
dingmirror.db-shm of the data directory aside, copy FILE to dingmirror.db there, and start.

Of a Postgres it is an archive of all of the database that DATABASE_URL names, made by pg_dump and read back by pg_restore, which
have to be in PATH and not older than the server. To restore: stop every dingmirror, make a new database (createdb NAME), run
`pg_restore --exit-on-error --no-owner --dbname=NAME FILE`, have DATABASE_URL lead there, and start.

What is restored begins another epoch: versions and cursors of before are refused, and messages that may have been sent since the
backup are UNKNOWN. The secrets are not in it: keep jwt-secret and secret-key of the data directory (or the variables) as well,
without them the stored appSecret can't be read.";

#[derive(Debug, clap::Args)]
#[command(after_long_help = RESTORE)]
pub(super) struct Args {
    /// Where the copy shall be; must not exist
    file: PathBuf,
}

pub(super) fn run(config: ConfigLayer, args: Args) -> anyhow::Result<()> {
    let config = runtime::configure(config)?;
    runtime::block_on(|shutdown| async move {
        runtime::need_database(&config, &shutdown).await?;
        let made = store::back_up(&target(&config), &args.file).await?;
        output::line(format_args!(
            "{}: {} bytes, {} rows in {} tables, checked",
            args.file.display(),
            made.bytes,
            made.rows,
            made.tables
        ))
    })
}
