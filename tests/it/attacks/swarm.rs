//! Many attackers at once, and what becomes of them.

use std::{
    collections::BTreeMap,
    future::Future,
    sync::{Arc, Mutex},
};

use tokio::task::JoinSet;

/// Counts endings. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally(Arc<Mutex<BTreeMap<String, usize>>>);

impl Tally {
    pub(super) fn add(&self, end: impl Into<String>) {
        *self.0.lock().unwrap().entry(end.into()).or_default() += 1;
    }

    /// The three most frequent ones.
    pub(super) fn told(&self) -> String {
        let ends = self.0.lock().unwrap();
        let mut ends: Vec<_> = ends.iter().map(|(end, count)| (*count, end.clone())).collect();
        ends.sort_by(|one, other| other.cmp(one));
        if ends.is_empty() {
            return "held on to the end".to_owned();
        }
        let ends = ends.into_iter().take(3).map(|(count, end)| format!("{count} × {end}"));
        ends.collect::<Vec<_>>().join(", ")
    }
}

/// Runs `one` for each of `count` attackers until all of them have ended; they end with this.
pub(super) async fn swarm<F>(count: usize, one: impl Fn(usize) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let mut attackers = JoinSet::new();
    for number in 0..count {
        attackers.spawn(one(number));
        // Not all of them in one moment: the attacked machine is this one.
        if number % 50 == 49 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }

    while attackers.join_next().await.is_some() {}
    // Probes go on until the time is over, and so does the attack.
    std::future::pending::<()>().await;
}
