//! What a run sets out to do: made at its start, kept with it, and found again by whoever goes on with it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{EarlyEnd, Run};
use crate::{
    clock::FUTURE,
    directory::{AskedAt, DeptId, MOST_LEVELS, RunMode, RunState, RunTrigger, SyncRun, UserId, Verification},
    store::{Lease, Store, StoreError},
    sync::{
        crawl::{self, Outline, ReadAnswer, ReadCall},
        verification,
    },
};

/// A run that began before this isn't gone on with: the scope may be another one by now.
const FRESH: chrono::Duration = chrono::Duration::days(1);

/// So long a run that found DingTalk away is left alone; whoever asks for a sync needn't wait.
const REST: chrono::Duration = chrono::Duration::minutes(5);

/// What a run sets out to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct RunPlan {
    /// What it reads.
    pub(super) outline: Outline,
    /// Before anything was asked.
    #[serde(default)]
    pub(super) first: AskedAt,
    /// The settings that it began with: with others, its answers are worth nothing.
    settings_version: i64,
    /// Until when it is left alone, because DingTalk was away.
    #[serde(default)]
    rests_until: Option<DateTime<Utc>>,
}

/// Whether a run can be gone on with, as far as its row and its plan (where it has one) tell.
///
/// Its first answers may be hours old, as they are at the end of a long run that nothing interrupts. They can't undo
/// what an event told meanwhile: whoever was read by anybody since is read again at the end. Nor is anybody removed for
/// want of an answer: each is asked for by their id. What is older than the journal keeps is asked again.
pub(in crate::sync) fn is_resumable(
    run: &SyncRun,
    plan: Option<&str>,
    settings_version: i64,
    now: DateTime<Utc>,
) -> bool {
    let is_over = matches!(run.state, RunState::Finished | RunState::Failed);
    let is_same = |plan: RunPlan| plan.settings_version == settings_version;
    !is_over && now - run.started_at < FRESH && plan.and_then(parsed).is_some_and(is_same)
}

/// Whether it is to be left alone for now.
pub(in crate::sync) fn rests(plan: Option<&str>, now: DateTime<Utc>) -> bool {
    let until = plan.and_then(parsed).and_then(|plan| plan.rests_until);
    // No rest is longer: a clock that is set right by now was ahead.
    until.is_some_and(|until| until > now && until <= now + REST + FUTURE)
}

fn parsed(plan: &str) -> Option<RunPlan> {
    serde_json::from_str(plan).ok()
}

/// Leaves a run alone for a while.
pub(super) async fn rest(store: Store, run: Uuid, now: DateTime<Utc>, fence: &Lease) -> Result<(), StoreError> {
    if let Some(mut plan) = store.run_plan(run).await?.as_deref().and_then(parsed) {
        plan.rests_until = Some(now + REST);
        store.save_run_plan(run, &written(&plan)?, fence).await?;
    }
    Ok(())
}

fn written(plan: &RunPlan) -> Result<String, StoreError> {
    serde_json::to_string(plan)
        .map_err(|error| StoreError::Corrupt(format!("the run's plan can't be written: {error}")))
}

impl Run<'_> {
    /// The plan that was kept, or a new one.
    pub(super) async fn plan(&self) -> Result<RunPlan, EarlyEnd> {
        let (store, run) = (&self.context.store, self.record());
        if run.resumed > 0
            && let Some(plan) = store.run_plan(run.id).await?.as_deref().and_then(parsed)
        {
            return Ok(plan);
        }

        // Before anything is asked: whatever is read by others from here on is newer than the run's own reading.
        let first = store.begin_reading().await?;
        let plan = RunPlan {
            outline: self.outline().await?,
            first,
            settings_version: self.context.settings_version,
            rests_until: None,
        };
        store.save_run_plan(run.id, &written(&plan)?, self.fence()).await?;
        Ok(plan)
    }

    /// What this run reads: where the app's scope starts, narrowed by what the settings select.
    async fn outline(&self) -> Result<Outline, EarlyEnd> {
        let (run, selection) = (self.record(), &self.context.selection);
        let mut outline = crawl::outline(&self.session).await.map_err(|error| {
            match crawl::ReadFailure::of(&error) {
                // It was waited for long enough, and may pass.
                crawl::ReadFailure::Rest(_) => crawl::CrawlError::Away(error),
                _ => crawl::CrawlError::of(error),
            }
        })?;

        if !selection.is_everything() {
            outline.departments = selection.starts(&outline.departments);
            if selection.include.is_empty() {
                outline.departments = self.not_below_excluded(outline.departments).await;
            }
            outline.excluded.clone_from(&selection.exclude);
            // The company's number of people says nothing about a part of it.
            outline.count = false;
            // Whoever is selected is listed by an included department: nobody is read for being named singly.
            if !selection.include.is_empty() {
                outline.users.clear();
            }
        }

        outline.everybody = run.mode != RunMode::Reconcile;
        outline.outside = self.known_outside().await?;
        if takes_a_turn(run) {
            outline.again = self.round().await?;
        }
        Ok(outline)
    }

    /// Without those that the contact scope names below a department that is left out: only the departments above them
    /// tell. Where one can't be asked, the mirror's word counts; with neither, the department is read.
    async fn not_below_excluded(&self, starts: Vec<DeptId>) -> Vec<DeptId> {
        let snapshot = self.context.snapshots.current();
        let mut kept = Vec::new();

        for start in starts {
            let (mut at, mut is_excluded) = (start, false);
            for _ in 0..MOST_LEVELS {
                if at == DeptId::ROOT {
                    break;
                }
                let parent = match crawl::ask(&self.session, &ReadCall::Department(at)).await {
                    Ok(ReadAnswer::Department(facts)) => facts.parent_id,
                    _ => snapshot.last_parent(at),
                };
                let Some(parent) = parent.filter(|parent| *parent != at) else {
                    break;
                };
                is_excluded = self.context.selection.excludes(parent);
                if is_excluded {
                    break;
                }
                at = parent;
            }

            if !is_excluded {
                kept.push(start);
            }
        }
        kept
    }

    /// Whose own record's turn it is: as many as the budget allows for the time since the last turn, an hour's worth at
    /// most.
    async fn round(&self) -> Result<Vec<UserId>, StoreError> {
        let context = self.context;
        let verification = verification::load(&context.store).await?;
        let count = budget(&verification, context.verify_per_hour, self.record().started_at);
        Ok(verification.next(&context.snapshots.current(), count))
    }
}

