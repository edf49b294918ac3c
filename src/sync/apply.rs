//! From an observation to the mirror: what others read meanwhile, plan, write in one transaction, publish.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    catch_up::catch_up,
    crawl::CrawlError,
    run::{Again, MOST_ROUNDS, Tools, newest},
};
use crate::{
    backoff::Backoff,
    dingtalk::Session,
    directory::{
        Cause, ChangeKind, ChangeSet, EntityKind, LATELY, Observation, RemovedLately, Revision, Snapshot, Trace, plan,
    },
    page::PageRequest,
    store::{Lease, StoreError},
};

/// How long to wait for a database that went away under a finished crawl: an hour of calls is worth some minutes.
const AWAY: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(20));
const TRIES: u32 = 10;

/// What was written.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Applied {
    pub(super) revision: Option<Revision>,
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
            departments: set.departments.len() as u64,
            users: set.users.len() as u64,
            removed: of_kind(ChangeKind::Removed),
            held: of_kind(ChangeKind::Held),
            unsettled: 0,
        }
    }
}

/// Writes what differs. A commit whose answer was lost is found by planning anew against what the database then says.
pub(super) async fn apply(
    tools: &Tools,
    run: Uuid,
    session: &Session,
    observed: &mut Arc<Observation>,
    hold: impl Fn(&Arc<Snapshot>, &mut Observation, &RemovedLately),
    fence: &Lease,
    cancelled: &CancellationToken,
) -> Result<Applied, CrawlError> {
    let (mut failures, mut rounds, mut unsettled) = (0, 0, 0);
    let mut applied = Applied::default();

    loop {
        // Where somebody else's batch comes in between, the plan is made anew.
        let tried = async {
            catch_up(&tools.store, &tools.snapshots).await?;
            let snapshot = tools.snapshots.current();
            let seen = Arc::make_mut(observed);
            let Again {
                records: again,
                unsettled: open,
            } = newest(tools, session, &snapshot, seen, rounds < MOST_ROUNDS, cancelled).await?;
            if again > 0 {
                unsettled += open;
                rounds += 1;
                tracing::debug!(sync.run_id = %run, again, "others read these records meanwhile");
                let lately = tools.store.removed_since(tools.clock.now() - LATELY).await?;
                hold(&snapshot, seen, &lately);
                // While they were asked for, others may have been read.
                return Ok(false);
            }

            once(tools, run, &snapshot, observed, fence, &mut applied).await?;
            Ok(true)
        };

        match tried.await {
            Ok(true) => return Ok(Applied { unsettled, ..applied }),
            Ok(false) | Err(CrawlError::Store(StoreError::VersionConflict { .. })) => {}
            Err(CrawlError::Store(error)) if error.may_pass() && failures < TRIES => {
                tracing::warn!(sync.run_id = %run, failures, %error, "what was read is kept for the database");
                tokio::select! {
                    () = cancelled.cancelled() => return Err(error.into()),
                    () = tokio::time::sleep(AWAY.delay(failures)) => failures += 1,
                }
            }
            Err(error) => return Err(error),
        }
    }
}

async fn once(
    tools: &Tools,
    run: Uuid,
    snapshot: &Arc<Snapshot>,
    observed: &Arc<Observation>,
    fence: &Lease,
    applied: &mut Applied,
) -> Result<(), StoreError> {
    let (mirror, seen, now) = (snapshot.clone(), observed.clone(), tools.clock.now());
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
    let revision = tools.store.apply_read(base, set, cause, Some(fence), read).await?;

    if is_empty {
        // The commit may have arrived although its answer didn't, or although the process died: then the log has it.
        if let Some(written) = written_before(tools, run).await? {
            *applied = written;
        }
        return Ok(());
    }

    *applied = planned;
    applied.revision = revision;
    catch_up(&tools.store, &tools.snapshots).await?;
    Ok(())
}

/// What this run wrote already, by the log.
async fn written_before(tools: &Tools, run: Uuid) -> Result<Option<Applied>, StoreError> {
    let mut applied: Option<Applied> = None;
    let mut after = None;

    loop {
        let page = tools.store.changes_of_run(run, PageRequest::new(500, after)).await?;
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
