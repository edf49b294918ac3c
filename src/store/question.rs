//! Asking a question: one that people ask of the ledger, whose answer may have to be looked for among millions of rows.
//! What all questions share, connections and budget, is in `questions.rs`.
//!
//! Whoever claims, records and follows up waits for a connection behind nobody who asks: those have a few places of
//! their own. And a question is given up after a while, with a remedy, instead of being worked on for somebody who has
//! gone.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbBackend};
use tokio::{
    sync::OwnedSemaphorePermit,
    time::{Instant, timeout},
};

use super::{
    dialect, error::StoreError, fault::FaultKind, handle::Store, questions::Questions, transaction::Transaction,
};

/// So long a question waits for its turn.
const TURN: Duration = Duration::from_secs(8);

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
        let transaction = self.begin_read_by(pool).await?;
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
        self.backend() == DbBackend::Postgres
    }

    pub(super) fn backend(&self) -> DbBackend {
        self.transaction.get_database_backend()
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
