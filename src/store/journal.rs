//! The answers of a run under way, so that whoever goes on with it after a crash asks nothing twice.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set, sea_query::OnConflict};
use uuid::Uuid;

use super::{
    column::{CleanText, UuidText},
    entity::run_answer,
    error::StoreError,
    handle::Store,
    lease::{Lease, confirm_fence},
};

/// Rows a statement.
const CHUNK: usize = 500;

/// One answered question. The texts are the sync's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalLine {
    /// The part of the run that asked.
    pub phase: String,
    /// What was asked.
    pub question: String,
    /// What came back.
    pub answer: String,
}

impl Store {
    /// Appends lines, numbered from `first`, as long as the lease holds.
    pub async fn add_answers(
        &self,
        run: Uuid,
        first: i64,
        lines: &[JournalLine],
        fence: &Lease,
    ) -> Result<(), StoreError> {
        repeated!(async {
            let transaction = self.begin().await?;
            confirm_fence(&transaction, fence).await?;

            let mut seq = first;
            for chunk in lines.chunks(CHUNK) {
                let rows: Vec<_> = chunk
                    .iter()
                    .map(|line| {
                        let row = run_answer::ActiveModel {
                            run_id: Set(run.into()),
                            seq: Set(seq),
                            phase: Set(line.phase.clone()),
                            question: Set(CleanText::from(&line.question)),
                            answer: Set(CleanText::from(&line.answer)),
                        };
                        seq += 1;
                        row
                    })
                    .collect();

                // A commit whose answer was lost is tried again.
                let keys = [run_answer::Column::RunId, run_answer::Column::Seq];
                run_answer::Entity::insert_many(rows)
                    .on_conflict(OnConflict::columns(keys).do_nothing().to_owned())
                    .exec_without_returning(&transaction)
                    .await?;
            }
            Ok(transaction.commit().await?)
        })
    }

    /// A run's lines in order, at most so many behind `after`: `(number, line)`.
    pub async fn answers(&self, run: Uuid, after: i64, limit: u64) -> Result<Vec<(i64, JournalLine)>, StoreError> {
        let rows = run_answer::Entity::find()
            .filter(run_answer::Column::RunId.eq(UuidText(run)))
            .filter(run_answer::Column::Seq.gt(after))
            .order_by_asc(run_answer::Column::Seq)
            .limit(limit)
            .all(&self.read)
            .await?;

        let line = |row: run_answer::Model| {
            let line = JournalLine {
                phase: row.phase,
                question: row.question.into(),
                answer: row.answer.into(),
            };
            (row.seq, line)
        };
        Ok(rows.into_iter().map(line).collect())
    }
}
