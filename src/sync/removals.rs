//! Deciding what becomes of removals that wait for approval.

use std::sync::Arc;

use super::{SyncEngine, catch_up::catch_up};
use crate::{
    directory::{Cause, Decision, DeptId, EntityKind, HeldRemoval, HeldState, Revision, Snapshot, decide},
    store::StoreError,
};

/// Which of the removals that wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waiting {
    /// All of them.
    All,
    /// Those of a department and all below it: the departments, and the people who are in them.
    Subtree(DeptId),
    /// These records.
    Records(Vec<(EntityKind, String)>),
}

/// What a decision came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The removals that it was about, as they had waited.
    pub removals: Vec<HeldRemoval>,
    /// The mirror's revision that it made; `None` where nothing waited.
    pub revision: Option<Revision>,
}

impl Waiting {
    fn names(&self, snapshot: &Snapshot, removal: &HeldRemoval) -> bool {
        match self {
            Self::All => true,
            Self::Records(records) => records
                .iter()
                .any(|(kind, id)| *kind == removal.entity && *id == removal.entity_id),
            Self::Subtree(top) => {
                // The department may be gone already, and its people still wait.
                let is_below = |id: DeptId| snapshot.was_in_subtree(id, *top);
                let is_record_below = match removal.entity {
                    EntityKind::Department => removal.entity_id.parse().is_ok_and(|id| is_below(DeptId(id))),
                    EntityKind::Identity => false,
                    EntityKind::User => snapshot
                        .user(&removal.entity_id)
                        .is_some_and(|user| user.facts.memberships.iter().any(|it| is_below(it.dept_id))),
                };
                is_record_below || removal.department.is_some_and(is_below)
            }
        }
    }
}

impl SyncEngine {
    /// Approves or rejects removals that wait; `who` is on record. Whoever came back meanwhile is left alone.
    pub async fn decide_removals(
        &self,
        waiting: &Waiting,
        decision: Decision,
        who: &str,
    ) -> Result<Decided, StoreError> {
        let inner = &self.0;
        loop {
            catch_up(&inner.store, &inner.snapshots).await?;
            let snapshot: Arc<Snapshot> = inner.snapshots.current();
            let held = inner.store.held_removals().await?;
            let removals: Vec<_> = held
                .into_iter()
                .filter(|it| it.state == HeldState::Pending && waiting.names(&snapshot, it))
                .collect();
            let set = decide(&snapshot, &removals, decision, who, inner.clock.now());
            let applied = inner
                .store
                .apply_on(Some(snapshot.revision()), set, Cause::Decision(who.to_owned()), None)
                .await;
            match applied {
                // A sync came in between: it may have seen some of them again.
                Err(StoreError::VersionConflict { .. }) => {}
                Ok(revision) => {
                    catch_up(&inner.store, &inner.snapshots).await?;
                    return Ok(Decided { removals, revision });
                }
                Err(error) => return Err(error),
            }
        }
    }
}
