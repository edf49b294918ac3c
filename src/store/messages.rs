//! Messages, recipients and attempts: recorded, and read.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, sea_query::Order};
use uuid::Uuid;

use super::{
    column::{CleanText, Named, UuidText},
    entity::{attempt, message, recipient},
    error::StoreError,
    handle::Store,
    message_rows::{attempt_value, message_value, recipient_value},
    paging::paged,
};
use crate::{
    directory::UserId,
    message::{Attempt, Message, Recipient, RecipientState},
    page::{Page, PageRequest},
};

/// Rows a statement.
const CHUNK: usize = 1_000;

impl Store {
    /// One message.
    pub async fn message(&self, id: Uuid) -> Result<Option<Message>, StoreError> {
        message::Entity::find_by_id(id)
            .one(&self.read)
            .await?
            .map(message_value)
            .transpose()
    }

    /// Who sent these messages; at most a page of them.
    pub async fn callers_of(&self, messages: &BTreeSet<Uuid>) -> Result<BTreeMap<Uuid, Arc<str>>, StoreError> {
        let rows: Vec<(UuidText, CleanText)> = message::Entity::find()
            .select_only()
            .column(message::Column::Id)
            .column(message::Column::Caller)
            .filter(message::Column::Id.is_in(messages.iter().map(UuidText::from)))
            .into_tuple()
            .all(&self.read)
            .await?;

        let callers = rows.into_iter().map(|(id, caller)| (id.into(), caller.as_str().into()));
        Ok(callers.collect())
    }

    /// A message's recipients in the order asked; the cursor is the position. No states: any.
    pub async fn recipients(
        &self,
        message: Uuid,
        states: &[RecipientState],
        page: PageRequest<i64>,
    ) -> Result<Page<Recipient>, StoreError> {
        self.unfold_messages(&[message]).await?;

        let in_state = (!states.is_empty()).then(|| recipient::Column::State.is_in(states.iter().copied().map(Named)));
        let query = recipient::Entity::find()
            .filter(recipient::Column::MessageId.eq(UuidText(message)))
            .filter(Condition::all().add_option(in_state));
        let found = paged(query, (recipient::Column::Position, Order::Asc), &page);
        let rows = found.all(&self.read).await?;

        let recipients = rows.into_iter().map(recipient_value).collect();
        Ok(Page::from_overfetched(recipients, &page))
    }

    /// One recipient.
    pub async fn recipient(&self, id: i64) -> Result<Option<Recipient>, StoreError> {
        let row = recipient::Entity::find_by_id(id).one(&self.read).await?;
        Ok(row.map(recipient_value))
    }

    /// How many recipients of each message are in each state.
    pub async fn recipient_counts(
        &self,
        messages: &[Uuid],
    ) -> Result<BTreeMap<Uuid, BTreeMap<RecipientState, u64>>, StoreError> {
        self.unfold_messages(messages).await?;

        let mut counts: BTreeMap<Uuid, BTreeMap<RecipientState, u64>> = BTreeMap::new();
        for chunk in messages.chunks(CHUNK) {
            let rows: Vec<(UuidText, Named<RecipientState>, i64)> = recipient::Entity::find()
                .select_only()
                .column(recipient::Column::MessageId)
                .column(recipient::Column::State)
                .column_as(recipient::Column::Id.count(), "recipients")
                .filter(recipient::Column::MessageId.is_in(chunk.iter().map(UuidText::from)))
                .group_by(recipient::Column::MessageId)
                .group_by(recipient::Column::State)
                .into_tuple()
                .all(&self.read)
                .await?;

            for (id, state, count) in rows {
                counts
                    .entry(id.into())
                    .or_default()
                    .insert(state.0, count.unsigned_abs());
            }
        }
        Ok(counts)
    }

    /// How many messages wait to be sent to each of these people; who is left out has none.
    pub async fn queued_for(&self, users: &[UserId]) -> Result<BTreeMap<String, u64>, StoreError> {
        self.unfold().await?;

        let mut counts = BTreeMap::new();
        for chunk in users.chunks(CHUNK) {
            let rows: Vec<(String, i64)> = recipient::Entity::find()
                .select_only()
                .column(recipient::Column::Userid)
                .column_as(recipient::Column::Id.count(), "recipients")
                .filter(recipient::Column::Userid.is_in(chunk.iter().map(UserId::as_str)))
                .filter(recipient::Column::State.eq(Named(RecipientState::Queued)))
                .group_by(recipient::Column::Userid)
                .into_tuple()
                .all(&self.read)
                .await?;
            counts.extend(rows.into_iter().map(|(userid, count)| (userid, count.unsigned_abs())));
        }
        Ok(counts)
    }

    /// A message's attempts, oldest first; the cursor is the id.
    pub async fn attempts(&self, message: Uuid, page: PageRequest<Uuid>) -> Result<Page<Attempt>, StoreError> {
        let page = page.map(UuidText);
        let of_message = attempt::Entity::find().filter(attempt::Column::MessageId.eq(UuidText(message)));
        let found = paged(of_message, (attempt::Column::Id, Order::Asc), &page);

        let attempts = found.all(&self.read).await?.into_iter().map(attempt_value).collect();
        Ok(Page::from_overfetched(attempts, &page))
    }
}
