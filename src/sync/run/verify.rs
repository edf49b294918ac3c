//! What a crawl is worth, with everything that is missing asked about before anything is removed.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use super::{EarlyEnd, Run};
use crate::{
    catalogue::sync::{ABSENT_UNASKED, REMOVALS_WAIT, RUN_NOT_JUDGED},
    directory::{
        Absence, GoneCause, HeldState, Judgement, LATELY, Observation, RecordId, Removals, RunMode, Snapshot, Verdict,
        absence, fallout, judge,
    },
    settings::Api,
    store::StoreError,
    sync::crawl::{Confirmation, Crawled, Journal},
};

/// So many missing records are asked about in any run.
const FEWEST_ASKED: usize = 1_000;

/// What a crawl is worth, and what it did not come across.
struct Judged {
    judgement: Judgement,
    absent: Absence,
}

impl Run<'_> {
    /// Judges the crawl, asks about what is missing, and holds what may not go by itself. The verdict is the run's.
    pub(super) async fn verify(&mut self, journal: &mut Journal, crawled: &mut Crawled) -> Result<(), EarlyEnd> {
        let context = self.context;
        let snapshot = context.snapshots.current();
        let seen_again = self.keep_rejected(crawled).await?;
        // A dry run writes nothing.
        if self.record().mode != RunMode::DryRun {
            context.store.forget_rejected(&seen_again, self.fence()).await?;
        }

        let Judged {
            mut judgement,
            mut absent,
        } = self.judge(&snapshot, crawled).await?;
        judgement.evidence.home_school_departments = crawled.home_school_skipped;
        let (users, departments) = (absent.users.len() as u64, absent.departments.len() as u64);
        judgement.evidence.absent = users + departments;
        judgement.evidence.absent_users = Some(users);
        judgement.evidence.absent_departments = Some(departments);
        judgement.evidence.confirmed_gone_users = Some(0);
        judgement.evidence.confirmed_gone_departments = Some(0);
        if !absent.is_empty() {
            absent.listed_outside = self.remembered_outside().await?;
        }

        let absent = self.within_budget(absent, &mut judgement);
        self.expect_more([
            (Api::UserGet, absent.users.len() as u64),
            (Api::DepartmentGet, absent.departments.len() as u64),
        ]);
        if !absent.is_empty() {
            let confirmation = Confirmation {
                dingtalk: &self.session,
                width: context.bounds.width,
                journal,
                cancelled: self.cancelled,
            };
            confirmation.confirm(absent, crawled, &mut judgement).await?;
        }
        self.expect_more([]);

        // Somebody of a department that was not read may be in one that is selected.
        if !judgement.is_landslide && crawled.evidence.unreadable.is_empty() {
            leave_out(crawled);
        }
        keep(crawled);

        // Whatever the crawl is worth: of each that is removed DingTalk was asked by its id.
        crawled.observed.removals = Removals::Confirmed;
        self.hold(&snapshot, &mut crawled.observed, judgement.is_landslide)
            .await?;
        for reason in &crawled.observed.holds.reasons {
            judgement.note(REMOVALS_WAIT { why: reason });
        }

        crawled.is_landslide = judgement.is_landslide;
        self.report.change(|run| {
            run.verdict = Some(judgement.verdict);
            run.findings = judgement.findings;
            run.findings.append(&mut crawled.notes);
            run.evidence = Some(judgement.evidence);
            run.counts.entry_errors = crawled.errors.count();
        });
        Ok(())
    }

    /// Compares what was crawled with the mirror; what the settings leave out becomes part of the evidence.
    async fn judge(&self, snapshot: &Arc<Snapshot>, crawled: &mut Crawled) -> Result<Judged, EarlyEnd> {
        let (observed, evidence) = (
            std::mem::take(&mut crawled.observed),
            std::mem::take(&mut crawled.evidence),
        );
        let selection = self.context.selection.clone();
        // A hundred thousand people from both sides: not on a thread that answers requests.
        let judged = tokio::task::spawn_blocking({
            let snapshot = snapshot.clone();
            move || {
                let mut evidence = evidence;
                let left_out = fallout(&snapshot, &selection);
                evidence.deselected_departments = left_out.departments.into_iter().collect();
                evidence.deselected_users = left_out.users.into_iter().collect();
                let judgement = judge(&snapshot, &observed, &evidence);

                let mut absent = absence(&snapshot, &observed, &evidence.unread);
                // Where a list was not read, somebody whom the mirror has in what is left out may have been moved:
                // each is asked for.
                let asks_all = !evidence.unreadable.is_empty() && !judgement.is_landslide;
                if !asks_all {
                    let (departments, users) = (&evidence.deselected_departments, &evidence.deselected_users);
                    absent.departments.retain(|id| !departments.contains(id));
                    absent.users.retain(|id| !users.contains(id));
                }
                absent.departments.retain(|id| !evidence.kept_departments.contains(id));
                absent.users.retain(|id| !evidence.kept_users.contains(id));
                (observed, evidence, Judged { judgement, absent })
            }
        });
        let Ok((observed, evidence, judged)) = judged.await else {
            return Err(EarlyEnd::Failed(RUN_NOT_JUDGED {}.into()));
        };

        (crawled.observed, crawled.evidence) = (observed, evidence);
        Ok(judged)
    }

    /// Records that somebody decided to keep need not be seen; once one is, the decision has served: those are the
    /// answer.
    async fn keep_rejected(&self, crawled: &mut Crawled) -> Result<Vec<RecordId>, EarlyEnd> {
        let held = self.context.store.held_removals().await?;
        let (observed, evidence) = (&crawled.observed, &mut crawled.evidence);
        let mut seen = Vec::new();

        for removal in held.into_iter().filter(|it| it.state == HeldState::Rejected) {
            let is_seen = match &removal.record {
                RecordId::Department(id) => {
                    let is_seen = observed.departments.contains_key(id);
                    if !is_seen {
                        evidence.kept_departments.insert(*id);
                    }
                    is_seen
                }
                RecordId::User(id) => {
                    let is_seen = observed.has_user(id.as_str());
                    if !is_seen {
                        evidence.kept_users.insert(id.clone());
                    }
                    is_seen
                }
            };
            if is_seen {
                seen.push(removal.record);
            }
        }

        Ok(seen)
    }

    /// Where a crawl isn't complete, whatever it did not come across may be a whole subtree that is there: no more of
    /// it is asked for than the budget of rereading allows, by chance, so that everybody's turn comes.
    fn within_budget(&self, mut absent: Absence, judgement: &mut Judgement) -> Absence {
        let most = usize::try_from(self.context.verify_per_hour)
            .unwrap_or(usize::MAX)
            .max(FEWEST_ASKED);
        let count = absent.users.len() + absent.departments.len();
        if judgement.verdict == Verdict::Complete || count <= most {
            return absent;
        }

        // Another order in each run, and the same one where a run is gone on with.
        let run = self.id();
        let chance = |id: &str| {
            let mut hasher = DefaultHasher::new();
            run.hash(&mut hasher);
            id.hash(&mut hasher);
            hasher.finish()
        };

        absent.departments.sort_by_cached_key(|id| chance(&id.to_string()));
        absent.users.sort_by_cached_key(|id| chance(id.as_str()));
        absent.departments.truncate(most);
        absent.users.truncate(most - absent.departments.len());

        let unasked = count - absent.users.len() - absent.departments.len();
        judgement.note(ABSENT_UNASKED { count: unasked });
        absent
    }

    /// More than may go by itself waits for a person; everything else goes on. In a landslide all of it waits.
    /// What others removed of late counts.
    pub(super) async fn hold(
        &self,
        snapshot: &Arc<Snapshot>,
        observed: &mut Observation,
        is_landslide: bool,
    ) -> Result<(), StoreError> {
        let (limits, store, clock) = (self.context.limits, &self.context.store, &self.context.clock);
        let lately = store.removed_since(clock.now() - LATELY).await?;
        let (departments, users) = observed.leaving(snapshot);
        observed.holds = if is_landslide {
            limits.hold_all(snapshot, &departments, &users)
        } else {
            limits.hold(snapshot, &departments, &users, &lately)
        };
        Ok(())
    }
}

/// What the settings leave out is out of scope, whether DingTalk still has it or not: nobody is asked.
fn leave_out(crawled: &mut Crawled) {
    let (evidence, observed) = (&crawled.evidence, &mut crawled.observed);
    let departments = evidence.deselected_departments.iter();
    observed
        .department_causes
        .extend(departments.map(|id| (*id, GoneCause::OutOfScope)));
    let users = evidence.deselected_users.iter().cloned();
    observed.user_causes.extend(users.map(|id| (id, GoneCause::OutOfScope)));
}

/// What somebody decided to keep is kept, whatever says that it is gone: DingTalk, or what the settings leave out.
fn keep(crawled: &mut Crawled) {
    let (evidence, observed) = (&crawled.evidence, &mut crawled.observed);
    observed
        .department_causes
        .retain(|id, _| !evidence.kept_departments.contains(id));
    observed.user_causes.retain(|id, _| !evidence.kept_users.contains(id));
}
