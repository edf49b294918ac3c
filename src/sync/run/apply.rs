//! From an observation to the mirror: what others read meanwhile, plan, write in one transaction, publish.

use std::{sync::Arc, time::Duration};

use super::{Run, again::MOST_ROUNDS};
use crate::{
    backoff::Backoff,
    directory::{Cause, ChangeKind, ChangeSet, EntityKind, Observation, Revision, Snapshot, Trace, plan},
    page::PageRequest,
    store::StoreError,
    sync::{catch_up::catch_up, crawl::CrawlError},
};

/// How long to wait for a database that went away under a finished crawl: an hour of calls is worth some minutes.
const AWAY: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(20));
const TRIES: u32 = 10;

/// What was written.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Applied {
    pub(super) revision: Option<Revision>,
    /// The revision that shows what was read: where nothing differed the one that it was compared with.
    pub(super) shown_from: Option<Revision>,
    pub(super) departments: u64,
    pub(super) users: u64,
    pub(super) removed: u64,
    pub(super) held: u64,
    /// Records of which it stayed open whether the settings still select them.
    pub(super) unsettled: usize,
}

impl Applied {
    /// What writing `set` changes.
    pub(super) fn of(set: &ChangeSet) -> Self {
        let of_kind = |kind| set.changes.iter().filter(|it| it.kind == kind).count() as u64;
        Self {
            revision: None,
            shown_from: None,
            departments: set.departments.len() as u64,
            users: set.users.len() as u64,
            removed: of_kind(ChangeKind::Removed),
            held: of_kind(ChangeKind::Held),
            unsettled: 0,
        }
    }
}

/// How one try to apply ended.
enum Tried {
    /// The mirror is what was observed.
    Written,
    /// Others had read some of it meanwhile, and so has the run again.
    ReadAgain,
}

/// What the tries so far came to.
#[derive(Default)]
struct Tries {
    /// Rounds of reading again.
    rounds: u32,
    /// See [`Applied::unsettled`].
    unsettled: usize,
    /// Something may have been read anew since the limits of removals were applied.
    is_unjudged: bool,
    /// A try may write and fail behind that: what it wrote counts, unless a later one finds more in the log.
    applied: Applied,
}

impl Run<'_> {
    /// Writes what differs. A commit whose answer was lost is found by planning anew against what the database then
    /// says.
    pub(super) async fn apply(
        &self,
        observed: &mut Arc<Observation>,
        is_landslide: bool,
    ) -> Result<Applied, CrawlError> {
        let (mut failures, mut tries) = (0, Tries::default());

        loop {
            match self.try_to_apply(observed, is_landslide, &mut tries).await {
                Ok(Tried::Written) => {
                    return Ok(Applied {
                        unsettled: tries.unsettled,
                        ..tries.applied
                    });
                }
                // While they were asked for, others may have been read; and where somebody else's batch came in
                // between, the plan is made anew.
                Ok(Tried::ReadAgain) | Err(CrawlError::Store(StoreError::VersionConflict { .. })) => {}
                Err(CrawlError::Store(error)) if error.may_pass() && failures < TRIES => {
                    tracing::warn!(sync.run_id = %self.id(), failures, %error, "what was read is kept for the database");
                    tokio::select! {
                        () = self.cancelled.cancelled() => return Err(error.into()),
                        () = tokio::time::sleep(AWAY.delay(failures)) => failures += 1,
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn try_to_apply(
        &self,
        observed: &mut Arc<Observation>,
        is_landslide: bool,
        tries: &mut Tries,
    ) -> Result<Tried, CrawlError> {
        let context = self.context;
        catch_up(&context.store, &context.snapshots).await?;
        let snapshot = context.snapshots.current();

        let seen = Arc::make_mut(observed);
        let may_ask = tries.rounds < MOST_ROUNDS;
        // What is read anew changes who would leave, and so what has to wait: also where this try ends before that is
        // judged, and the next one finds nothing more to read.
        let was_unjudged = std::mem::replace(&mut tries.is_unjudged, true);
        let again = self
            .read_once_more(&snapshot, seen, may_ask, &mut tries.unsettled)
            .await?;
        if again > 0 {
            tries.rounds += 1;
        }
        if again > 0 || was_unjudged {
            self.hold(&snapshot, seen, is_landslide).await?;
        }
        tries.is_unjudged = false;

        if again > 0 {
            tracing::debug!(sync.run_id = %self.id(), again, "others read these records meanwhile");
            return Ok(Tried::ReadAgain);
        }

        self.write_differences(&snapshot, observed, &mut tries.applied).await?;
        Ok(Tried::Written)
    }

    /// Plans against `snapshot` and writes in one transaction.
    async fn write_differences(
        &self,
        snapshot: &Arc<Snapshot>,
        observed: &Arc<Observation>,
        applied: &mut Applied,
    ) -> Result<(), StoreError> {
        let (context, run) = (self.context, self.id());
        let (mirror, seen, now) = (snapshot.clone(), observed.clone(), context.clock.now());
        // A hundred thousand comparisons: not on a thread that answers requests.
        let set = tokio::task::spawn_blocking(move || plan(&mirror, &seen, now))
            .await
            .map_err(|_| StoreError::Corrupt("what the crawl read could not be compared with the mirror".into()))?;

        let (is_empty, base) = (set.is_empty(), Some(snapshot.revision()));
        let (planned, cause, asked) = (
            Applied::of(&set),
            Cause::Run(run),
            observed.asked.clone().unwrap_or_default(),
        );
        let read = Some((&asked, &Trace::Run(run)));
        let revision = context
            .store
            .apply_read(base, set, cause, Some(self.fence()), read)
            .await?;

        if is_empty {
            // The commit may have arrived although its answer didn't, or although the process died: then the log has
            // it.
            if let Some(written) = self.written_before().await? {
                *applied = written;
            }
            applied.shown_from = base;
            return Ok(());
        }

        *applied = planned;
        (applied.revision, applied.shown_from) = (revision, revision);
        catch_up(&context.store, &context.snapshots).await?;
        Ok(())
    }

    /// What this run wrote already, by the log.
    async fn written_before(&self) -> Result<Option<Applied>, StoreError> {
        let mut applied: Option<Applied> = None;
        let mut after = None;

        loop {
            let page = PageRequest::new(500, after);
            let page = self.context.store.changes_of_run(self.id(), page).await?;
            for logged in &page.items {
                let applied = applied.get_or_insert_default();
                applied.revision = Some(logged.revision);
                match logged.change.entity.kind() {
                    EntityKind::Department => applied.departments += 1,
                    EntityKind::User => applied.users += 1,
                    EntityKind::Identity => {}
                }
                applied.removed += u64::from(logged.change.kind == ChangeKind::Removed);
                applied.held += u64::from(logged.change.kind == ChangeKind::Held);
            }

            after = page.items.last().map(|logged| logged.seq);
            if !page.has_next {
                return Ok(applied);
            }
        }
    }
}
