//! What a run sets out to do: made at its start, kept with it, and found again by whoever goes on with it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Stop, Tools};
use crate::{
    dingtalk::Session,
    directory::{Revision, RunMode, RunState, SyncRun, Verification},
    store::{Lease, StoreError},
    sync::{
        crawl::{self, Outline},
        verification,
    },
};

/// A run older than this isn't gone on with: too much has changed since its first answers.
const FRESH: chrono::Duration = chrono::Duration::hours(1);

/// What a run sets out to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::sync) struct RunPlan {
    /// What it reads.
    pub(super) outline: Outline,
    /// The mirror's revision when it began.
    pub(super) base: Revision,
    /// The settings that it began with: with others, its answers are worth nothing.
    settings_version: i64,
}

/// Whether a run can be gone on with, as far as its row and its plan (where it has one) tell.
pub(in crate::sync) fn is_resumable(
    run: &SyncRun,
    plan: Option<&str>,
    settings_version: i64,
    now: DateTime<Utc>,
) -> bool {
    let is_over = matches!(run.state, RunState::Finished | RunState::Failed);
    let plan = plan.and_then(|text| serde_json::from_str::<RunPlan>(text).ok());
    !is_over && now - run.started_at < FRESH && plan.is_some_and(|plan| plan.settings_version == settings_version)
}

/// The plan that was kept, or a new one.
pub(super) async fn made_or_kept(
    tools: &Tools,
    session: &Session,
    run: &SyncRun,
    fence: &Lease,
) -> Result<RunPlan, Stop> {
    if run.resumed > 0
        && let Some(text) = tools.store.run_plan(run.id).await?
        && let Ok(plan) = serde_json::from_str(&text)
    {
        return Ok(plan);
    }
    let mut outline = crawl::outline(session).await.map_err(|error| {
        if error.kind == crate::dingtalk::ErrorKind::Cancelled {
            crawl::CrawlError::Cancelled
        } else {
            crawl::CrawlError::Fatal(error)
        }
    })?;
    if !tools.selection.is_everything() {
        outline.departments = tools.selection.starts(&outline.departments);
        outline.excluded.clone_from(&tools.selection.exclude);
        // The company's number of people says nothing about a part of it.
        outline.count = false;
        if !tools.selection.include.is_empty() {
            outline.users.clear();
        }
    }
    if run.mode == RunMode::Reconcile {
        outline.everybody = false;
        outline.again = round(tools, run.started_at).await?;
    }
    let plan = RunPlan {
        outline,
        base: tools.snapshots.current().revision(),
        settings_version: tools.settings_version,
    };
    let text = serde_json::to_string(&plan)
        .map_err(|error| StoreError::Corrupt(format!("the run's plan can't be written: {error}")))?;
    tools.store.save_run_plan(run.id, &text, fence).await?;
    Ok(plan)
}

/// Whose own record's turn it is: as many as the budget allows for the time since the last turn, an hour's worth at most.
async fn round(tools: &Tools, now: DateTime<Utc>) -> Result<Vec<crate::directory::UserId>, StoreError> {
    let verification = verification::load(&tools.store).await?;
    let count = budget(&verification, tools.verify_per_hour, now);
    Ok(verification.next(&tools.snapshots.current(), count))
}

fn budget(verification: &Verification, per_hour: u32, now: DateTime<Utc>) -> usize {
    let hour = chrono::Duration::hours(1);
    let since = verification.turns.last().map_or(hour, |turn| now - turn.at);
    let seconds = since.clamp(chrono::Duration::zero(), hour).num_seconds();
    usize::try_from(i64::from(per_hour) * seconds / 3_600).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::{RunTrigger, Turn};

    #[test]
    fn a_fresh_interrupted_run_with_the_same_settings_is_gone_on_with() {
        let now = crate::directory::fixtures::moment();
        let plan = RunPlan {
            outline: Outline::new(Vec::new(), Vec::new()),
            base: 0,
            settings_version: 3,
        };
        let plan = serde_json::to_string(&plan).expect("plain values");
        let mut run = super::super::started(RunTrigger::Timer, RunMode::Full, None, now);
        let resumable = |run: &SyncRun, settings, later| {
            is_resumable(run, Some(&plan), settings, now + chrono::Duration::minutes(later))
        };
        assert!(resumable(&run, 3, 59), "its process died");
        assert!(!resumable(&run, 3, 60) && !resumable(&run, 4, 1));
        assert!(!is_resumable(&run, None, 3, now), "it had not begun to read");
        run.state = RunState::Interrupted;
        assert!(resumable(&run, 3, 1));
        run.state = RunState::Failed;
        assert!(!resumable(&run, 3, 1));
    }

    #[test]
    fn the_budget_is_what_has_accrued_since_the_last_turn() {
        let now = crate::directory::fixtures::moment();
        let mut verification = Verification::default();
        assert_eq!(budget(&verification, 600, now), 600);
        verification.turns.push(Turn {
            after: String::new(),
            upto: "a".into(),
            at: now - chrono::Duration::minutes(6),
        });
        assert_eq!(budget(&verification, 600, now), 60);
        assert_eq!(budget(&verification, 600, now + chrono::Duration::days(3)), 600);
        assert_eq!(budget(&verification, 600, now - chrono::Duration::days(3)), 0);
    }
}
