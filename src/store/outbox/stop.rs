//! A stop of all sending, which every replica sees.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, LockType},
};

use super::queue::waiting_at_all;
use crate::{
    audit::{AuditAction, Author, Deed},
    catalogue::Statement,
    store::{
        audit,
        column::CleanText,
        entity::{delivery_state, recipient},
        error::StoreError,
        handle::Store,
        transaction::Transaction,
    },
};

/// Nothing is sent until then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// Until when.
    pub until: DateTime<Utc>,
    /// DingTalk's code.
    pub code: Option<String>,
    /// Why, and what to do.
    pub reason: Statement,
}

fn stop(row: delivery_state::Model) -> Option<Stop> {
    Some(Stop {
        until: row.stopped_until?,
        code: row.stopped_code.map(String::from),
        reason: row.stopped_reason.map_or_else(|| Statement::other(""), Statement::from),
    })
}

/// The row that claims of all replicas queue up behind, until the transaction ends.
pub(super) async fn locked_stop(transaction: &Transaction) -> Result<Option<Stop>, StoreError> {
    let row = delivery_state::Entity::find_by_id(1)
        .lock(LockType::Update)
        .one(transaction)
        .await?;
    Ok(row.and_then(stop))
}

impl Store {
    /// The stop in force at `now`.
    pub async fn sending_stopped(&self, now: DateTime<Utc>) -> Result<Option<Stop>, StoreError> {
        let row = delivery_state::Entity::find_by_id(1).one(&self.read).await?;
        Ok(row.and_then(stop).filter(|stop| stop.until > now))
    }

    /// Stops sending until then, unless it is stopped for longer. Whether that made a difference.
    pub async fn stop_sending(&self, stop: &Stop) -> Result<bool, StoreError> {
        let updated = delivery_state::Entity::update_many()
            .col_expr(delivery_state::Column::StoppedUntil, Expr::val(stop.until))
            .col_expr(delivery_state::Column::StoppedAt, Expr::val(self.clock.now()))
            .col_expr(
                delivery_state::Column::StoppedCode,
                Expr::val(CleanText::of(stop.code.as_ref())),
            )
            .col_expr(
                delivery_state::Column::StoppedReason,
                Expr::val(CleanText::said(&stop.reason)),
            )
            .filter(
                delivery_state::Column::StoppedUntil
                    .is_null()
                    .or(delivery_state::Column::StoppedUntil.lt(stop.until)),
            )
            .exec(&self.write)
            .await?;
        Ok(updated.rows_affected > 0)
    }

    /// Goes on with sending: who waits for the end of the stop is due now, and so is who waits for less. `by`: who asks
    /// for it; nobody has to after a change of the settings. The stop that there was.
    pub async fn resume_sending(&self, by: Option<&Author>) -> Result<Option<Stop>, StoreError> {
        repeated!(async {
            let transaction = self.begin().await?;
            let stop = locked_stop(&transaction).await?;
            let now = self.clock.now();
            let Some(stop) = stop.filter(|stop| stop.until > now) else {
                drop(transaction);
                return Ok(None);
            };

            delivery_state::Entity::update_many()
                .col_expr(delivery_state::Column::StoppedUntil, Expr::val(None::<DateTime<Utc>>))
                .exec(&transaction)
                .await?;
            for part in waiting_at_all() {
                recipient::Entity::update_many()
                    .col_expr(recipient::Column::NotBefore, Expr::val(now))
                    .filter(part)
                    // Calls that met the same one after another have ends a moment apart.
                    .filter(recipient::Column::NotBefore.gt(now))
                    .filter(recipient::Column::NotBefore.lte(stop.until))
                    .exec(&transaction)
                    .await?;
            }

            if let Some(by) = by {
                audit::note(&transaction, &Deed::new(AuditAction::DeliveryResumed, by), now).await?;
            }
            transaction.commit().await?;
            Ok(Some(stop))
        })
    }
}
