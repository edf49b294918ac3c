//! Acting on DingTalk's events: whoever they name is read again, once however many events name them, and what differs
//! is applied.

mod debounce;
mod reach;
mod reading;

use std::{sync::Arc, time::Duration};

use tokio::{task::JoinSet, time::Instant};

use self::{
    debounce::{Debouncer, InFlightRecord},
    reach::Reach,
    reading::{BatchGate, BatchRead},
};
use super::{
    SyncEngine,
    crawl::ReadFailure,
    lease::LeaseGuard,
    refresh::{ReadClaim, ReadClaims, RefreshError},
};
use crate::{
    backoff::Backoff,
    dingtalk::{Connection, Error, ErrorKind},
    directory::{EventKind, ReceivedEvent, RecordId},
    settings::Settings,
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
/// Events are forgotten that could not be acted upon for so long; the runs that read everything have made up for them,
/// or will.
pub(super) const GIVEN_UP_AFTER: Duration = Duration::from_hours(7 * 24);
/// How often to look for those.
const FORGET_EVERY: Duration = Duration::from_hours(1);
/// So long a replica that DingTalk can't be asked from leaves the events to the others.
const STANDS_BACK: Duration = Duration::from_secs(30);
/// When DingTalk can't be asked at all.
const AGAIN: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(30));

impl SyncEngine {
    /// Acts on events for as long as this process holds their lease, until the engine stops.
    pub(super) async fn act_on_events(&self) {
        let stopping = &self.0.stopping;
        if !self.0.config.events {
            return stopping.cancelled().await;
        }

        let mut settings = self.0.settings.subscribe();
        while !stopping.is_cancelled() {
            let mut rest = Duration::from_secs(1);
            // Without a connection (this process's key or list of hosts may be at fault) another one may be able to
            // act.
            let is_able = Connection::from_settings(&settings.borrow_and_update()).is_ok();
            if is_able
                && let Ok(Some(lease)) = self
                    .0
                    .store
                    .acquire_lease(LEASE, &self.0.owner, self.0.config.lease_ttl)
                    .await
            {
                let guard = LeaseGuard::new(self.0.store.clone(), lease, self.0.config.lease_ttl);
                let unable = async {
                    let is_unable = |settings: &Arc<Settings>| Connection::from_settings(settings).is_err();
                    settings.wait_for(is_unable).await.map(drop)
                };
                tokio::select! {
                    () = guard.lost().cancelled() => {}
                    () = stopping.cancelled() => {}
                    _ = unable => {}
                    stands_back = self.act(&guard) => if stands_back {
                        rest = STANDS_BACK;
                    },
                }
                guard.release().await;
            }

            tokio::select! {
                () = stopping.cancelled() => {}
                () = tokio::time::sleep(rest) => {}
            }
        }
    }

    /// Until the lease is lost (`false`), or another replica may be answered where this one isn't (`true`).
    async fn act(&self, lease: &LeaseGuard) -> bool {
        let claims = Arc::new(ReadClaims::default());
        let mut work = EventWork::new(self.0.config.concurrency, self.0.config.between_tries);
        // Tasks of their own: one that holds the database's only writer must not wait for what waits for the writer
        // here.
        let mut reading = JoinSet::new();

        loop {
            let now = Instant::now();
            if now >= work.database_rests_until
                && let Err(error) = self.look(&mut work).await
            {
                work.database_failed(&error);
            }

            let may_read = now >= work.database_rests_until && now >= work.dingtalk_rests_until;
            if may_read && work.gate.is_open() {
                let batch = work.debouncer.take(now, BATCH, &claims);
                if !batch.is_empty() {
                    let claim = ReadClaim {
                        claims: claims.clone(),
                        turn: work.gate.begin(),
                    };
                    let cause = work.debouncer.keys_of(&batch);
                    reading.spawn(self.clone().read(claim, batch, cause, lease.lease().clone()));
                }
            }

            tokio::select! {
                Some(read) = reading.join_next() => {
                    let settled = match read {
                        Ok(read) => self.settle(&mut work, read, &claims).await,
                        Err(crashed) if crashed.is_panic() => std::panic::resume_unwind(crashed.into_panic()),
                        Err(_) => return false,
                    };
                    match settled {
                        Ok(()) => {}
                        Err(StoreError::LeaseLost) => return false,
                        Err(error) => work.database_failed(&error),
                    }
                    if work.reach.is_own_fault() && self.0.store.is_shared() {
                        tracing::warn!("DingTalk can't be asked from here: its events are left to another replica for a while");
                        return true;
                    }
                }
                // While the database fails, or no turn is free, new events change nothing.
                () = self.0.config.arrived.notified(), if work.failures == 0 && work.gate.is_open() => {}
                () = tokio::time::sleep(work.rest(&claims)) => {}
            }
        }
    }

