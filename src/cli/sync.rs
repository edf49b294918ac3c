//! `dingmirror sync`.

use std::io::Write;

use anyhow::{Context, bail};

use super::{author, output, progress, runtime};
use crate::{
    app::App,
    clock::Clock,
    config::ConfigLayer,
    directory::{Change, EntityKind, FieldChange, RunMode, RunState, RunTrigger, SyncRun},
    page::PageRequest,
    store::Store,
    word::word,
};

/// Records that are shown; the rest is counted. The API pages through all of them.
const SHOWN: u32 = 200;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Show by record what would change, and write nothing
    #[arg(long, conflicts_with = "reconcile")]
    dry_run: bool,

    /// Read the structure and whoever differs, as the timer does, instead of everything
    #[arg(long)]
    reconcile: bool,
}

impl Args {
    fn mode(&self) -> RunMode {
        match (self.dry_run, self.reconcile) {
            (true, _) => RunMode::DryRun,
            (_, true) => RunMode::Reconcile,
            _ => RunMode::Full,
        }
    }
}

pub(super) fn run(config: ConfigLayer, args: Args) -> anyhow::Result<()> {
    let mut config = runtime::configure(config)?;
    // Only the sync that was asked for.
    config.sync_on_start = false;
    config.sync_interval = None;

    runtime::block_on(|shutdown| async move {
        runtime::need_database(&config, &shutdown).await?;
        let app = App::build(config, Clock::system()).await.context(
            "cannot open the mirror; where a server runs on the same data directory, ask it with the startSync mutation",
        )?;
        let engine = app.services().sync.clone();
        let store = app.services().store.clone();
        let stop = shutdown.child_token();

        let work = async {
            let asked_by = Some(author::of_this_command());
            let started = engine.start(RunTrigger::Request, args.mode(), asked_by).await?;
            if started.already_running {
                let _ = writeln!(std::io::stderr(), "a sync is running already: showing that one");
            } else if started.run.resumed > 0 {
                let _ = writeln!(std::io::stderr(), "going on with the run that was interrupted");
            }

            let ended = progress::show(started.run.id, engine.progress())
                .await
                .context("the sync engine stopped")?;
            output::line(progress::summary(&ended))?;
            print_records(&store, &ended).await?;
            stop.cancel();

            match ended.state {
                RunState::Finished => Ok(()),
                RunState::Interrupted => bail!("the sync did not finish; run it again to go on with what it has read"),
                RunState::Failed | RunState::Running => bail!("the sync did not finish"),
            }
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

/// What could not be read, and what changed or would change.
async fn print_records(store: &Store, run: &SyncRun) -> anyhow::Result<()> {
    let errors = store.entry_errors(run.id, PageRequest::new(SHOWN, None)).await?;
    for (_, error) in &errors.items {
        output::line(format_args!("  ! {}: {}", error.subject, error.message))?;
    }
    if errors.has_next {
        output::line(cut(
            "  ! ",
            run.counts.entry_errors,
            run,
            "entryErrors { nodes { subject message } }",
        ))?;
    }

    let page = PageRequest::new(SHOWN, None);
    let (changes, has_next) = if run.mode == RunMode::DryRun {
        let planned = store.planned_changes(run.id, page).await?;
        (
            planned.items.into_iter().map(|(_, change)| change).collect::<Vec<_>>(),
            planned.has_next,
        )
    } else {
        let done = store.changes_of_run(run.id, page).await?;
        (
            done.items.into_iter().map(|logged| logged.change).collect(),
            done.has_next,
        )
    };

    for change in &changes {
        output::line(format_args!("  {}", line(change)))?;
    }
    if has_next {
        let all = run.counts.departments_changed + run.counts.users_changed;
        output::line(cut("  ", all, run, "changes { nodes { entity entityId kind } }"))?;
    }
    Ok(())
}

/// That a list is cut, and where the rest is.
fn cut(margin: &str, all: u64, run: &SyncRun, list: &str) -> String {
    format!(
        "{margin}… {SHOWN} of {all} are shown; all of them: GraphQL `{{ syncRuns {{ nodes {{ id startedAt {list} }} }} }}`, the run of {}",
        run.started_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    )
}

fn line(change: &Change) -> String {
    let entity = match change.entity.kind() {
        EntityKind::Department => "department",
        EntityKind::User => "user",
        EntityKind::Identity => "identity",
    };
    let fields: Vec<String> = change.fields.iter().map(field).collect();
    let kind = word(&change.kind);
    format!("{kind:<9} {entity} {} {}", change.entity.id_text(), fields.join(", "))
        .trim_end()
        .to_owned()
}

fn field(change: &FieldChange) -> String {
    format!("{}: {} -> {}", change.field, change.before, change.after)
}
