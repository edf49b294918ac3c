//! A run's end: what differs is written in one transaction, or, of a dry run, kept to be looked at.

use std::sync::Arc;

use super::{EarlyEnd, Run, apply::Applied};
use crate::{
    catalogue::{Statement, sync as said},
    directory::{Observation, RecordState, RunMode, RunPhase, Snapshot, UserId, UserSource, Verdict, Whole, plan},
    store::StoreError,
    sync::{
        crawl::{Crawled, Strategy},
        verification,
    },
};

impl Run<'_> {
    /// Writes what differs, or keeps what a dry run would write.
    pub(super) async fn write(&mut self, crawled: Crawled) -> Result<(), EarlyEnd> {
        self.report.change(|run| run.phase = RunPhase::Applying);
        // A run that goes on may have recorded some before, which have passed by now.
        if self.record().resumed > 0 || !crawled.errors.kept().is_empty() {
            let errors = crawled.errors.kept();
            self.context
                .store
                .put_entry_errors(self.id(), errors, self.fence())
                .await?;
        }

        let applied = if self.record().mode == RunMode::DryRun {
            self.keep_planned(crawled).await?
        } else {
            self.write_mirror(crawled).await?
        };

        self.report.change(|run| {
            run.revision = applied.revision;
            run.shown_from = applied.shown_from;
            run.counts.departments_changed = applied.departments;
            run.counts.users_changed = applied.users;
            run.counts.removed = applied.removed;
            run.counts.held = applied.held;
        });
        Ok(())
    }

    /// A dry run: what would change is kept to be looked at.
    async fn keep_planned(&self, mut crawled: Crawled) -> Result<Applied, EarlyEnd> {
        let context = self.context;
        let (snapshot, now) = (context.snapshots.current(), context.clock.now());
        // What stays open is nobody's before the mirror is written.
        let mut unsettled = 0;
        let again = self
            .read_once_more(&snapshot, &mut crawled.observed, true, &mut unsettled)
            .await?;
        if again > 0 {
            self.hold(&snapshot, &mut crawled.observed, crawled.is_landslide)
                .await?;
        }

        let observed = crawled.observed;
        let planned = tokio::task::spawn_blocking(move || plan(&snapshot, &observed, now)).await;
        let Ok(set) = planned else {
            return Err(EarlyEnd::Failed(said::RUN_NOT_COMPARED {}.into()));
        };
        let (changes, fence) = (&set.changes, self.fence());
        context.store.keep_planned_changes(self.id(), changes, fence).await?;
        Ok(Applied::of(&set))
    }

    /// Any other run: the mirror is what was observed, and what that verified is noted.
    async fn write_mirror(&mut self, mut crawled: Crawled) -> Result<Applied, EarlyEnd> {
        let mut observed = Arc::new(std::mem::take(&mut crawled.observed));
        let applied = self.apply(&mut observed, crawled.is_landslide).await?;

        let snapshot = self.context.snapshots.current();
        self.look_for_contradictions(&snapshot).await?;
        if applied.unsettled > 0 {
            let count = applied.unsettled;
            self.not_complete(said::SELECTION_UNASKED { count });
        }

        let (outside, unasked) = (&crawled.evidence.out_of_scope_users, &crawled.unasked);
        let is_unheard = |id: &UserId| {
            let is_read = matches!(observed.users.get(id), Some((_, UserSource::Detail)));
            let is_active = snapshot
                .user(id.as_str())
                .is_some_and(|it| it.standing.state == RecordState::Active);
            is_active && !is_read && !observed.user_causes.contains_key(id)
        };
        self.remember_outside(outside, unasked, is_unheard).await?;

        // Behind everything that may take the verdict back: only a COMPLETE run verifies a whole.
        self.note_verified(&crawled, &observed, &snapshot).await?;
        Ok(applied)
    }

    /// Notes when what was asked about last: each record that was read, and the whole where it was.
    async fn note_verified(
        &self,
        crawled: &Crawled,
        observed: &Observation,
        snapshot: &Snapshot,
    ) -> Result<(), StoreError> {
        let run = self.record();
        let (at, is_complete) = (run.started_at, run.verdict == Some(Verdict::Complete));
        verification::update(&self.context.store, self.fence(), |verification| {
            // The seven URLs read everybody in a FULL run only.
            let whole = Whole {
                everybody: is_complete && (crawled.strategy == Strategy::Bulk || run.mode == RunMode::Full),
                departments: is_complete,
            };
            verification.passed(snapshot, observed, at, whole);
            verification.took(&crawled.read_again, snapshot, observed, at);
            if is_complete {
                verification.structure_at = Some(at);
                match (crawled.strategy, run.mode) {
                    (Strategy::Bulk, _) => verification.lists_at = Some(at),
                    (Strategy::SevenUrls, RunMode::Full) => verification.records_at = Some(at),
                    // A reconciliation by the seven URLs reads nobody's list whole, and not everybody's record.
                    _ => {}
                }
            }
        })
        .await
    }

    /// A mirror that contradicts itself is never COMPLETE.
    async fn look_for_contradictions(&mut self, snapshot: &Arc<Snapshot>) -> Result<(), EarlyEnd> {
        let published = snapshot.clone();
        let looked = tokio::task::spawn_blocking(move || published.contradictions()).await;
        let Ok(contradictions) = looked else {
            return Err(EarlyEnd::Failed(said::RUN_NOT_LOOKED_THROUGH {}.into()));
        };

        if let Some(first) = contradictions.first() {
            let more = contradictions.len() - 1;
            let contradiction = first;
            self.not_complete(said::MIRROR_CONTRADICTS_ITSELF { contradiction, more });
        }
        Ok(())
    }

    /// A run of which something is wrong, or open, is never COMPLETE.
    fn not_complete(&mut self, finding: impl Into<Statement>) {
        self.report.change(|run| {
            if run.verdict == Some(Verdict::Complete) {
                run.verdict = Some(Verdict::Partial);
            }
            run.findings.push(finding.into());
        });
    }
}
