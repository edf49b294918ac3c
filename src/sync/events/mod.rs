//! Acting on DingTalk's events: whoever they name is read again, once however many events name him, and what differs is applied.

mod dirty;

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use self::dirty::{Dirty, Taken};
use super::{
    SyncEngine,
    lease::Kept,
    refresh::{RefreshError, Refresher, Subject, Wanted},
};
use crate::{
    backoff::Backoff,
    dingtalk::Connection,
    directory::{Cause, EventKind, ReceivedEvent},
    store::StoreError,
};

/// Its name in the lease table: one replica acts on events, whichever received them.
const LEASE: &str = "events";
/// How often events are looked for that were committed behind newer ones.
const LOOK_BACK_EVERY: Duration = Duration::from_secs(2);
/// How often to look for events that another replica received.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// Records read before what differs is applied: a second's worth, so that a storm doesn't keep its first answers back.
const BATCH: usize = 20;
/// Events loaded at once.
const PAGE: u64 = 1_000;
/// So many records may be waited for; further events wait in the database.
const BACKLOG: usize = 50_000;
/// When DingTalk can't be asked at all.
const AGAIN: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(30));

impl SyncEngine {
    /// Acts on events for as long as this process holds their lease, until the engine stops.
    pub(super) async fn act_on_events(&self) {
        let stopping = &self.0.stopping;
        if !self.0.config.events {
            return stopping.cancelled().await;
        }
        while !stopping.is_cancelled() {
            if let Ok(Some(lease)) = self
                .0
                .store
                .acquire_lease(LEASE, &self.0.owner, self.0.config.lease_ttl)
                .await
            {
                let kept = Kept::new(self.0.store.clone(), lease, self.0.config.lease_ttl);
                tokio::select! {
                    () = kept.lost().cancelled() => {}
                    () = stopping.cancelled() => {}
                    () = self.act(&kept) => {}
                }
                kept.release().await;
            }
            tokio::select! {
                () = stopping.cancelled() => {}
                () = tokio::time::sleep(Duration::from_secs(1)) => {}
            }
        }
    }

    async fn act(&self, lease: &Kept) {
        let mut dirty = Dirty::new(self.0.config.concurrency);
        let mut failures = 0;
        let mut looked_back = Instant::now();
        loop {
            let late = if looked_back.elapsed() >= LOOK_BACK_EVERY {
                looked_back = Instant::now();
                self.take_in_late(&mut dirty).await
            } else {
                Ok(())
            };
            let step = match late {
                Ok(()) => self.step(&mut dirty, lease).await,
                Err(error) => Err(error),
            };
            let rest = match step {
                Ok(rest) => {
                    failures = 0;
                    rest
                }
                Err(StoreError::LeaseLost) => return,
                Err(error) => {
                    tracing::warn!(%error, "events can't be acted upon yet");
                    failures += 1;
                    AGAIN.delay(failures - 1)
                }
            };
            tokio::select! {
                () = self.0.config.arrived.notified(), if failures == 0 => {}
                () = tokio::time::sleep(rest) => {}
            }
        }
    }

    /// Events get their numbers before they are committed: one can turn up behind a newer one that was taken in already.
    async fn take_in_late(&self, dirty: &mut Dirty) -> Result<(), StoreError> {
        let (store, newest) = (&self.0.store, dirty.newest());
        if store.count_pending_events_until(newest).await? <= dirty.open() as u64 {
            return Ok(());
        }
        let (mut after, mut idle) = (0, Vec::new());
        while after < newest {
            let page = store.pending_events(after, PAGE).await?;
            let is_last = (page.len() as u64) < PAGE;
            after = page.last().map_or(newest, |event| event.seq);
            let now = Instant::now();
            let late = page.into_iter().filter(|event| event.seq <= newest);
            let late: Vec<_> = late.filter(|event| !dirty.knows(event.seq)).collect();
            idle.extend(late.into_iter().filter_map(|event| take_in(dirty, event, now)));
            if is_last {
                break;
            }
        }
        store.finish_events(&idle).await
    }

