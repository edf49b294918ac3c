//! Linking by hand: plan against the newest links, write by compare-and-set, put in force.

use std::sync::Arc;

use uuid::Uuid;

use crate::{
    audit::Author,
    clock::Clock,
    directory::SnapshotHandle,
    identity::{Identities, IdentityLink, ImportPlan, LinkChange, LinkPlan, LinkRequest, Linker, Links, read_links},
    problem::Problem,
    store::{Store, StoreError},
};

/// Somebody else may change links at the same moment; nobody is outrun this often.
const ATTEMPTS: usize = 8;

/// Changes links by hand, for every replica. Cheap to clone.
#[derive(Clone)]
pub struct Linking {
    store: Store,
    snapshots: SnapshotHandle,
    identities: Identities,
    clock: Clock,
}

/// Why no link was changed.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// What is wrong with the request.
    #[error("{}", .0.message)]
    Problem(Problem),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Problem> for LinkError {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl Linking {
    /// `identities` is what this process reads; the other replicas follow the database.
    pub fn new(store: Store, snapshots: SnapshotHandle, identities: Identities, clock: Clock) -> Self {
        Self {
            store,
            snapshots,
            identities,
            clock,
        }
    }

    /// Links a Confluence user with a DingTalk user, in the name of `by`, who may read links or not. A link that says
    /// the same already takes no history.
    pub async fn link(&self, request: LinkRequest, by: &Author, reads: bool) -> Result<IdentityLink, LinkError> {
        let linker = linker(by, reads);
        self.attempt(by, |links| {
            let snapshot = self.snapshots.current();
            Ok(
                match links.plan(&snapshot, request.clone(), linker, self.clock.now())? {
                    LinkPlan::Change(change) => (change.link.clone(), vec![change]),
                    LinkPlan::Unchanged(link) => (link, Vec::new()),
                },
            )
        })
        .await
    }

    /// Takes a link away, and gives it as it stood.
    pub async fn unlink(
        &self,
        id: Uuid,
        reason: Option<String>,
        by: &Author,
        reads: bool,
    ) -> Result<IdentityLink, LinkError> {
        let linker = linker(by, reads);
        self.attempt(by, |links| {
            let change = links.plan_removal(id, reason.clone(), linker, self.clock.now())?;
            Ok((change.link.clone(), vec![change]))
        })
        .await
    }

    /// Reads a CSV file of links: all of it, or with a mistake in any line nothing. `dry_run` writes nothing either
    /// way.
    pub async fn import(
        &self,
        csv: &str,
        replace: bool,
        dry_run: bool,
        by: &Author,
        reads: bool,
    ) -> Result<ImportPlan, LinkError> {
        let linker = linker(by, reads);
        let file = read_links(csv, replace)?;

        self.attempt(by, |links| {
            let plan = ImportPlan::make(links, &self.snapshots.current(), &file, linker, self.clock.now());
            let changes = if dry_run { Vec::new() } else { plan.changes.clone() };
            Ok((plan, changes))
        })
        .await
    }

    /// Plans against the newest links and writes; where somebody was quicker, once more against theirs.
    async fn attempt<T>(
        &self,
        by: &Author,
        plan: impl Fn(&Links) -> Result<(T, Vec<LinkChange>), Problem>,
    ) -> Result<T, LinkError> {
        for _ in 0..ATTEMPTS {
            let links = self.newest().await?;
            let (made, changes) = plan(&links)?;
            if changes.is_empty() {
                return Ok(made);
            }

            match self.store.change_links(links.version(), &changes, by).await {
                Ok(version) => {
                    let changed = Links::clone(&links).changed(version, &changes);
                    self.identities.links.publish(changed);
                    return Ok(made);
                }
                Err(StoreError::VersionConflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Unavailable.into())
    }

    /// The links that stand in the database: another replica may have made, a moment ago, the one that is asked for.
    async fn newest(&self) -> Result<Arc<Links>, StoreError> {
        let present = self.store.identity_versions().await?.links;
        if present > self.identities.links.current().version() {
            self.identities.links.publish(self.store.load_links().await?);
        }
        Ok(self.identities.links.current())
    }
}

fn linker(by: &Author, reads: bool) -> Linker<'_> {
    Linker {
        name: &by.subject,
        reads,
    }
}
