//! `dingmirror export`.

use std::path::PathBuf;

use super::{moved, runtime};
use crate::{
    app::target,
    clock::Clock,
    config::ConfigLayer,
    store::{self, MovedPart, Store},
};

const HELP: &str = "\
A line of JSON for each row, as of one moment, readable by its owner alone. It works beside running servers.

Without --with-mirror it is what DingTalk doesn't know: the settings with who changed them, links with their history and the
identities that were asked for, templates, API keys (what they are known by), messages with their recipients and attempts, the
numbers of those that are no longer kept, and what the quota was used for. The mirror comes back by a sync; who left before,
and the change feed, don't: --with-mirror has them, too.

The appSecret is in it as the database has it, sealed with the server's secret-key, and no other secret is. Keep jwt-secret and
secret-key of the data directory (or the variables) as well.";

#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(super) struct Args {
    /// Where the rows shall be; must not exist
    file: PathBuf,

    /// Also the mirror, its history and the runs
    #[arg(long)]
    with_mirror: bool,
}

pub(super) fn run(config: ConfigLayer, args: Args) -> anyhow::Result<()> {
    let config = runtime::configure(config)?;
    runtime::block_on(|shutdown| async move {
        runtime::need_database(&config, &shutdown).await?;
        let part = if args.with_mirror {
            MovedPart::All
        } else {
            MovedPart::Own
        };
        let store = Store::connect_to_read(target(&config), Clock::system()).await?;
        let exported = store::export(&store, part, &args.file).await?;
        moved::print(&exported, &args.file.display().to_string())
    })
}
