//! Reading single records now: for events, and for callers who want to know at once.

mod claims;
mod left_out;
mod read;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use tokio::{sync::OnceCell, time::Instant};

pub(super) use self::claims::{ReadClaim, ReadClaims};
pub(super) use self::left_out::LeftOut;
use self::read::RecordsRead;
pub(super) use self::read::{Following, forget, read, take_over};
use super::{SyncEngine, catch_up::catch_up, crawl::Answers, engine::selection};
use crate::{
    clock::Clock,
    dingtalk::{Error, Session},
    directory::{
        AskTimes, Cause, DepartmentSelection, HeldRemoval, HeldState, LATELY, Observation, RecordId, RecordState,
        RemovalLimits, Removals, Revision, Snapshot, SnapshotHandle, Trace, UserId, plan,
    },
    settings::{Settings, SettingsHandle},
    store::{Lease, Store, StoreError},
};

/// "Gone" is asked again before it is acted upon where it is older: reading a large department takes minutes, and
/// meanwhile somebody may come back without any record of the mirror changing.
const SAID_JUST_NOW: Duration = Duration::from_secs(5);

/// So often records are read again because others read them meanwhile; then they are left to the others.
const MOST_ROUNDS: u32 = 5;

/// What reading came to.
#[derive(Debug, Default)]
pub(super) struct Refreshed {
    /// The revision that it made; `None` where nothing differed.
    pub(super) revision: Option<Revision>,
    /// Records that DingTalk did not tell about, with the reason: outside the scope, or out of luck.
    pub(super) untold: Vec<(RecordId, Error)>,
    /// Whether removals of it wait for approval.
    pub(super) held: bool,
    /// Records that are gone, as DingTalk says.
    pub(super) gone: BTreeSet<RecordId>,
}

/// What refreshing works with.
pub(super) struct Refresher<'a, D> {
    pub(super) dingtalk: &'a D,
    pub(super) store: &'a Store,
    pub(super) snapshots: &'a SnapshotHandle,
    pub(super) clock: &'a Clock,
    pub(super) limits: RemovalLimits,
    /// The settings in force, of which `selection` was made.
    pub(super) settings: &'a SettingsHandle,
    pub(super) selection: DepartmentSelection,
    pub(super) width: usize,
    /// Where others read beside it: its part of who is being read.
    pub(super) claim: Option<&'a ReadClaim>,
}

impl SyncEngine {
    /// What reads single records by `session`, which the settings in force made.
    pub(super) fn refresher<'a>(
        &'a self,
        session: &'a Session,
        settings: &Settings,
        claim: Option<&'a ReadClaim>,
    ) -> Refresher<'a, Session> {
        let inner = &self.0;
        Refresher {
            dingtalk: session,
            store: &inner.store,
            snapshots: &inner.snapshots,
            clock: &inner.clock,
            limits: inner.config.limits,
            settings: &inner.settings,
            selection: selection(settings),
            width: inner.config.concurrency,
            claim,
        }
    }
}

/// What was read, and may have been read later by somebody else.
pub(super) fn overtaken(
    observed: &Observation,
    snapshot: &Snapshot,
    newer: &crate::directory::Readings,
) -> BTreeSet<RecordId> {
    let (departments, users) = observed.overtaken(snapshot, newer);
    let departments = departments.into_iter().map(RecordId::Department);
    departments.chain(users.into_iter().map(RecordId::User)).collect()
}

/// What others are to compare their readings with.
fn trace(observed: &Observation) -> Trace {
    let departments = observed.departments.keys().chain(observed.department_causes.keys());
    let users = observed.users.keys().chain(observed.user_causes.keys());
    Trace::Records {
        departments: departments.copied().collect(),
        users: users.cloned().collect(),
    }
}

/// Who would be removed by what was said some time ago. Whoever is held is served on, whatever is true by now.
fn doubtful(readings: &RecordsRead, observed: &Observation, snapshot: &Snapshot) -> BTreeSet<RecordId> {
    let is_removed = |record: &RecordId| match record {
        RecordId::Department(id) => {
            let old = snapshot.department(*id).map(|it| it.standing.state);
            old == Some(RecordState::Active)
                && observed.department_causes.contains_key(id)
                && !observed.holds.departments.contains_key(id)
        }
        RecordId::User(id) => {
            let old = snapshot.user(id.as_str()).map(|it| it.standing.state);
            old == Some(RecordState::Active)
                && observed.user_causes.contains_key(id)
                && !observed.holds.users.contains_key(id)
        }
    };

    let removed: BTreeMap<&RecordId, &Instant> =
        readings.said.iter().filter(|(record, _)| is_removed(record)).collect();

    // One that is asked again takes the others along: they are of one department, and one answer.
    if removed.values().all(|said| said.elapsed() < SAID_JUST_NOW) {
        return BTreeSet::new();
    }
    removed.into_keys().cloned().collect()
}

