//! Reading single records now: for events, and for callers who want to know at once.

mod read;

use std::{collections::BTreeSet, sync::Arc};

use self::read::read;
use super::{catch_up::catch_up, crawl::Answers};
use crate::{
    clock::Clock,
    dingtalk::Error,
    directory::{
        Cause, DepartmentSelection, DeptId, HeldState, Observation, RecordState, RemovalLimits, Removals, Revision,
        Snapshot, SnapshotHandle, UserFacts, UserId, plan,
    },
    store::{Lease, Store, StoreError},
};

/// Within this time, removals one by one count as one: a thousand leave events are a landslide, too.
const LATELY: chrono::Duration = chrono::Duration::hours(1);

/// Records to read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) departments: BTreeSet<DeptId>,
    pub(super) users: BTreeSet<UserId>,
}

/// What reading came to.
#[derive(Debug, Default)]
pub(super) struct Refreshed {
    /// The revision that it made; `None` where nothing differed.
    pub(super) revision: Option<Revision>,
    /// Records that DingTalk did not tell about, with the reason: outside the scope, or out of luck.
    pub(super) untold: Vec<(Subject, Error)>,
    /// Whether removals of it wait for approval.
    pub(super) held: bool,
}

/// One record.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Subject {
    Department(DeptId),
    User(UserId),
}

/// What refreshing works with.
pub(super) struct Refresher<'a, D> {
    pub(super) dingtalk: &'a D,
    pub(super) store: &'a Store,
    pub(super) snapshots: &'a SnapshotHandle,
    pub(super) clock: &'a Clock,
    pub(super) limits: RemovalLimits,
    pub(super) selection: DepartmentSelection,
    pub(super) width: usize,
}

impl<D: Answers> Refresher<'_, D> {
    /// Reads what is wanted and what it leads to (departments that nobody knew, the people of a removed department), and
    /// applies what differs. Nothing is removed but what DingTalk says is gone.
    pub(super) async fn refresh(
        &self,
        wanted: Wanted,
        cause: Cause,
        fence: Option<&Lease>,
    ) -> Result<Refreshed, RefreshError> {
        catch_up(self.store, self.snapshots).await?;
        let snapshot = self.snapshots.current();
        let (mut observed, untold) = read(self.dingtalk, &snapshot, wanted, self.width).await?;
        keep_selected(&mut observed, &snapshot, &self.selection);
        let mut refreshed = Refreshed {
            untold,
            ..Refreshed::default()
        };
        loop {
            catch_up(self.store, self.snapshots).await?;
            let snapshot = self.snapshots.current();
            let mut observed = observed.clone();
            self.hold(&mut observed).await?;
            refreshed.held = !observed.holds.is_empty();
            let set = plan(&snapshot, &observed, self.clock.now());
            let base = Some(snapshot.revision());
            match self.store.apply_on(base, set, cause.clone(), fence).await {
                // A run's batch came in between.
                Err(StoreError::VersionConflict { .. }) => {}
                Ok(revision) => {
                    refreshed.revision = revision;
                    catch_up(self.store, self.snapshots).await?;
                    return Ok(refreshed);
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn hold(&self, observed: &mut Observation) -> Result<(), StoreError> {
        observed.removals = Removals::Confirmed;
        if observed.user_causes.is_empty() && observed.department_causes.is_empty() {
            return Ok(());
        }
        // What somebody decided to keep is kept until it is seen again.
        for removal in self.store.held_removals().await? {
            if removal.state == HeldState::Rejected {
                observed.user_causes.remove(removal.entity_id.as_str());
                if let Ok(id) = removal.entity_id.parse() {
                    observed.department_causes.remove(&DeptId(id));
                }
            }
        }
        let snapshot = self.snapshots.current();
        let users: BTreeSet<UserId> = observed
            .user_causes
            .keys()
            .filter(|id| {
                snapshot
                    .user(id.as_str())
                    .is_some_and(|it| it.standing.state == RecordState::Active)
            })
            .cloned()
            .collect();
        let departments: BTreeSet<DeptId> = observed
            .department_causes
            .keys()
            .filter(|id| {
                snapshot
                    .department(**id)
                    .is_some_and(|it| it.standing.state == RecordState::Active)
            })
            .copied()
            .collect();
        if users.is_empty() && departments.is_empty() {
            return Ok(());
        }
        let lately = self.store.users_removed_since(self.clock.now() - LATELY).await?;
        observed.holds = self.limits.hold(&snapshot, &departments, &users, lately);
        Ok(())
    }
}

/// What the settings leave out is read for nothing: an event names whoever it names.
fn keep_selected(observed: &mut Observation, snapshot: &Snapshot, selection: &DepartmentSelection) {
    if selection.is_everything() {
        return;
    }
    let departments = &observed.departments;
    let parent = |id: DeptId| match departments.get(&id) {
        Some((facts, _)) => facts.parent_id,
        None => snapshot.department(id).and_then(|it| it.facts.parent_id),
    };
    // A circle of parents has an end, too.
    let is_selected =
        |id: DeptId| selection.selects(std::iter::successors(Some(id), |id| parent(*id)).take(MOST_LEVELS));
    let left_out: Vec<DeptId> = departments.keys().copied().filter(|id| !is_selected(*id)).collect();
    let is_in =
        |facts: &UserFacts| facts.memberships.is_empty() || facts.memberships.iter().any(|it| is_selected(it.dept_id));
    let outside: Vec<UserId> = observed
        .users
        .iter()
        .filter(|(_, (facts, _))| !is_in(facts))
        .map(|(id, _)| id.clone())
        .collect();
    for id in left_out {
        observed.departments.remove(&id);
    }
    for id in outside {
        observed.users.remove(&id);
    }
}

/// Deeper than any company's tree.
const MOST_LEVELS: usize = 200;

/// Why nothing could be refreshed.
#[derive(Debug, thiserror::Error)]
pub(super) enum RefreshError {
    /// DingTalk refuses everything, or can't be reached.
    #[error(transparent)]
    DingTalk(Error),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Shared by the tasks that read.
pub(super) type SharedSnapshot = Arc<crate::directory::Snapshot>;
