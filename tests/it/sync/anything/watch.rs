//! What is kept in two places agrees in each snapshot that anybody can see.

use std::sync::{Arc, Mutex};

use dingmirror::directory::SnapshotHandle;
use tokio::task::JoinHandle;

/// Looks through each snapshot that is published.
#[derive(Clone, Default)]
pub(super) struct Watch {
    found: Arc<Mutex<Vec<String>>>,
    seen: Arc<Mutex<usize>>,
}

impl Watch {
    pub(super) fn look_at(&self, snapshots: SnapshotHandle) -> JoinHandle<()> {
        let (watch, mut revisions) = (self.clone(), snapshots.subscribe());
        tokio::spawn(async move {
            while revisions.changed().await.is_ok() {
                let snapshot = snapshots.current();
                // What leads to a department that was removed is told: such a run isn't COMPLETE.
                let told: Vec<String> = snapshot.contradictions().iter().map(ToString::to_string).collect();
                let mut found = snapshot.all_contradictions();
                found.retain(|it| !told.contains(it));
                watch.found.lock().unwrap().append(&mut found);
                *watch.seen.lock().unwrap() += 1;
            }
        })
    }

    /// What was found, and in how many snapshots was looked.
    pub(super) fn found(&self) -> (Vec<String>, usize) {
        (self.found.lock().unwrap().clone(), *self.seen.lock().unwrap())
    }
}
