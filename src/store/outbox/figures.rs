//! What the company's monthly quota of calls was used for.

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
    /// Calls that sent, recalled or asked what became of a send: each counts against DingTalk's monthly quota.
    pub calls: u64,
    /// Recipients of those calls.
    pub recipients: u64,
    /// Recipients who wait or are being sent to now.
    pub open: u64,
}

/// What did not reach DingTalk, or was throttled by it, is not metered.
fn reached() -> Condition {
    let not_metered = [AttemptOutcome::Retry, AttemptOutcome::NotMade];
    Condition::any()
        .add(attempt::Column::Outcome.is_null())
        .add(attempt::Column::Outcome.is_not_in(not_metered.map(Named)))
}

impl Store {
    /// The figures since `since`.
    pub async fn delivery_figures(&self, since: DateTime<Utc>) -> Result<DeliveryFigures, StoreError> {
        // Who stands in a list yet waits, too.
        self.unfold().await?;

        let begun = attempt::Entity::find()
            .filter(attempt::Column::StartedAt.gte(since))
            .filter(attempt::Column::CallId.is_not_null())
            .filter(reached());
        // A call's first attempt bears its id.
        let calls = begun
            .clone()
            .filter(Expr::col(attempt::Column::Id).eq(Expr::col(attempt::Column::CallId)))
            .count(&self.read)
            .await?;

        let sums: Option<(Option<i64>, Option<i64>, Option<i64>)> = begun
            .select_only()
            .column_as(Expr::col(attempt::Column::Checks).sum().cast_as("bigint"), "checks")
            .column_as(
                Expr::col(attempt::Column::Recipients).sum().cast_as("bigint"),
                "recipients",
            )
            .column_as(
                Expr::col(attempt::Column::RecallTries).sum().cast_as("bigint"),
                "recalls",
            )
            .into_tuple()
            .one(&self.read)
            .await?;
        let (checks, recipients, recalls) = sums.unwrap_or_default();

        let mut waiting = 0;
        for part in open() {
            waiting += recipient::Entity::find().filter(part).count(&self.read).await?;
        }

        let number = |value: Option<i64>| value.unwrap_or(0).unsigned_abs();
        Ok(DeliveryFigures {
            calls: calls + number(recalls) + number(checks),
            recipients: number(recipients),
            open: waiting,
        })
    }
}
