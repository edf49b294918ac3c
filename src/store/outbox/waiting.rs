//! The outbox in figures, for whoever watches over it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{
    message::RecipientState,
    store::{
        column::Named,
        entity::{message, recipient},
        error::StoreError,
        handle::Store,
    },
};

/// What stands in the outbox. Recipients who were taken in a moment ago may not be counted yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutboxFigures {
    /// Recipients of all messages on record, by state; a state that nobody is in isn't there.
    pub recipients: BTreeMap<RecipientState, u64>,
    /// When the message was taken in that has waited for longest; `None` where nobody waits.
    pub oldest_queued: Option<DateTime<Utc>>,
}

impl Store {
    /// The outbox as it stands. Reads an index through: not for every request.
    pub async fn outbox_figures(&self) -> Result<OutboxFigures, StoreError> {
        let rows: Vec<(Named<RecipientState>, i64)> = recipient::Entity::find()
            .select_only()
            .column(recipient::Column::State)
            .column_as(recipient::Column::Id.count(), "recipients")
            .group_by(recipient::Column::State)
            .into_tuple()
            .all(&self.read)
            .await?;
        let count = |(state, count): (Named<RecipientState>, i64)| (state.0, count.unsigned_abs());

        // Messages' ids sort by their time.
        let oldest: Option<DateTime<Utc>> = recipient::Entity::find()
            .select_only()
            .column(message::Column::CreatedAt)
            .join(
                sea_orm::JoinType::InnerJoin,
                recipient::Entity::belongs_to(message::Entity)
                    .from(recipient::Column::MessageId)
                    .to(message::Column::Id)
                    .into(),
            )
            .filter(recipient::Column::State.eq(Named(RecipientState::Queued)))
            .order_by_asc(recipient::Column::MessageId)
            .limit(1)
            .into_tuple()
            .one(&self.read)
            .await?;

        Ok(OutboxFigures {
            recipients: rows.into_iter().map(count).collect(),
            oldest_queued: oldest,
        })
    }
}
