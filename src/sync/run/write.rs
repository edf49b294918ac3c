//! A run's end: what differs is written in one transaction, or, of a dry run, kept to be looked at.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::{Stop, Tools};
use crate::{
    directory::{RunMode, Verdict, Whole, plan},
    store::Lease,
    sync::{
        apply::{Applied, apply},
        crawl::{Crawled, Strategy},
        report::Report,
        verification,
    },
};

pub(super) async fn write(
    tools: &Tools,
    report: &mut Report,
    crawled: Crawled,
    fence: &Lease,
    cancelled: &CancellationToken,
) -> Result<(), Stop> {
    let run = report.run().clone();
    if !crawled.errors.kept().is_empty() {
        tools
            .store
            .add_entry_errors(run.id, crawled.errors.kept(), fence)
            .await?;
    }
    let observed = Arc::new(crawled.observed);
    let applied = if run.mode == RunMode::DryRun {
        let (snapshot, now) = (tools.snapshots.current(), tools.clock.now());
        let planned = tokio::task::spawn_blocking(move || plan(&snapshot, &observed, now)).await;
        let Ok(set) = planned else {
            return Err(Stop::Failed("What was read could not be compared: see the log.".into()));
        };
        tools.store.keep_planned_changes(run.id, &set.changes, fence).await?;
        Applied::of(&set)
    } else {
        let applied = apply(tools, run.id, observed.clone(), fence, cancelled).await?;
        let (at, is_complete) = (run.started_at, run.verdict == Some(Verdict::Complete));
        let snapshot = tools.snapshots.current();
        verification::update(&tools.store, fence, |verification| {
            let whole = Whole {
                everybody: is_complete && (crawled.strategy == Strategy::Bulk || run.mode == RunMode::Full),
                departments: is_complete,
            };
            verification.passed(&snapshot, &observed, at, whole);
            verification.took(&crawled.read_again, &snapshot, &observed, at);
            if is_complete {
                verification.structure_at = Some(at);
                match (crawled.strategy, run.mode) {
                    (Strategy::Bulk, _) => verification.lists_at = Some(at),
                    (Strategy::SevenUrls, RunMode::Full) => verification.records_at = Some(at),
                    _ => {}
                }
            }
        })
        .await?;
        applied
    };
    report.change(|run| {
        run.revision = applied.revision;
        run.counts.departments_changed = applied.departments;
        run.counts.users_changed = applied.users;
        run.counts.removed = applied.removed;
        run.counts.held = applied.held;
    });
    Ok(())
}
