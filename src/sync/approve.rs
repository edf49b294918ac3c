//! Carrying approved removals out: what DingTalk said when they were held may be over, so each record is asked for
//! again first.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use tokio::time::Instant;

use super::{
    SyncEngine,
    catch_up::catch_up,
    crawl::ReadFailure,
    refresh::{RefreshError, Refreshed},
    removals::Decided,
};
use crate::{
    audit::{AuditAction, Author, Deed},
    dingtalk::Connection,
    directory::{
        Cause, ChangeSet, Decision, DepartmentSelection, DeptId, GoneCause, HeldRemoval, RecordId, RecordState,
        Snapshot, UserId, decide, fallout,
    },
    store::StoreError,
};

/// Whoever approves is answered after so long; what is left by then goes on in the background.
const ANSWERED_WITHIN: Duration = Duration::from_secs(10);
/// Records asked for before what was said of them is applied: it must not be old by then.
const BATCH: usize = 50;

/// What the answers say of one removal.
enum RemovalCheck {
    /// DingTalk, or what the settings leave out, says that it is gone, and why.
    Gone(GoneCause),
    /// It is there again.
    Back,
    /// DingTalk could not be asked.
    Unasked,
}

impl SyncEngine {
    /// Approves these removals. What can't be done in time is done in the background, for as long as this process
    /// lives.
    pub(super) async fn approve(&self, removals: Vec<HeldRemoval>, who: &Author) -> Result<Decided, StoreError> {
        let deadline = Instant::now() + ANSWERED_WITHIN;
        let decided = self.approve_until(removals, who, Some(deadline)).await?;
        if decided.trouble.is_none() && !decided.remaining.is_empty() {
            let (engine, who, rest) = (self.clone(), who.clone(), decided.remaining.clone());
            self.0.runs.spawn(async move {
                let ended = tokio::select! {
                    () = engine.0.stopping.cancelled() => return,
                    ended = engine.approve_until(rest, &who, None) => ended,
                };
                match ended {
                    Ok(decided) => tracing::info!(
                        decided = decided.removals.len(),
                        back = decided.back.len(),
                        remaining = decided.remaining.len(),
                        trouble = decided.trouble.as_ref().map(ToString::to_string),
                        "approved removals were carried out"
                    ),
                    Err(error) => tracing::warn!(%error, "approved removals wait on"),
                }
            });
        }

        Ok(decided)
    }

    async fn approve_until(
        &self,
        removals: Vec<HeldRemoval>,
        who: &Author,
        deadline: Option<Instant>,
    ) -> Result<Decided, StoreError> {
        let selection = super::engine::selection(&self.0.settings.current());
        let mut approval = Approval {
            engine: self,
            who,
            deadline,
            left_out: LeftOut::of(&self.0.snapshots.current(), &selection),
            decided: Decided::default(),
        };

        // People first: a department goes when nobody is known to wait in it.
        let (departments, people): (Vec<_>, Vec<_>) =
            removals.into_iter().partition(|it| it.record.department().is_some());
        for batch in people.chunks(BATCH) {
            approval.approve(batch).await?;
        }

        let occupied = occupied(&self.0.snapshots.current(), &approval.decided.remaining);
        let (waiting, empty): (Vec<_>, Vec<_>) = departments
            .into_iter()
            .partition(|it| it.record.department().is_some_and(|id| occupied.contains(&id)));
        approval.decided.remaining.extend(waiting);
        for batch in empty.chunks(BATCH) {
            approval.approve(batch).await?;
        }

        Ok(approval.decided)
    }

    /// Carries a decision out on those that still wait.
    pub(super) async fn apply_decision(
        &self,
        removals: &[HeldRemoval],
        decision: Decision,
        who: &Author,
    ) -> Result<Option<crate::directory::Revision>, StoreError> {
        let inner = &self.0;

        loop {
            let snapshot = inner.snapshots.current();
            let set = decide(&snapshot, removals, decision, &who.subject, inner.clock.now());
            let deed = deed(decision, &set, who);
            let cause = Cause::Decision(who.subject.clone());

            match inner.store.apply_decided(snapshot.revision(), set, cause, &deed).await {
                // A sync came in between: it may have seen some of them again.
                Err(StoreError::VersionConflict { .. }) => drop(catch_up(&inner.store, &inner.snapshots).await?),
                Ok(revision) => {
                    catch_up(&inner.store, &inner.snapshots).await?;
                    return Ok(revision);
                }
                Err(error) => return Err(error),
            }
        }
    }
}

/// How many of whom; who they are, the change feed tells.
fn deed(decision: Decision, set: &ChangeSet, who: &Author) -> Deed {
    let action = match decision {
        Decision::Approve => AuditAction::RemovalsApproved,
        Decision::Reject => AuditAction::RemovalsRejected,
    };
    Deed::new(action, who)
        .with("departments", set.departments.len())
        .with("users", set.users.len())
}

/// An approval under way.
struct Approval<'a> {
    engine: &'a SyncEngine,
    /// Who approves.
    who: &'a Author,
    /// Nobody is asked for any more after it.
    deadline: Option<Instant>,
    left_out: LeftOut,
    /// What it came to so far.
    decided: Decided,
}

