//! Messages and their recipients by day.

use std::collections::BTreeMap;

use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};

use super::span::Span;
use crate::{
    directory::DaySpan,
    message::RecipientState,
    store::{
        column::Named,
        entity::{message, recipient},
        error::StoreError,
        handle::Store,
        question::Question,
    },
};

/// Messages that were asked for on a day, and what became of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DayDeliveries {
    /// How many messages.
    pub messages: u64,
    /// Their recipients, by state; a state that nobody is in isn't there.
    pub recipients: BTreeMap<RecipientState, u64>,
}

impl Store {
    /// The messages of these days that are kept, each day's for itself.
    pub async fn deliveries(&self, days: &[DaySpan]) -> Result<Vec<DayDeliveries>, StoreError> {
        self.unfold().await?;
        let question = self.ask().await?;
        let found = deliveries(&question, days).await;
        question.answered(found)
    }
}

async fn deliveries(question: &Question, days: &[DaySpan]) -> Result<Vec<DayDeliveries>, StoreError> {
    let mut found = Vec::with_capacity(days.len());
    for day in days {
        question.go_on()?;
        let span = Span::new(Some(day.start), Some(day.end));
        let messages = message::Entity::find()
            .filter(span.of_messages())
            .count(&question.transaction)
            .await?;
        // A day without messages has no recipients either.
        let recipients = match messages {
            0 => BTreeMap::new(),
            _ => by_state(question, &span).await?,
        };
        found.push(DayDeliveries { messages, recipients });
    }
    Ok(found)
}

async fn by_state(question: &Question, span: &Span) -> Result<BTreeMap<RecipientState, u64>, StoreError> {
    let rows: Vec<(Named<RecipientState>, i64)> = recipient::Entity::find()
        .select_only()
        .column(recipient::Column::State)
        .column_as(recipient::Column::Id.count(), "recipients")
        // All of them: the index by state has the day as a piece of each, and everything that is counted.
        .filter(recipient::Column::State.is_in(RecipientState::ALL.map(Named)))
        .filter(span.of_recipients())
        .group_by(recipient::Column::State)
        .into_tuple()
        .all(&question.transaction)
        .await?;
    let count = |(state, count): (Named<RecipientState>, i64)| (state.0, count.unsigned_abs());
    Ok(rows.into_iter().map(count).collect())
}
