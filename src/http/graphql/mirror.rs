//! How the mirror stands, as far as an answer as a whole depends on it: its age, its revision, its size.

use std::{fmt, sync::Arc, time::Duration};

use async_graphql::Value;
use chrono::{DateTime, Utc};
use tokio::{sync::Mutex, time::Instant};

use super::extension::object;
use crate::{
    clock::Clock,
    directory::{Epoch, Revision, Snapshot, SnapshotHandle, SyncRun, Verdict},
    graphql::admission::{Code, Refusal},
    store::Store,
    word::word,
};

/// The last finished sync is asked for no more often: who wants nothing older than a minute need not know to the
/// second.
const ASKED_EVERY: Duration = Duration::from_secs(1);

/// Tells how the mirror stands. Cheap to clone.
#[derive(Clone)]
pub struct MirrorAccess(Arc<Access>);

struct Access {
    store: Store,
    snapshots: SnapshotHandle,
    clock: Clock,
    /// The last finished sync that was told of.
    last_run: Mutex<Option<KnownRun>>,
}

/// What the database said of the last finished sync.
struct KnownRun {
    /// When it was asked.
    asked: Instant,
    /// Of the snapshot that shows it.
    shown_at: (Epoch, Revision),
    run: Option<SyncRun>,
}

impl fmt::Debug for MirrorAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MirrorAccess").finish_non_exhaustive()
    }
}

impl MirrorAccess {
    /// Access to this mirror.
    pub fn new(store: Store, snapshots: SnapshotHandle, clock: Clock) -> Self {
        Self(Arc::new(Access {
            store,
            snapshots,
            clock,
            last_run: Mutex::default(),
        }))
    }

    /// The snapshot in force.
    pub(in crate::http) fn snapshot(&self) -> Arc<Snapshot> {
        self.0.snapshots.current()
    }

    /// How it stands now by this snapshot.
    pub(super) async fn state(&self, snapshot: &Snapshot) -> MirrorState {
        let last_run = self.last_run(snapshot).await;
        let verdict = last_run.as_ref().and_then(|run| run.verdict);

        MirrorState {
            epoch: snapshot.epoch().clone(),
            revision: snapshot.revision(),
            as_of: last_run.map(|run| run.started_at),
            verdict: verdict.map(|verdict| snapshot.verdict(verdict)),
            now: self.0.clock.now(),
        }
    }

    /// The last finished sync that `snapshot` shows: what another replica has read since is not in the answer. Where
    /// the database can't say, the last one that it told of: that doesn't get younger.
    async fn last_run(&self, snapshot: &Snapshot) -> Option<SyncRun> {
        let shown_at = (snapshot.epoch().clone(), snapshot.revision());
        let mut last = self.0.last_run.lock().await;
        if let Some(known) = &*last
            && known.shown_at == shown_at
            && known.asked.elapsed() < ASKED_EVERY
        {
            return known.run.clone();
        }

        let run = match self.0.store.last_run_shown(snapshot.revision()).await {
            Ok(run) => run,
            Err(error) => {
                tracing::warn!(%error, "the last finished sync can't be told");
                last.take().and_then(|known| known.run)
            }
        };
        *last = Some(KnownRun {
            asked: Instant::now(),
            shown_at,
            run: run.clone(),
        });
        run
    }
}

/// How the mirror stood at a moment.
#[derive(Debug, Clone)]
pub(super) struct MirrorState {
    epoch: Epoch,
    revision: Revision,
    as_of: Option<DateTime<Utc>>,
    verdict: Option<Verdict>,
    now: DateTime<Utc>,
}

impl MirrorState {
    /// Refuses what is older than that.
    pub(super) fn check(&self, most: Duration) -> Result<(), Refusal> {
        let Some(as_of) = self.as_of else {
            return Err(Refusal::new(
                Code::Stale,
                "the mirror has no finished sync yet, so that its age is unknown",
            ));
        };
        let age = (self.now - as_of).to_std().unwrap_or_default();
        if age <= most {
            return Ok(());
        }

        let message = format!(
            "the mirror is {} s old, and the request allows {} s: wait for the next sync, or allow more by `maxStaleness`",
            age.as_secs(),
            most.as_secs_f64()
        );
        Err(Refusal::new(Code::Stale, message)
            .with("ageSeconds", age.as_secs())
            .with("asOf", as_of.to_rfc3339()))
    }

    /// As `extensions.mirror` of an answer has it.
    pub(super) fn value(&self) -> Value {
        let text = |text: Option<String>| text.map_or(Value::Null, Value::String);
        object([
            ("epoch", Value::String(self.epoch.to_string())),
            ("revision", Value::String(self.revision.to_string())),
            ("asOf", text(self.as_of.map(|at| at.to_rfc3339()))),
            ("verdict", text(self.verdict.as_ref().map(word))),
        ])
    }
}