    /// One look at the inbox, and one batch of records; how long to rest then.
    async fn step(&self, dirty: &mut Dirty, lease: &Kept) -> Result<Duration, StoreError> {
        let store = &self.0.store;
        while dirty.len() < BACKLOG {
            let events = store.pending_events(dirty.newest(), PAGE).await?;
            let is_last = (events.len() as u64) < PAGE;
            let now = Instant::now();
            let idle: Vec<i64> = events
                .into_iter()
                .filter_map(|event| take_in(dirty, event, now))
                .collect();
            store.finish_events(&idle).await?;
            if is_last {
                break;
            }
        }
        let batch = dirty.take(Instant::now(), BATCH);
        if batch.is_empty() {
            let due = dirty
                .due()
                .map_or(LOOK_EVERY, |at| at.saturating_duration_since(Instant::now()));
            return Ok(due.min(LOOK_EVERY));
        }
        let Some(error) = self.read(dirty, batch, lease).await? else {
            return Ok(Duration::ZERO);
        };
        tracing::warn!(%error, "DingTalk can't be asked about what its events name; it will be");
        Ok(AGAIN.delay(3))
    }

    /// Reads a batch. What could not be read is put back; the error is one that would stop every other record, too.
    async fn read(
        &self,
        dirty: &mut Dirty,
        batch: Vec<Taken>,
        lease: &Kept,
    ) -> Result<Option<crate::dingtalk::Error>, StoreError> {
        let inner = &self.0;
        let Ok(connection) = Connection::from_settings(&inner.settings.current()) else {
            dirty.put_all_back(batch, Instant::now() + AGAIN.delay(3));
            return Ok(None);
        };
        let session = inner.client.with(Arc::new(connection));
        let refresher = Refresher {
            dingtalk: &session,
            store: &inner.store,
            snapshots: &inner.snapshots,
            clock: &inner.clock,
            limits: inner.config.limits,
            selection: crate::sync::engine::selection(&inner.settings.current()),
            width: inner.config.concurrency,
        };
        let mut wanted = Wanted::default();
        for taken in &batch {
            match &taken.subject {
                Subject::Department(id) => drop(wanted.departments.insert(*id)),
                Subject::User(id) => drop(wanted.users.insert(id.clone())),
            }
        }
        let cause = Cause::Event(dirty.keys_of(&batch));
        match refresher.refresh(wanted, cause, Some(lease.lease())).await {
            Ok(refreshed) => {
                if let Some(revision) = refreshed.revision {
                    tracing::info!(revision, records = batch.len(), "events were applied");
                }
                let finished = dirty.settle(batch, &refreshed.untold, Instant::now());
                inner.store.finish_events(&finished).await?;
                Ok(None)
            }
            Err(RefreshError::DingTalk(error)) => {
                dirty.put_all_back(batch, Instant::now() + AGAIN.delay(3));
                Ok(Some(error))
            }
            Err(RefreshError::Store(error)) => {
                dirty.put_all_back(batch, Instant::now());
                Err(error)
            }
        }
    }
}

/// Whose records an event leads to; its number, where it leads to none.
fn take_in(dirty: &mut Dirty, received: ReceivedEvent, now: Instant) -> Option<i64> {
    let event = received.event;
    let users = || event.users.iter().cloned().map(Subject::User);
    let departments = || event.departments.iter().copied().map(Subject::Department);
    let subjects: Vec<Subject> = match event.kind {
        EventKind::UserAdd
        | EventKind::UserModify
        | EventKind::UserLeave
        | EventKind::UserActive
        | EventKind::AdminAdd
        | EventKind::AdminRemove
        | EventKind::RoleMembers => users().collect(),
        EventKind::DepartmentCreate | EventKind::DepartmentModify | EventKind::DepartmentRemove => {
            departments().collect()
        }
        EventKind::OrgChange => vec![Subject::Department(crate::directory::DeptId::ROOT)],
        EventKind::OrgRemove => {
            tracing::warn!("DingTalk says that the company was dissolved; nothing is removed by that alone");
            Vec::new()
        }
        // The roles' own names stand in people's records; the rolling verification reads them.
        EventKind::Roles | EventKind::Other => Vec::new(),
    };
    dirty.add(received.seq, event.key, subjects, now)
}