impl<D: Answers> Refresher<'_, D> {
    /// Reads what is wanted and what it leads to (departments that nobody knew, the people of a removed department),
    /// and applies what differs. Nothing is removed but what DingTalk says is gone, and said so just now.
    pub(super) async fn refresh(
        &self,
        wanted: BTreeSet<RecordId>,
        cause: Cause,
        fence: Option<&Lease>,
    ) -> Result<Refreshed, RefreshError> {
        catch_up(self.store, self.snapshots).await?;
        let asked = self.store.begin_reading().await?;
        let mut readings = read(
            self.dingtalk,
            &self.snapshots.current(),
            wanted,
            self.width,
            Following::All(self.claim),
        )
        .await?;
        readings.observed.asked = Some(AskTimes {
            first: asked,
            ..AskTimes::default()
        });

        // Asked for at most once, and only where somebody was moved out.
        let (mut rounds, authorised) = (0, OnceCell::new());
        loop {
            catch_up(self.store, self.snapshots).await?;
            let snapshot = self.snapshots.current();
            // Somebody else read some of them meanwhile: which of the two is newer only DingTalk knows.
            let newer = self.store.readings_since(asked.reading).await?;
            let overtaken = overtaken(&readings.observed, &snapshot, &newer);
            if !overtaken.is_empty() && rounds < MOST_ROUNDS {
                rounds += 1;
                self.read_again(&mut readings, overtaken).await?;
                continue;
            }
            for record in overtaken {
                readings.forget(&record);
            }

            let mut observed = self.judged(&readings.observed, &snapshot, &authorised).await?;
            let doubtful = doubtful(&readings, &observed, &snapshot);
            if !doubtful.is_empty() {
                self.read_again(&mut readings, doubtful).await?;
                observed = self.judged(&readings.observed, &snapshot, &authorised).await?;
            }

            let held = !observed.holds.is_empty();
            let set = plan(&snapshot, &observed, self.clock.now());
            let base = Some(snapshot.revision());
            let trace = trace(&readings.observed);
            let asked = observed.asked.clone().unwrap_or_default();
            let read = Some((&asked, &trace));

            match self.store.apply_read(base, set, cause.clone(), fence, read).await {
                // Somebody else's batch came in between.
                Err(StoreError::VersionConflict { .. }) => {}
                Ok(revision) => {
                    catch_up(self.store, self.snapshots).await?;
                    return Ok(Refreshed {
                        revision,
                        gone: readings.gone(),
                        untold: readings.untold,
                        held,
                    });
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Reads these records anew, and nothing that they lead to.
    async fn read_again(&self, readings: &mut RecordsRead, again: BTreeSet<RecordId>) -> Result<(), RefreshError> {
        let (snapshot, asked) = (self.snapshots.current(), self.store.begin_reading().await?);
        for record in &again {
            readings.forget(record);
        }

        let newer = read(self.dingtalk, &snapshot, again.clone(), self.width, Following::Nothing).await?;
        readings.take_over(newer, &again, asked);
        Ok(())
    }

    /// What was read, by what the settings select: without what they leave out, with whoever was moved there as gone,
    /// and with what of the removals has to wait.
    async fn judged(
        &self,
        read: &Observation,
        snapshot: &Snapshot,
        authorised: &OnceCell<Option<BTreeSet<UserId>>>,
    ) -> Result<Observation, StoreError> {
        let mut observed = read.clone();
        let left_out = LeftOut::of(read, snapshot, &self.selection, |_| true);

        // Where nobody tells whom the scope names, and where the settings became others meanwhile, a run settles it.
        let authorised = if left_out.has_moved_out() {
            authorised
                .get_or_init(|| self.dingtalk.authorised_users())
                .await
                .as_ref()
        } else {
            None
        };
        let is_in_force = selection(&self.settings.current()) == self.selection;
        left_out.take_out(&mut observed, authorised.filter(|_| is_in_force));

        self.hold(&mut observed).await?;
        Ok(observed)
    }

    async fn hold(&self, observed: &mut Observation) -> Result<(), StoreError> {
        observed.removals = Removals::Confirmed;
        if observed.user_causes.is_empty() && observed.department_causes.is_empty() {
            return Ok(());
        }
        keep_rejected(observed, &self.store.held_removals().await?);

        let snapshot = self.snapshots.current();
        let (departments, users) = observed.leaving(&snapshot);
        if users.is_empty() && departments.is_empty() {
            return Ok(());
        }
        let lately = self.store.removed_since(self.clock.now() - LATELY).await?;
        observed.holds = self.limits.hold(&snapshot, &departments, &users, &lately);
        Ok(())
    }
}

/// What somebody decided to keep is kept until it is seen again, whatever says that it is gone.
pub(super) fn keep_rejected(observed: &mut Observation, held: &[HeldRemoval]) {
    for removal in held.iter().filter(|it| it.state == HeldState::Rejected) {
        match &removal.record {
            RecordId::User(id) => drop(observed.user_causes.remove(id)),
            RecordId::Department(id) => drop(observed.department_causes.remove(id)),
        }
    }
}

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