impl Approval<'_> {
    /// Asks for these records, and carries the removals out of those that are gone.
    async fn approve(&mut self, batch: &[HeldRemoval]) -> Result<(), StoreError> {
        let mut gone = Vec::new();
        let asked = batch.iter().filter(|removal| !self.left_out.has(removal));
        let asked: BTreeSet<RecordId> = asked.map(|removal| removal.record.clone()).collect();
        let is_late = || self.deadline.is_some_and(|deadline| Instant::now() >= deadline);
        let answers = if asked.is_empty() {
            Some(Refreshed::default())
        } else if self.decided.trouble.is_some() || is_late() {
            None
        } else {
            self.ask_for(asked).await?
        };

        let snapshot = self.engine.0.snapshots.current();
        for removal in batch {
            let check = match &answers {
                _ if self.left_out.has(removal) => RemovalCheck::Gone(GoneCause::OutOfScope),
                Some(answers) => check(&snapshot, removal, answers),
                None => RemovalCheck::Unasked,
            };
            match check {
                RemovalCheck::Gone(cause) => gone.push(HeldRemoval {
                    cause,
                    ..removal.clone()
                }),
                RemovalCheck::Back => self.decided.back.push(removal.clone()),
                RemovalCheck::Unasked => self.decided.remaining.push(removal.clone()),
            }
        }

        let applied = self.engine.apply_decision(&gone, Decision::Approve, self.who);
        if let Some(revision) = applied.await? {
            self.decided.revision = Some(revision);
        }
        self.decided.removals.extend(gone);
        Ok(())
    }

    /// Reads these records; whoever is back is in the mirror again thereby. `None`: DingTalk could not be asked in
    /// time, or not at all.
    async fn ask_for(&mut self, records: BTreeSet<RecordId>) -> Result<Option<Refreshed>, StoreError> {
        let inner = &self.engine.0;
        let settings = inner.settings.current();
        let connection = match Connection::from_settings(&settings) {
            Ok(connection) => connection,
            Err(missing) => {
                self.decided.trouble = Some(settings.incomplete(&missing));
                return Ok(None);
            }
        };

        let session = inner.client.with(Arc::new(connection));
        let refresher = self.engine.refresher(&session, &settings, None);
        let refresh = refresher.refresh(records, Cause::Decision(self.who.subject.clone()), None);
        let answered = match self.deadline {
            Some(deadline) => match tokio::time::timeout_at(deadline, refresh).await {
                Ok(answered) => answered,
                Err(_) => return Ok(None),
            },
            None => refresh.await,
        };

        match answered {
            Ok(refreshed) => {
                self.decided.revision = refreshed.revision.or(self.decided.revision);
                Ok(Some(refreshed))
            }
            Err(RefreshError::DingTalk(error)) => {
                self.decided.trouble = Some(error.message);
                Ok(None)
            }
            Err(RefreshError::Store(error)) => Err(error),
        }
    }
}

/// What the settings leave out is out of the mirror's scope, whether DingTalk still has it or not: nobody is asked.
struct LeftOut {
    departments: BTreeSet<DeptId>,
    users: BTreeSet<UserId>,
}

impl LeftOut {
    fn of(snapshot: &Snapshot, selection: &DepartmentSelection) -> Self {
        let fallout = fallout(snapshot, selection);
        Self {
            departments: fallout.departments.into_iter().collect(),
            users: fallout.users.into_iter().collect(),
        }
    }

    fn has(&self, removal: &HeldRemoval) -> bool {
        match &removal.record {
            RecordId::Department(id) => self.departments.contains(id),
            RecordId::User(id) => self.users.contains(id),
        }
    }
}

/// What the answers say of one removal.
fn check(snapshot: &Snapshot, removal: &HeldRemoval, answers: &Refreshed) -> RemovalCheck {
    let record = &removal.record;
    if answers.gone.contains(record) {
        return RemovalCheck::Gone(match record {
            RecordId::Department(_) => GoneCause::DepartmentRemoved,
            RecordId::User(_) => GoneCause::Left,
        });
    }
    if let Some((_, error)) = answers.untold.iter().find(|(untold, _)| untold == record) {
        return match ReadFailure::of(error) == ReadFailure::OutOfScope {
            true => RemovalCheck::Gone(GoneCause::OutOfScope),
            false => RemovalCheck::Unasked,
        };
    }

    let state = match record {
        RecordId::Department(id) => snapshot.department(*id).map(|it| it.standing.state),
        RecordId::User(id) => snapshot.user(id.as_str()).map(|it| it.standing.state),
    };
    match state {
        // Where a department didn't answer, nobody knows whether it is selected.
        Some(RecordState::Held) if is_a_department_unknown(answers) => RemovalCheck::Unasked,
        // It was read, and is not in the mirror again: it stands where the settings leave everything out.
        Some(RecordState::Held) => RemovalCheck::Gone(GoneCause::OutOfScope),
        _ => RemovalCheck::Back,
    }
}

/// Whether one did not answer that may be anywhere: those outside the scope are nowhere that is mirrored.
fn is_a_department_unknown(answers: &Refreshed) -> bool {
    let untold = answers.untold.iter();
    let mut departments = untold.filter(|(record, _)| record.department().is_some());
    departments.any(|(_, error)| ReadFailure::of(error) != ReadFailure::OutOfScope)
}

/// Departments that people stand in who wait on, and those above.
fn occupied(snapshot: &Snapshot, remaining: &[HeldRemoval]) -> BTreeSet<DeptId> {
    let people = remaining.iter().filter_map(|it| it.record.user());
    let people = people.filter_map(|id| snapshot.user(id.as_str()));
    let places = people.flat_map(|user| user.facts.memberships.iter().map(|it| it.dept_id));
    places
        .flat_map(|id| std::iter::once(id).chain(snapshot.ancestors(id)))
        .collect()
}
