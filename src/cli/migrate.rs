//! `dingmirror migrate`.

use super::{output, runtime};
use crate::{
    app::target,
    clock::Clock,
    config::{Config, ConfigLayer},
    store::Store,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Option<MigrateAction>,
}

#[derive(Debug, Clone, Copy, clap::Subcommand)]
enum MigrateAction {
    /// Bring the tables up to this version (the default)
    Up,
    /// Take the last steps back; what they added is lost
    Down {
        /// How many steps
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
        steps: u32,
    },
    /// Show what is applied and what is not
    Status,
}

pub(super) fn run(config: ConfigLayer, args: Args) -> anyhow::Result<()> {
    let config = runtime::configure(config)?;
    runtime::block_on(|shutdown| async move {
        runtime::need_database(&config, &shutdown).await?;
        let store = connect(&config).await?;
        output::line(store.describe())?;
        match args.action.unwrap_or(MigrateAction::Up) {
            MigrateAction::Up => store.migrate().await?,
            MigrateAction::Down { steps } => store.migrate_down(steps).await?,
            MigrateAction::Status => {}
        }

        for (name, applied) in store.migration_status().await? {
            output::line(format_args!("{} {name}", if applied { "applied" } else { "pending" }))?;
        }
        Ok(())
    })
}

async fn connect(config: &Config) -> anyhow::Result<Store> {
    Ok(Store::connect(target(config), Clock::system()).await?)
}
