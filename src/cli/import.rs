//! `dingmirror import`.

use std::path::PathBuf;

use anyhow::Context;
use tokio_util::sync::CancellationToken;

use super::{author, moved, output, runtime};
use crate::{
    app::target,
    clock::Clock,
    config::{Config, ConfigLayer},
    settings::Sealer,
    store::{self, MovedTable, Store, Target},
};

const HELP: &str = "\
FILE is what `dingmirror export` wrote. It goes into the database of this configuration, in one transaction: all of it or nothing.
A database with rows of its own is refused; with --replace it loses them.

--from-database moves everything, the mirror, too, from another database into this one, say from the embedded one into Postgres:
  DATABASE_URL=postgres://… dingmirror import --from-database /var/lib/dingmirror
Stop every server before. A data directory is kept from being used meanwhile; of a Postgres nobody can know that, so whoever was
due there since a server last ran is UNKNOWN, as with a file, and their message's policy decides.

What is brought in begins another epoch: versions and cursors of before are refused. The secrets are not moved: the server needs
the secret-key that the appSecret was sealed with.";

#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(super) struct Args {
    /// What `dingmirror export` wrote
    #[arg(required_unless_present = "from_database", conflicts_with = "from_database")]
    file: Option<PathBuf>,

    /// Move everything from this database: a data directory, or `postgres://…`
    #[arg(long, value_name = "DIR|URL", env = "FROM_DATABASE", hide_env_values = true)]
    from_database: Option<String>,

    /// Take away what the database has
    #[arg(long)]
    replace: bool,
}

pub(super) fn run(config: ConfigLayer, args: Args) -> anyhow::Result<()> {
    let config = runtime::configure(config)?;
    runtime::block_on(|shutdown| async move {
        runtime::need_database(&config, &shutdown).await?;
        let store = Store::connect(target(&config), Clock::system()).await?;
        let done = import(&config, &store, &args, shutdown).await;
        store.close().await;
        done
    })
}

async fn import(config: &Config, store: &Store, args: &Args, shutdown: CancellationToken) -> anyhow::Result<()> {
    store.migrate().await?;
    let work = async {
        match (&args.file, &args.from_database) {
            (Some(file), _) => Ok(store::import(store, file, args.replace, author::of_this_command()).await?),
            (None, Some(from)) => from_database(config, store, from, args.replace).await,
            (None, None) => anyhow::bail!("name a file, or a database with --from-database"),
        }
    };

    // What has not been committed is taken back.
    let brought_in = tokio::select! {
        brought_in = work => brought_in?,
        () = shutdown.cancelled() => anyhow::bail!("ended by a signal: nothing was brought in"),
    };
    moved::print(&brought_in, &store.describe())?;
    tell_unreadable_secret(config, store).await
}

async fn from_database(config: &Config, store: &Store, from: &str, replace: bool) -> anyhow::Result<Vec<MovedTable>> {
    let is_url = from.starts_with("postgres://") || from.starts_with("postgresql://");
    let source = if is_url {
        Target::Postgres {
            url: from.into(),
            max_connections: config.database_max_connections,
        }
    } else {
        let data_dir = PathBuf::from(from);
        let file = data_dir.join("dingmirror.db");
        anyhow::ensure!(
            file.is_file(),
            "there is no database to move: {} is no file",
            file.display()
        );
        Target::Sqlite { data_dir }
    };

    let source = Store::connect(source, Clock::system())
        .await
        .context("the database that is to be moved can't be opened")?;
    let moved = store::move_all(&source, store, replace, !is_url, author::of_this_command()).await;
    source.close().await;
    Ok(moved?)
}

/// Everything else works, and nothing is sent: better said now than found out.
async fn tell_unreadable_secret(config: &Config, store: &Store) -> anyhow::Result<()> {
    let stored = store.load_settings().await?;
    if stored
        .open(&Sealer::new(&config.secret_key), &config.allowed_hosts)
        .secret_unreadable
    {
        output::line(
            "The appSecret was sealed with another secret-key than this configuration's: give the server the former one \
             (DINGMIRROR_SECRET_KEY), or enter the appSecret in the console again.",
        )?;
    }
    Ok(())
}
