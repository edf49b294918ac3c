//! A run's end: what differs is written in one transaction, or, of a dry run, kept to be looked at.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::{Stop, Tools, newest, outside, verify::hold};
use crate::{
    dingtalk::Session,
    directory::{LATELY, RecordState, RunMode, Snapshot, UserId, UserSource, Verdict, Whole, plan},
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
    session: &Session,
    mut crawled: Crawled,
    fence: &Lease,
    cancelled: &CancellationToken,
) -> Result<(), Stop> {
    let run = report.run().clone();
    // A run that goes on may have recorded some before, which have passed by now.
    if run.resumed > 0 || !crawled.errors.kept().is_empty() {
        tools
            .store
            .put_entry_errors(run.id, crawled.errors.kept(), fence)
            .await?;
    }

    let applied = if run.mode == RunMode::DryRun {
        let (snapshot, now) = (tools.snapshots.current(), tools.clock.now());
        let again = newest(tools, session, &snapshot, &mut crawled.observed, true, cancelled).await?;
        if again.records > 0 {
            let lately = tools.store.removed_since(now - LATELY).await?;
            hold(
                tools.limits,
                &snapshot,
                &lately,
                &mut crawled.observed,
                crawled.is_landslide,
            );
        }

        let observed = crawled.observed;
        let planned = tokio::task::spawn_blocking(move || plan(&snapshot, &observed, now)).await;
        let Ok(set) = planned else {
            return Err(Stop::Failed("What was read could not be compared: see the log.".into()));
        };
        tools.store.keep_planned_changes(run.id, &set.changes, fence).await?;
        Applied::of(&set)
    } else {
        let (limits, is_landslide) = (tools.limits, crawled.is_landslide);
        let mut observed = Arc::new(crawled.observed);
        let applied = apply(
            tools,
            run.id,
            session,
            &mut observed,
            |snapshot, observed, lately| hold(limits, snapshot, lately, observed, is_landslide),
            fence,
            cancelled,
        )
        .await?;

        let snapshot = tools.snapshots.current();
        contradicted(report, &snapshot).await?;
        if applied.unsettled > 0 {
            not_complete(
                report,
                format!(
                    "Whether the settings still select {} records could not be asked, while others read them, too: they \
                     stay as they were.",
                    applied.unsettled
                ),
            );
        }
        let (outside, unasked) = (&crawled.evidence.out_of_scope_users, &crawled.unasked);
        let is_unheard = |id: &UserId| {
            let is_read = matches!(observed.users.get(id), Some((_, UserSource::Detail)));
            let is_active = snapshot
                .user(id.as_str())
                .is_some_and(|it| it.standing.state == RecordState::Active);
            is_active && !is_read && !observed.user_causes.contains_key(id)
        };
        outside::remember(tools, outside, unasked, is_unheard, fence).await?;

        let (at, is_complete) = (run.started_at, report.run().verdict == Some(Verdict::Complete));
        verification::update(&tools.store, fence, |verification| {
            // The seven URLs read everybody in a FULL run only.
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

/// A mirror that contradicts itself is never COMPLETE.
async fn contradicted(report: &mut Report, snapshot: &Arc<Snapshot>) -> Result<(), Stop> {
    let published = snapshot.clone();
    let looked = tokio::task::spawn_blocking(move || published.contradictions()).await;
    let Ok(contradictions) = looked else {
        return Err(Stop::Failed(
            "What was written could not be looked through: see the log.".into(),
        ));
    };

    if let Some(first) = contradictions.first() {
        let more = contradictions.len() - 1;
        let more = match more {
            0 => String::new(),
            more => format!(" {more} more are like that."),
        };
        not_complete(
            report,
            format!("The mirror contradicts itself, and the next runs read it again: {first}{more}"),
        );
    }
    Ok(())
}

/// A run of which something is wrong, or open, is never COMPLETE.
fn not_complete(report: &mut Report, finding: String) {
    report.change(|run| {
        if run.verdict == Some(Verdict::Complete) {
            run.verdict = Some(Verdict::Partial);
        }
        run.findings.push(finding);
    });
}
