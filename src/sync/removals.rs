//! Deciding what becomes of removals that wait for approval.

use chrono::{DateTime, Utc};

use super::{SyncEngine, catch_up::catch_up};
use crate::{
    audit::Author,
    catalogue::Statement,
    directory::{Decision, DeptId, GoneCause, HeldRemoval, HeldState, RecordId, Revision, Snapshot},
    store::StoreError,
};

/// Which of the removals that wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RemovalSelection {
    /// All of them.
    All,
    /// Those of a department and all below it: the departments, and the people who are in them.
    Subtree(DeptId),
    /// These records.
    Records(Vec<RecordId>),
    /// Those of these groups.
    Groups(Vec<ChosenGroup>),
    /// Those of the selection that were held by then: somebody has seen no others.
    HeldUntil(DateTime<Utc>, Box<Self>),
}

/// Which held removals are chosen together: those of one department, and of one cause or of any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChosenGroup {
    /// What they can be decided with; `None`: they stand under no department.
    pub department: Option<DeptId>,
    /// Why the records would be gone; `None`: for whatever cause.
    pub cause: Option<GoneCause>,
}

impl ChosenGroup {
    /// Whether this removal is one of it.
    pub fn has(&self, removal: &HeldRemoval) -> bool {
        let group = removal.group();
        group.department == self.department && self.cause.is_none_or(|cause| cause == group.cause)
    }
}

/// What a decision came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decided {
    /// The removals that were decided, as they had waited; of an approval with the cause that DingTalk says by now.
    pub removals: Vec<HeldRemoval>,
    /// Removals that were to be carried out and weren't: DingTalk has the records again, and so has the mirror.
    pub back: Vec<HeldRemoval>,
    /// Removals that wait on: DingTalk could not be asked about them, or not in time.
    pub remaining: Vec<HeldRemoval>,
    /// Why DingTalk could not be asked about anything; without it, what remains is gone on with in the background.
    pub trouble: Option<Statement>,
    /// The mirror's revision that it made; `None` where nothing waited.
    pub revision: Option<Revision>,
}

impl RemovalSelection {
    fn names(&self, snapshot: &Snapshot, removal: &HeldRemoval) -> bool {
        match self {
            Self::All => true,
            Self::Records(records) => records.contains(&removal.record),
            Self::Groups(groups) => groups.iter().any(|group| group.has(removal)),
            Self::HeldUntil(until, of) => removal.held_at <= *until && of.names(snapshot, removal),
            Self::Subtree(top) => {
                // The department may be gone already, and its people still wait.
                let is_below = |id: DeptId| snapshot.was_in_subtree(id, *top);
                let is_record_below = match &removal.record {
                    RecordId::Department(id) => is_below(*id),
                    RecordId::User(id) => snapshot
                        .user(id.as_str())
                        .is_some_and(|user| user.facts.memberships.iter().any(|it| is_below(it.dept_id))),
                };

                is_record_below || removal.department.is_some_and(is_below)
            }
        }
    }
}

impl SyncEngine {
    /// Approves or rejects removals that wait; `who` is on record. Whoever came back meanwhile is left alone, and
    /// nothing is removed of which DingTalk doesn't say, now, that it is gone.
    pub async fn decide_removals(
        &self,
        waiting: &RemovalSelection,
        decision: Decision,
        who: impl Into<Author>,
    ) -> Result<Decided, StoreError> {
        let who = &who.into();
        let inner = &self.0;
        catch_up(&inner.store, &inner.snapshots).await?;

        let snapshot = inner.snapshots.current();
        let held = inner.store.held_removals().await?;
        let removals: Vec<_> = held
            .into_iter()
            .filter(|it| it.state == HeldState::Pending && waiting.names(&snapshot, it))
            .collect();

        match decision {
            Decision::Approve => self.approve(removals, who).await,
            Decision::Reject => Ok(Decided {
                revision: self.apply_decision(&removals, decision, who).await?,
                removals,
                ..Decided::default()
            }),
        }
    }
}
