//! `dingmirror sync`.

use anyhow::{Context, bail};

use super::{progress, runtime};
use crate::{
    app::App,
    clock::Clock,
    config::ConfigArgs,
    directory::{RunMode, RunState, RunTrigger},
};

pub(super) fn run(args: ConfigArgs) -> anyhow::Result<()> {
    let mut config = runtime::configure(args)?;
    // Only the sync that was asked for.
    config.sync_on_start = false;
    config.sync_interval = None;
    runtime::block_on(|shutdown| async move {
        let app = App::build(config, Clock::system()).await.context(
            "cannot open the mirror; where a server runs on the same data directory, ask it with the startSync mutation",
        )?;
        let engine = app.services().sync.clone();
        let stop = shutdown.child_token();
        let work = async {
            let started = engine
                .start(RunTrigger::Request, RunMode::Full, Some("command line".into()))
                .await?;
            if started.already_running {
                eprintln!("a sync is running already: showing that one");
            }
            let ended = progress::show(started.run.id, engine.progress())
                .await
                .context("the sync engine stopped")?;
            println!("{}", progress::summary(&ended));
            stop.cancel();
            if ended.state != RunState::Finished {
                bail!("the sync did not finish");
            }
            Ok(())
        };
        let (ran, done) = tokio::join!(app.run_engines(stop.clone()), async {
            let done = work.await;
            stop.cancel();
            done
        });
        done?;
        Ok(ran?)
    })
}
