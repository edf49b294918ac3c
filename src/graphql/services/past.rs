//! The directory as it was, for whoever asks for it with `asOf`.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use chrono::{DateTime, Utc};
use tokio::{sync::Mutex, time::Instant};

use crate::{
    clock::{Clock, SKEW_LIMIT},
    directory::{Epoch, Revision, Snapshot},
    graphql::error::ApiError,
    store::{LogPlace, Moment, Store, StoreError, ToUndo},
};

/// So many are kept: what somebody pages through, and what they compare it with.
const KEPT: usize = 4;

/// So long after it was last asked for.
const KEPT_FOR: Duration = Duration::from_mins(5);

/// So many changes are taken back for a request: some seconds' work.
const MOST_CHANGES: u64 = 200_000;

/// So many records of their own have all snapshots of the past together: some 200 MB.
const MOST_RECORDS: usize = 100_000;

/// Snapshots of the past, made when they are asked for, one at a time. Cheap to clone.
#[derive(Clone, Default)]
pub struct PastSnapshots(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    kept: Vec<Kept>,
    /// All that anybody still holds, each with how many of its records are its own.
    held: Vec<(Weak<Snapshot>, usize)>,
    /// Whether somebody looks which of them nobody asks for any more.
    is_swept: bool,
}

struct Kept {
    epoch: Epoch,
    revision: Revision,
    snapshot: Arc<Snapshot>,
    asked: Instant,
}

impl PastSnapshots {
    /// The directory as the mirror knew it at `at`; the `present` one, where nothing has changed since.
    pub(crate) async fn at(
        &self,
        (store, clock): (&Store, &Clock),
        present: Arc<Snapshot>,
        at: DateTime<Utc>,
    ) -> Result<Arc<Snapshot>, ApiError> {
        // Callers' clocks differ.
        if at > clock.now() + SKEW_LIMIT {
            return Err(ApiError::bad_input(
                "`asOf` is in the future: choose a moment that has been, or leave it out",
            ));
        }

        let place = match store.moment(at).await? {
            Moment::Told(place) => place,
            Moment::TooOld(oldest) => return Err(too_old(oldest)),
        };
        // The log that was asked is of the database's present epoch.
        if store.epoch().await? != *present.epoch() {
            return Err(StoreError::Unavailable.into());
        }
        if place.revision >= present.revision() {
            return Ok(present);
        }

        let mut state = self.0.lock().await;
        if let Some(known) = state.known(present.epoch(), place.revision) {
            return Ok(known);
        }

        let changes = changes(store, &present, place).await?;
        let records = changes.undo.records();
        // The revision alone is another: an epoch has begun since, or identities are somebody else.
        if records == 0 {
            return Ok(present);
        }

        state.make_room(records)?;
        let snapshot = Arc::new(made(changes, &present, place).await?);
        state.held.push((Arc::downgrade(&snapshot), records));
        state.keep(Kept {
            epoch: present.epoch().clone(),
            revision: place.revision,
            snapshot: snapshot.clone(),
            asked: Instant::now(),
        });
        if !state.is_swept {
            state.is_swept = true;
            tokio::spawn(self.clone().sweep());
        }
        Ok(snapshot)
    }

    /// A snapshot shares with the present what has not changed, so that one that nobody asks for holds more and more.
    async fn sweep(self) {
        loop {
            tokio::time::sleep(KEPT_FOR).await;
            let mut state = self.0.lock().await;
            state.kept.retain(|it| it.asked.elapsed() < KEPT_FOR);
            if state.kept.is_empty() {
                state.is_swept = false;
                return;
            }
        }
    }
}

impl State {
    fn known(&mut self, epoch: &Epoch, revision: Revision) -> Option<Arc<Snapshot>> {
        let known = self
            .kept
            .iter_mut()
            .find(|it| it.epoch == *epoch && it.revision == revision)?;
        known.asked = Instant::now();
        Some(known.snapshot.clone())
    }

    /// Has room for one more with so many records of its own. What is only kept gives way.
    fn make_room(&mut self, records: usize) -> Result<(), ApiError> {
        if records > MOST_RECORDS {
            return Err(ApiError::too_long(format!(
                "{records} records were otherwise at that moment, and at most {MOST_RECORDS} are made anew for a request: ask \
                 for a later moment"
            )));
        }

        while self.held_records() + records > MOST_RECORDS {
            if self.kept.is_empty() {
                return Err(ApiError::rate_limited(
                    "too much of the past is being told: ask for fewer moments at once, or again in a moment",
                ));
            }
            self.kept.remove(0);
        }
        Ok(())
    }

    fn held_records(&mut self) -> usize {
        self.held.retain(|(snapshot, _)| snapshot.strong_count() > 0);
        self.held.iter().map(|(_, records)| records).sum()
    }

    /// In the place of the one that was last asked for the longest ago, where there are enough.
    fn keep(&mut self, made: Kept) {
        if self.kept.len() >= KEPT {
            let longest_ago = self.kept.iter().enumerate().min_by_key(|(_, it)| it.asked);
            if let Some((place, _)) = longest_ago {
                self.kept.swap_remove(place);
            }
        }
        self.kept.push(made);
    }
}

async fn changes(store: &Store, present: &Snapshot, place: LogPlace) -> Result<ToUndo, ApiError> {
    let found = match store.to_undo(present.revision(), place, MOST_CHANGES).await {
        // Since it was looked for.
        Err(StoreError::Forgotten) => return Err(too_old(None)),
        found => found?,
    };
    // Of another epoch meanwhile, the log is not the one that leads to the snapshot in force.
    if store.epoch().await? != *present.epoch() {
        return Err(StoreError::Unavailable.into());
    }
    Ok(found)
}

async fn made(found: ToUndo, present: &Arc<Snapshot>, place: LogPlace) -> Result<Snapshot, ApiError> {
    let present = present.clone();
    let made = tokio::task::spawn_blocking(move || {
        found
            .undo
            .applied_to(&present, (place.revision, place.at), &found.former)
    });
    made.await.map_err(|error| ApiError::internal(&error))
}

fn too_old(oldest: Option<DateTime<Utc>>) -> ApiError {
    match oldest {
        Some(oldest) => {
            let oldest = oldest.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
            ApiError::bad_input(format!(
                "`asOf` is too long ago: the change log tells of {oldest} and later"
            ))
        }
        None => ApiError::bad_input("`asOf` is too long ago: the change log doesn't tell of it"),
    }
}