/// Whether it reads on in the round through all people. So do the timer's full runs, for lists don't say everything,
/// and the round must not wait for them. Whoever asks for a full run gets what it takes and no more.
fn takes_a_turn(run: &SyncRun) -> bool {
    match run.mode {
        RunMode::Reconcile => true,
        RunMode::Full => run.trigger != RunTrigger::Request,
        RunMode::DryRun => false,
    }
}

fn budget(verification: &Verification, per_hour: u32, now: DateTime<Utc>) -> usize {
    let hour = chrono::Duration::hours(1);
    // A turn of the future was taken by a clock that was ahead: nobody knows how long ago.
    let last = verification.turns.last().filter(|turn| turn.at <= now + FUTURE);
    let since = last.map_or(hour, |turn| now - turn.at);
    let seconds = since.clamp(chrono::Duration::zero(), hour).num_seconds();
    usize::try_from(i64::from(per_hour) * seconds / 3_600).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::RoundTurn;

    #[test]
    fn a_fresh_interrupted_run_with_the_same_settings_is_gone_on_with() {
        let now = crate::directory::fixtures::moment();
        let plan = RunPlan {
            outline: Outline::new(Vec::new(), Vec::new()),
            first: AskedAt::default(),
            settings_version: 3,
            rests_until: None,
        };
        let plan = serde_json::to_string(&plan).expect("plain values");
        let mut run = super::super::started(RunTrigger::Timer, RunMode::Full, None, now);
        let resumable = |run: &SyncRun, settings, later| {
            is_resumable(run, Some(&plan), settings, now + chrono::Duration::hours(later))
        };

        assert!(resumable(&run, 3, 23), "its process died");
        assert!(!resumable(&run, 3, 24) && !resumable(&run, 4, 1));
        assert!(!is_resumable(&run, None, 3, now), "it had not begun to read");
        run.state = RunState::Interrupted;
        assert!(resumable(&run, 3, 1));
        run.state = RunState::Failed;
        assert!(!resumable(&run, 3, 1));
    }

    #[test]
    fn a_run_that_found_dingtalk_away_rests_for_a_while_and_can_be_gone_on_with() {
        let now = crate::directory::fixtures::moment();
        let mut plan = RunPlan {
            outline: Outline::new(Vec::new(), Vec::new()),
            first: AskedAt::default(),
            settings_version: 3,
            rests_until: None,
        };

        let text = |plan: &RunPlan| written(plan).expect("plain values");
        assert!(!rests(Some(&text(&plan)), now) && !rests(None, now));
        plan.rests_until = Some(now + REST);
        assert!(rests(Some(&text(&plan)), now) && !rests(Some(&text(&plan)), now + REST));

        let run = super::super::started(RunTrigger::Timer, RunMode::Full, None, now);
        assert!(
            is_resumable(&run, Some(&text(&plan)), 3, now),
            "whoever asks needn't wait"
        );
    }

    #[test]
    fn the_budget_is_what_has_accrued_since_the_last_turn() {
        let now = crate::directory::fixtures::moment();
        let mut verification = Verification::default();
        assert_eq!(budget(&verification, 600, now), 600);
        verification.turns.push(RoundTurn {
            after: String::new(),
            upto: "a".into(),
            at: now - chrono::Duration::minutes(6),
        });
        assert_eq!(budget(&verification, 600, now), 60);
        assert_eq!(budget(&verification, 600, now + chrono::Duration::days(3)), 600);
        assert_eq!(budget(&verification, 600, now - chrono::Duration::days(3)), 600);
    }
}
