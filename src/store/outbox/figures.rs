//! Sending in figures.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QuerySelect, sea_query::Expr,
};

use super::open;
use crate::{
    message::AttemptOutcome,
    store::{
        column::Named,
        entity::{attempt, recipient},
        error::StoreError,
        handle::Store,
    },
};

/// Sending in figures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DeliveryFigures {
    /// Recipients of calls that sent.
    pub recipients: u64,
    /// Recipients who wait or are being sent to now.
    pub open: u64,
}

/// What did not reach DingTalk, or was throttled by it, sent to nobody.
fn reached() -> Condition {
    let not_sent = [AttemptOutcome::Retry, AttemptOutcome::NotMade];
    Condition::any()
        .add(attempt::Column::Outcome.is_null())
        .add(attempt::Column::Outcome.is_not_in(not_sent.map(Named)))
}

impl Store {
    /// The figures since `since`.
    pub async fn delivery_figures(&self, since: DateTime<Utc>) -> Result<DeliveryFigures, StoreError> {
        // Who stands in a list yet waits, too.
        self.unfold().await?;

        let recipients: Option<Option<i64>> = attempt::Entity::find()
            .select_only()
            .column_as(
                Expr::col(attempt::Column::Recipients).sum().cast_as("bigint"),
                "recipients",
            )
            .filter(attempt::Column::StartedAt.gte(since))
            .filter(attempt::Column::CallId.is_not_null())
            .filter(reached())
            .into_tuple()
            .one(&self.read)
            .await?;

        let mut waiting = 0;
        for part in open() {
            waiting += recipient::Entity::find().filter(part).count(&self.read).await?;
        }

        Ok(DeliveryFigures {
            recipients: recipients.flatten().unwrap_or(0).unsigned_abs(),
            open: waiting,
        })
    }
}
