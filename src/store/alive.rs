//! When a process was last in step with the database: what a failover can have lost is younger.

use std::{sync::PoisonError, time::Duration};

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect, sea_query::Expr};
use tokio::time::Instant;

use super::{dialect, entity::database_epoch, epoch::ROW, error::StoreError, handle::Store, transaction::Transaction};

/// How exact the time on record is.
const EVERY: Duration = Duration::from_secs(5);

impl Store {
    /// Notes that this process is in step with the database.
    ///
    /// The note is written as everything else is, to a server whose epoch has begun: on another one it would hide for
    /// how long nobody was in step.
    pub async fn note_alive(&self) -> Result<(), StoreError> {
        let backend = self.read.get_database_backend();
        let every = i64::try_from(EVERY.as_millis()).unwrap_or(i64::MAX / 4);
        let is_old = database_epoch::Column::Id.eq(ROW).and(
            Expr::col(database_epoch::Column::AliveAtMs)
                .lt(dialect::now_ms(backend).sub(every))
                // Noted while the clock was ahead.
                .or(Expr::col(database_epoch::Column::AliveAtMs).gt(dialect::now_ms(backend).add(every))),
        );

        // Looked at first: most of the time nothing has to be written.
        let old = database_epoch::Entity::find()
            .filter(is_old.clone())
            .one(&self.read)
            .await?;
        if old.is_some() {
            repeated!(async {
                let transaction = self.begin().await?;
                database_epoch::Entity::update_many()
                    .col_expr(database_epoch::Column::AliveAtMs, dialect::now_ms(backend))
                    .filter(is_old.clone())
                    .exec(&transaction)
                    .await?;
                Ok(transaction.commit().await?)
            })?;
        }

        *self.in_step.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        Ok(())
    }

    /// How long no process was in step with the database, as far as it or this process knows.
    pub(super) async fn silent_for(&self, transaction: &Transaction) -> Result<Duration, StoreError> {
        let backend = transaction.get_database_backend();
        let on_record: Option<i64> = database_epoch::Entity::find_by_id(ROW)
            .select_only()
            .column_as(
                dialect::now_ms(backend).sub(Expr::col(database_epoch::Column::AliveAtMs)),
                "silent",
            )
            .into_tuple()
            .one(transaction)
            .await?;
        // A clock that is behind the former server's tells too little, and one that is far behind a time to come.
        let on_record = Duration::from_millis(on_record.unwrap_or(i64::MAX).unsigned_abs());

        let in_step = *self.in_step.lock().unwrap_or_else(PoisonError::into_inner);
        let here = in_step.map_or(Duration::ZERO, |at| at.elapsed());
        Ok(Ord::max(on_record, here) + EVERY)
    }
}