    /// Takes in what arrived, and what turned up late.
    async fn look(&self, work: &mut EventWork) -> Result<(), StoreError> {
        if work.looked_back.elapsed() >= LOOK_BACK_EVERY {
            work.looked_back = Instant::now();
            self.take_in_late(&mut work.debouncer).await?;
        }
        if work.forgot.elapsed() >= FORGET_EVERY {
            work.forgot = Instant::now();
            work.debouncer.forget(GIVEN_UP_AFTER);
        }

        self.take_in_new(&mut work.debouncer).await?;
        if work.debouncer.len() == 0 {
            work.failures = 0;
        }
        Ok(())
    }

    /// Events get their numbers before they are committed: one can turn up behind a newer one that was taken in
    /// already.
    async fn take_in_late(&self, debouncer: &mut Debouncer) -> Result<(), StoreError> {
        let (store, newest) = (&self.0.store, debouncer.newest());
        // Every event that waits is known: none turned up late.
        if store.count_pending_events_until(newest).await? <= debouncer.open() as u64 {
            return Ok(());
        }

        let (mut after, mut idle) = (0, Vec::new());
        while after < newest {
            let page = store.pending_events(after, PAGE).await?;
            let is_last = (page.len() as u64) < PAGE;
            after = page.last().map_or(newest, |event| event.seq);
            let now = Instant::now();
            let late = page.into_iter().filter(|event| event.seq <= newest);
            let late: Vec<_> = late.filter(|event| !debouncer.knows(event.seq)).collect();
            idle.extend(late.into_iter().filter_map(|event| take_in(debouncer, event, now)));
            if is_last {
                break;
            }
        }

        store.finish_events(&idle).await
    }

    async fn take_in_new(&self, debouncer: &mut Debouncer) -> Result<(), StoreError> {
        let store = &self.0.store;
        while debouncer.len() < BACKLOG {
            let events = store.pending_events(debouncer.newest(), PAGE).await?;
            let is_last = (events.len() as u64) < PAGE;
            let now = Instant::now();
            let idle: Vec<i64> = events
                .into_iter()
                .filter_map(|event| take_in(debouncer, event, now))
                .collect();
            store.finish_events(&idle).await?;
            if is_last {
                break;
            }
        }

        Ok(())
    }

    /// A batch was read, or could not be: then it is put back.
    async fn settle(&self, work: &mut EventWork, read: BatchRead, claims: &ReadClaims) -> Result<(), StoreError> {
        let BatchRead { turn, batch, outcome } = read;
        work.gate.end(turn);
        let read = claims.release(turn);
        let now = Instant::now();

        match outcome {
            Ok(Some(refreshed)) => {
                work.failures = 0;
                match silent(&batch, &refreshed.untold) {
                    None => work.reach.answered(),
                    Some(error) => work.reach.failed(error),
                }
                // Of one record alone nobody can tell whose fault it is.
                if let Some(error) = silent(&batch, &refreshed.untold).filter(|_| batch.len() > 1) {
                    tracing::warn!(%error, "DingTalk doesn't answer about what its events name; it will be asked again");
                    work.dingtalk_rests_until = now + AGAIN.delay(3);
                }
                if let Some(revision) = refreshed.revision {
                    tracing::info!(revision, records = batch.len(), "events were applied");
                }

                // Of a removed department everybody was read, and most of them are named by events of their own.
                let along = work.debouncer.take_along(read, &refreshed.untold);
                let mut finished = work.debouncer.settle(batch, &refreshed.untold, now);
                finished.extend(work.debouncer.settle(along, &[], now));
                self.0.store.finish_events(&finished).await
            }
            Ok(None) => {
                work.debouncer.put_all_back(batch, now + AGAIN.delay(3));
                Ok(())
            }
            Err(RefreshError::DingTalk(error)) => {
                work.reach.failed(&error);
                tracing::warn!(%error, "DingTalk can't be asked about what its events name; it will be");
                let until = now + AGAIN.delay(3);
                work.debouncer.put_all_back(batch, until);
                work.dingtalk_rests_until = until;
                Ok(())
            }
            Err(RefreshError::Store(error)) => {
                work.debouncer.put_all_back(batch, now);
                Err(error)
            }
        }
    }
}

