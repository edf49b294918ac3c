//! `dingmirror export`.

use std::path::PathBuf;

use super::{author, moved, runtime};
use crate::{
    app::target,
    audit::{AuditAction, Deed},
    clock::Clock,
    config::{Config, ConfigLayer},
    store::{self, MovedPart, Store},
    telemetry,
};

const HELP: &str = "\
A line of JSON for each row, as of one moment, readable by its owner alone. It works beside running servers.

Without --with-mirror it is what DingTalk doesn't know: the settings with who changed them, the audit log, links with their
history and the identities that were asked for, templates, API keys (what they are known by), messages with their recipients
and attempts, the numbers of those that are no longer kept, and what the quota was used for. The mirror comes back by a sync;
who left before, and the change feed, don't: --with-mirror has them, too.

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
        note(&config, &args).await;
        moved::print(&exported, &args.file.display().to_string())
    })
}

/// Writes what was done into the audit log, beside a server. The file is there; a database that takes nothing keeps
/// nobody from it.
async fn note(config: &Config, args: &Args) {
    let deed = Deed::new(AuditAction::DataExported, &author::of_this_command())
        .with("file", args.file.display())
        .with("withMirror", args.with_mirror);
    let noted = async {
        let store = Store::connect_beside(target(config), Clock::system()).await?;
        let noted = store.note_deed(&deed).await;
        store.close().await;
        noted
    };

    if let Err(error) = noted.await {
        telemetry::say(format!("the audit log has no entry of this export: {error}"));
    }
}
