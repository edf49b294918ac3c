//! What all [questions](super::question) share: their connections, and how long one may take. Asking one is in
//! `question.rs`.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use sea_orm::DatabaseConnection;
use tokio::sync::Semaphore;

/// So long the database may work on a question, unless somebody sets it otherwise.
const BUDGET: Duration = Duration::from_secs(5);

/// Of so many connections one is for questions.
const SHARE: u32 = 3;

/// How long a question may take. Shared with what looks at the time while SQLite works.
#[derive(Debug, Clone)]
pub(super) struct Budget(Arc<AtomicU64>);

impl Default for Budget {
    fn default() -> Self {
        let budget = Self(Arc::default());
        budget.set(BUDGET);
        budget
    }
}

impl Budget {
    pub(super) fn get(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }

    pub(super) fn set(&self, time: Duration) {
        let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.0.store(Ord::max(millis, 1), Ordering::Relaxed);
    }
}

/// Where questions are asked.
#[derive(Debug, Clone)]
pub(super) struct Questions {
    pub(super) pool: DatabaseConnection,
    /// Whose turn it is.
    pub(super) places: Arc<Semaphore>,
    pub(super) budget: Budget,
}

impl Questions {
    /// A share of a pool of so many connections.
    pub(super) fn sharing(pool: DatabaseConnection, connections: u32) -> Self {
        Self::over(pool, Ord::max(connections / SHARE, 1), Budget::default())
    }

    /// A pool of their own, whose connections keep to the budget by themselves.
    pub(super) fn over(pool: DatabaseConnection, places: u32, budget: Budget) -> Self {
        Self {
            pool,
            places: Arc::new(Semaphore::new(places as usize)),
            budget,
        }
    }
}