/// Why nobody of a batch was answered about: that the connection could not be made only where it never could. `None`
/// where somebody was.
fn silent<'a>(batch: &[InFlightRecord], untold: &'a [(RecordId, Error)]) -> Option<&'a Error> {
    let of = |taken: &InFlightRecord| untold.iter().find(|(record, _)| *record == taken.record);
    let errors = batch.iter().map(|taken| of(taken).map(|(_, error)| error));
    let errors: Vec<&Error> = errors.collect::<Option<_>>()?;
    let is_silence = errors.iter().all(|error| ReadFailure::of(error).is_silence());
    let was_sent = errors.iter().find(|error| error.kind != ErrorKind::NotSent);
    was_sent.or(errors.first()).copied().filter(|_| is_silence)
}

/// What waits, and what the work waits for.
struct EventWork {
    debouncer: Debouncer,
    gate: BatchGate,
    reach: Reach,
    failures: u32,
    database_rests_until: Instant,
    dingtalk_rests_until: Instant,
    looked_back: Instant,
    forgot: Instant,
}

impl EventWork {
    fn new(per_second: usize, between_tries: Duration) -> Self {
        let now = Instant::now();
        Self {
            debouncer: Debouncer::new(per_second, between_tries),
            gate: BatchGate::new(BATCH, per_second),
            reach: Reach::default(),
            failures: 0,
            database_rests_until: now,
            dingtalk_rests_until: now,
            looked_back: now,
            forgot: now,
        }
    }

    fn database_failed(&mut self, error: &StoreError) {
        tracing::warn!(%error, "events can't be acted upon yet");
        self.database_rests_until = Instant::now() + AGAIN.delay(self.failures);
        self.failures += 1;
    }

    /// Until the next look, if nothing arrives before.
    fn rest(&self, claims: &ReadClaims) -> Duration {
        let now = Instant::now();
        if self.database_rests_until > now {
            return self.database_rests_until - now;
        }
        let can_read = self.gate.is_open() && self.dingtalk_rests_until <= now;
        let due = self.debouncer.due(claims).filter(|_| can_read);
        due.map_or(LOOK_EVERY, |at| at.saturating_duration_since(now).min(LOOK_EVERY))
    }
}

/// Whose records an event leads to; its number, where it leads to none.
fn take_in(debouncer: &mut Debouncer, received: ReceivedEvent, now: Instant) -> Option<i64> {
    let event = received.event;
    let users = || event.users.iter().cloned().map(RecordId::User);
    let departments = || event.departments.iter().copied().map(RecordId::Department);

    let records: Vec<RecordId> = match event.kind {
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
        EventKind::OrgChange => vec![RecordId::Department(crate::directory::DeptId::ROOT)],
        EventKind::OrgRemove => {
            tracing::warn!("DingTalk says that the company was dissolved; nothing is removed by that alone");
            Vec::new()
        }
        // The roles' own names stand in people's records; the rolling verification reads them.
        EventKind::Roles | EventKind::Other => Vec::new(),
    };

    // Who comes or goes isn't kept waiting by a thousand who got another title.
    let is_urgent = matches!(
        event.kind,
        EventKind::UserAdd | EventKind::UserLeave | EventKind::DepartmentCreate | EventKind::DepartmentRemove
    );
    let urgent = if is_urgent { records.clone() } else { Vec::new() };

    let idle = debouncer.add(received.seq, event.key, records, now);
    debouncer.hasten(&urgent);
    idle
}
