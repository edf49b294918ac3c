//! Questions that people ask of the ledger: their answer may have to be looked for among millions of rows.
//!
//! Whoever claims, records and follows up waits for a connection behind nobody who asks: those have a few places of
//! their own. And a question is given up after a while, with a remedy, instead of being worked on for somebody who has
//! gone.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use sea_orm::{ConnectionTrait, DatabaseConnection};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout},
};

use super::{connect::Store, dialect, error::StoreError, fault::FaultKind, transaction::Transaction};

/// So long the database may work on a question, unless somebody sets it otherwise.
const BUDGET: Duration = Duration::from_secs(5);

/// So long a question waits for its turn.
const TURN: Duration = Duration::from_secs(8);

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

    fn set(&self, time: Duration) {
        let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.0.store(Ord::max(millis, 1), Ordering::Relaxed);
    }
}

/// Where questions are asked.
#[derive(Debug, Clone)]
pub(super) struct Questions {
    pool: DatabaseConnection,
    places: Arc<Semaphore>,
    budget: Budget,
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

/// A question that is being answered; all that it reads is of one moment.
pub(super) struct Question {
    pub(super) transaction: Transaction,
    deadline: Instant,
    /// Freed last.
    _place: OwnedSemaphorePermit,
}

impl Store {
    /// Gives up questions that the database works on for longer than `budget`.
    pub fn answer_within(&self, budget: Duration) {
        self.questions.budget.set(budget);
    }

    /// Waits for its turn, and begins to ask.
    pub(super) async fn ask(&self) -> Result<Question, StoreError> {
        let Questions { pool, places, budget } = &self.questions;
        let place = match timeout(TURN, places.clone().acquire_owned()).await {
            Ok(Ok(place)) => place,
            Ok(Err(_)) | Err(_) => return Err(StoreError::TooManyQuestions),
        };

        let budget = budget.get();
        let transaction = dialect::begin_read(pool).await?;
        if self.is_postgres() {
            dialect::limit_statements(&transaction, budget).await?;
        }

        Ok(Question {
            transaction,
            deadline: Instant::now() + budget,
            _place: place,
        })
    }
}

impl Question {
    pub(super) fn is_postgres(&self) -> bool {
        self.transaction.get_database_backend() == sea_orm::DbBackend::Postgres
    }

    /// Between two statements.
    pub(super) fn go_on(&self) -> Result<(), StoreError> {
        if Instant::now() < self.deadline {
            Ok(())
        } else {
            Err(StoreError::TooLong)
        }
    }

    /// The answer: what the database gave up in the middle took too long.
    pub(super) fn answered<T>(self, answer: Result<T, StoreError>) -> Result<T, StoreError> {
        answer.map_err(|error| match error {
            StoreError::Fault {
                kind: FaultKind::Cancelled,
                ..
            } => StoreError::TooLong,
            error => error,
        })
    }
}
