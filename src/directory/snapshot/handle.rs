//! The snapshot in force.

use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::watch;

use super::Snapshot;
use crate::directory::Revision;

/// From so many people on the search is made ready before anybody searches: of fewer it is a matter of milliseconds.
const MANY: usize = 2_000;

/// The snapshot in force, swapped atomically; cheap to clone.
#[derive(Clone)]
pub struct SnapshotHandle(Arc<InForce>);

struct InForce {
    current: ArcSwap<Snapshot>,
    revision: watch::Sender<Revision>,
}

impl SnapshotHandle {
    /// A handle that starts with `snapshot`.
    pub fn new(snapshot: Snapshot) -> Self {
        let revision = watch::Sender::new(snapshot.revision());
        let snapshot = Arc::new(snapshot);
        prepare_search(&snapshot);
        Self(Arc::new(InForce {
            current: ArcSwap::new(snapshot),
            revision,
        }))
    }

    /// The snapshot in force. Keep it for the whole of one answer, so that the answer is of one revision.
    pub fn current(&self) -> Arc<Snapshot> {
        self.0.current.load_full()
    }

    /// Puts a newer snapshot in force; one that isn't newer is ignored, so that late readers do no harm. One of another
    /// epoch of the database takes its place in any case.
    pub fn publish(&self, snapshot: Snapshot) {
        let newer = Arc::new(snapshot);
        prepare_search(&newer);
        // The sender's lock is held while both change, so that nobody hears of a revision that they can't read.
        self.0.revision.send_if_modified(|revision| {
            // Revisions of different epochs can't be compared; whoever publishes has just asked which one it is.
            let is_same = newer.epoch() == self.0.current.load().epoch();
            if is_same && newer.revision() <= *revision {
                return false;
            }

            *revision = newer.revision();
            self.0.current.store(newer);
            true
        });
    }

    /// Hears of each new revision.
    pub fn subscribe(&self) -> watch::Receiver<Revision> {
        self.0.revision.subscribe()
    }
}

/// Makes the search ready, so that nobody who types waits for it. What takes long is done beside: until then the former
/// index answers, or the first search waits.
fn prepare_search(snapshot: &Arc<Snapshot>) {
    if snapshot.is_search_ready() {
        snapshot.prepare_search();
        return;
    }
    if snapshot.user_count() < MANY {
        return;
    }

    let snapshot = snapshot.clone();
    let beside = std::thread::Builder::new().name("search-index".into());
    // Without a thread the first search builds it.
    drop(beside.spawn(move || snapshot.prepare_search()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_snapshot_never_replaces_a_newer_one() {
        let handle = SnapshotHandle::new(Snapshot::empty());
        let mut heard = handle.subscribe();
        handle.publish(Snapshot::build(5, Vec::new(), Vec::new()));
        handle.publish(Snapshot::build(4, Vec::new(), Vec::new()));
        assert_eq!(handle.current().revision(), 5);
        assert!(heard.has_changed().is_ok_and(|changed| changed));
        assert_eq!(*heard.borrow_and_update(), 5);
    }
}
