//! Messages, recipients and attempts: recorded, and read.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Order, SimpleExpr},
};
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

    /// Whose requests named the recipients of these messages; at most a page of them.
    pub async fn namers_of(&self, messages: &BTreeSet<Uuid>) -> Result<BTreeMap<Uuid, Arc<str>>, StoreError> {
        let rows: Vec<(UuidText, CleanText, Option<CleanText>)> = message::Entity::find()
            .select_only()
            .columns([message::Column::Id, message::Column::Caller, message::Column::NamedBy])
            .filter(message::Column::Id.is_in(messages.iter().map(UuidText::from)))
            .into_tuple()
            .all(&self.read)
            .await?;

        let namers = rows.into_iter().map(|(id, caller, named_by)| {
            let namer = named_by.unwrap_or(caller);
            (id.into(), namer.as_str().into())
        });
        Ok(namers.collect())
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

    /// All recipients of a message that are in one of these states, in the order asked.
    pub async fn recipients_in(&self, message: Uuid, states: &[RecipientState]) -> Result<Vec<Recipient>, StoreError> {
        let in_state = recipient::Column::State.is_in(states.iter().copied().map(Named));
        self.recipients_where(message, in_state).await
    }

    /// Those of a message's recipients who have one of these ids, in the order asked.
    pub async fn recipients_among(&self, message: Uuid, ids: &[i64]) -> Result<Vec<Recipient>, StoreError> {
        let among = recipient::Column::Id.is_in(ids.iter().copied());
        self.recipients_where(message, among).await
    }

    async fn recipients_where(&self, message: Uuid, which: SimpleExpr) -> Result<Vec<Recipient>, StoreError> {
        self.unfold_messages(&[message]).await?;
        let rows = recipient::Entity::find()
            .filter(recipient::Column::MessageId.eq(UuidText(message)))
            .filter(which)
            .order_by_asc(recipient::Column::Position)
            .all(&self.read)
            .await?;
        Ok(rows.into_iter().map(recipient_value).collect())
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

    /// Which messages wait to be sent to which of these people, who are told by where they stand in `users`.
    pub async fn waiting_for(&self, users: &[&UserId]) -> Result<Vec<(usize, Uuid)>, StoreError> {
        self.unfold().await?;

        let mut waiting = Vec::new();
        for (at, chunk) in users.chunks(CHUNK).enumerate() {
            let rows: Vec<(String, UuidText)> = recipient::Entity::find()
                .select_only()
                .columns([recipient::Column::Userid, recipient::Column::MessageId])
                .filter(recipient::Column::Userid.is_in(chunk.iter().map(|id| id.as_str())))
                .filter(recipient::Column::State.eq(Named(RecipientState::Queued)))
                .into_tuple()
                .all(&self.read)
                .await?;

            let places: BTreeMap<&str, usize> = chunk
                .iter()
                .enumerate()
                .map(|(place, id)| (id.as_str(), at * CHUNK + place))
                .collect();
            let known = rows.into_iter().filter_map(|(userid, message)| {
                let place = places.get(userid.as_str())?;
                Some((*place, message.into()))
            });
            waiting.extend(known);
        }
        Ok(waiting)
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
