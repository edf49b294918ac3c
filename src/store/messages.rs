//! Messages, recipients and attempts: recorded, and read.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};
use uuid::Uuid;

use super::{
    connect::Store,
    entity::{attempt, message, recipient},
    error::{StoreError, corrupt},
    message_rows::{attempt_value, message_value, recipient_value},
    text::{by_name, name_of, without_nul},
};
use crate::{
    directory::UserId,
    message::{Attempt, Message, MessageState, Recipient, RecipientState},
    page::{Page, PageRequest},
};

/// Rows a statement.
const CHUNK: usize = 1_000;

/// Which messages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageQuery {
    /// Only in these states; empty: any.
    pub states: Vec<MessageState>,
    /// Only to this DingTalk user.
    pub userid: Option<UserId>,
    /// With `userid`: only where the request named them, not where a department brought them.
    pub named: bool,
    /// Only with this key.
    pub idempotency_key: Option<String>,
    /// Only of this caller.
    pub caller: Option<String>,
    /// Only with a recipient in one of these states; empty: any.
    pub recipient_states: Vec<RecipientState>,
    /// Only from this moment on.
    pub created_from: Option<DateTime<Utc>>,
    /// Only from before this moment.
    pub created_before: Option<DateTime<Utc>>,
}

/// Which recipients, of whatever messages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecipientQuery {
    /// Only of this message.
    pub message: Option<Uuid>,
    /// Only in these states; empty: any.
    pub states: Vec<RecipientState>,
    /// Only this DingTalk user.
    pub userid: Option<UserId>,
    /// With `userid`: only where the request named them, not where a department brought them.
    pub named: bool,
    /// Only of messages of this caller.
    pub caller: Option<String>,
    /// Only of messages from this moment on.
    pub created_from: Option<DateTime<Utc>>,
    /// Only of messages from before this moment.
    pub created_before: Option<DateTime<Utc>>,
}

impl Store {
    /// One message.
    pub async fn message(&self, id: Uuid) -> Result<Option<Message>, StoreError> {
        message::Entity::find_by_id(id.to_string())
            .one(&self.read)
            .await?
            .map(message_value)
            .transpose()
    }

    /// Who sent these messages; at most a page of them.
    pub async fn callers_of(&self, messages: &BTreeSet<Uuid>) -> Result<BTreeMap<Uuid, Arc<str>>, StoreError> {
        let rows: Vec<(String, String)> = message::Entity::find()
            .select_only()
            .column(message::Column::Id)
            .column(message::Column::Caller)
            .filter(message::Column::Id.is_in(messages.iter().map(Uuid::to_string)))
            .into_tuple()
            .all(&self.read)
            .await?;
        rows.into_iter()
            .map(|(id, caller)| {
                let id = Uuid::parse_str(&id).map_err(|error| corrupt("messages.id", error))?;
                Ok((id, caller.into()))
            })
            .collect()
    }

    /// Messages, newest first; the cursor is the id.
    pub async fn messages(&self, filter: &MessageQuery, page: PageRequest<Uuid>) -> Result<Page<Message>, StoreError> {
        self.unfold_for(filter).await?;
        let mut query = matching(filter);
        if let Some(after) = page.after {
            query = query.filter(message::Column::Id.lt(after.to_string()));
        }
        let query = query
            .order_by_desc(message::Column::Id)
            .limit(u64::from(page.first) + 1);
        let messages = query
            .all(&self.read)
            .await?
            .into_iter()
            .map(message_value)
            .collect::<Result<_, _>>()?;
        Ok(Page::from_overfetched(messages, page.first))
    }

    /// How many messages match.
    pub async fn count_messages(&self, filter: &MessageQuery) -> Result<u64, StoreError> {
        self.unfold_for(filter).await?;
        Ok(matching(filter).count(&self.read).await?)
    }

    /// Only what is asked about recipients has to wait for their rows.
    async fn unfold_for(&self, filter: &MessageQuery) -> Result<(), StoreError> {
        if filter.userid.is_some() || !filter.recipient_states.is_empty() {
            self.unfold().await?;
        }
        Ok(())
    }

    /// A message's recipients in the order asked; the cursor is the position. No states: any.
    pub async fn recipients(
        &self,
        message: Uuid,
        states: &[RecipientState],
        page: PageRequest<i64>,
    ) -> Result<Page<Recipient>, StoreError> {
        let query = RecipientQuery {
            message: Some(message),
            states: states.to_vec(),
            ..RecipientQuery::default()
        };
        self.unfold_messages(&[message]).await?;
        let query = recipients_of(&query)
            .filter(recipient::Column::Position.gt(page.after.unwrap_or(-1)))
            .order_by_asc(recipient::Column::Position);
        self.recipient_page(query, page.first).await
    }

    /// Recipients of any messages, the newest first; the cursor is the row's id.
    pub async fn find_recipients(
        &self,
        filter: &RecipientQuery,
        page: PageRequest<i64>,
    ) -> Result<Page<Recipient>, StoreError> {
        self.unfold_those(filter).await?;
        let mut query = recipients_of(filter);
        if let Some(after) = page.after {
            query = query.filter(recipient::Column::Id.lt(after));
        }
        self.recipient_page(query.order_by_desc(recipient::Column::Id), page.first)
            .await
    }

    /// How many recipients match.
    pub async fn count_recipients(&self, filter: &RecipientQuery) -> Result<u64, StoreError> {
        self.unfold_those(filter).await?;
        Ok(recipients_of(filter).count(&self.read).await?)
    }

    async fn unfold_those(&self, filter: &RecipientQuery) -> Result<(), StoreError> {
        match filter.message {
            Some(message) => self.unfold_messages(&[message]).await,
            None => self.unfold().await.map(drop),
        }
    }

    async fn recipient_page(
        &self,
        query: Select<recipient::Entity>,
        first: u32,
    ) -> Result<Page<Recipient>, StoreError> {
        let rows = query.limit(u64::from(first) + 1).all(&self.read).await?;
        let recipients = rows.into_iter().map(recipient_value).collect::<Result<_, _>>()?;
        Ok(Page::from_overfetched(recipients, first))
    }

    /// One recipient.
    pub async fn recipient(&self, id: i64) -> Result<Option<Recipient>, StoreError> {
        recipient::Entity::find_by_id(id)
            .one(&self.read)
            .await?
            .map(recipient_value)
            .transpose()
    }

    /// How many of the recipients that match are in each state.
    pub async fn count_states(&self, filter: &RecipientQuery) -> Result<BTreeMap<RecipientState, u64>, StoreError> {
        self.unfold_those(filter).await?;
        let rows: Vec<(String, i64)> = recipients_of(filter)
            .select_only()
            .column(recipient::Column::State)
            .column_as(recipient::Column::Id.count(), "recipients")
            .group_by(recipient::Column::State)
            .into_tuple()
            .all(&self.read)
            .await?;
        let count = |(state, count): (String, i64)| Ok((by_name("recipients.state", &state)?, count.unsigned_abs()));
        rows.into_iter().map(count).collect()
    }

    /// How many recipients of each message are in each state.
    pub async fn recipient_counts(
        &self,
        messages: &[Uuid],
    ) -> Result<BTreeMap<Uuid, BTreeMap<RecipientState, u64>>, StoreError> {
        self.unfold_messages(messages).await?;
        let mut counts: BTreeMap<Uuid, BTreeMap<RecipientState, u64>> = BTreeMap::new();
        for chunk in messages.chunks(CHUNK) {
            let rows: Vec<(String, String, i64)> = recipient::Entity::find()
                .select_only()
                .column(recipient::Column::MessageId)
                .column(recipient::Column::State)
                .column_as(recipient::Column::Id.count(), "recipients")
                .filter(recipient::Column::MessageId.is_in(chunk.iter().map(Uuid::to_string)))
                .group_by(recipient::Column::MessageId)
                .group_by(recipient::Column::State)
                .into_tuple()
                .all(&self.read)
                .await?;
            for (id, state, count) in rows {
                let id = Uuid::parse_str(&id).map_err(|error| corrupt("recipients.message_id", error))?;
                let state = by_name("recipients.state", &state)?;
                counts.entry(id).or_default().insert(state, count.unsigned_abs());
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
                .filter(recipient::Column::State.eq(name_of(&RecipientState::Queued)))
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
        let mut query = attempt::Entity::find().filter(attempt::Column::MessageId.eq(message.to_string()));
        if let Some(after) = page.after {
            query = query.filter(attempt::Column::Id.gt(after.to_string()));
        }
        let query = query.order_by_asc(attempt::Column::Id).limit(u64::from(page.first) + 1);
        let attempts = query
            .all(&self.read)
            .await?
            .into_iter()
            .map(attempt_value)
            .collect::<Result<_, _>>()?;
        Ok(Page::from_overfetched(attempts, page.first))
    }
}

fn matching(filter: &MessageQuery) -> Select<message::Entity> {
    let mut query = message::Entity::find();
    if !filter.states.is_empty() {
        query = query.filter(message::Column::State.is_in(filter.states.iter().map(name_of)));
    }
    if let Some(key) = &filter.idempotency_key {
        query = query.filter(message::Column::IdempotencyKey.eq(without_nul(key)));
    }
    if let Some(caller) = &filter.caller {
        query = query.filter(message::Column::Caller.eq(without_nul(caller)));
    }
    if let Some(userid) = &filter.userid {
        let to_user = recipient::Entity::find()
            .select_only()
            .column(recipient::Column::MessageId)
            .filter(this_user(userid, filter.named));
        query = query.filter(message::Column::Id.in_subquery(to_user.into_query()));
    }
    if !filter.recipient_states.is_empty() {
        let in_state = recipient::Entity::find()
            .select_only()
            .column(recipient::Column::MessageId)
            .filter(recipient::Column::State.is_in(filter.recipient_states.iter().map(name_of)));
        query = query.filter(message::Column::Id.in_subquery(in_state.into_query()));
    }
    if let Some(from) = filter.created_from {
        query = query.filter(message::Column::CreatedAt.gte(from));
    }
    if let Some(before) = filter.created_before {
        query = query.filter(message::Column::CreatedAt.lt(before));
    }
    query
}

fn this_user(userid: &UserId, named: bool) -> Condition {
    let this = Condition::all().add(recipient::Column::Userid.eq(without_nul(userid.as_str())));
    this.add_option(named.then(|| recipient::Column::DeptId.is_null()))
}

fn recipients_of(filter: &RecipientQuery) -> Select<recipient::Entity> {
    let mut query = recipient::Entity::find();
    if let Some(message) = filter.message {
        query = query.filter(recipient::Column::MessageId.eq(message.to_string()));
    }
    if !filter.states.is_empty() {
        query = query.filter(recipient::Column::State.is_in(filter.states.iter().map(name_of)));
    }
    if let Some(userid) = &filter.userid {
        query = query.filter(this_user(userid, filter.named));
    }
    let of = MessageQuery {
        caller: filter.caller.clone(),
        created_from: filter.created_from,
        created_before: filter.created_before,
        ..MessageQuery::default()
    };
    if of != MessageQuery::default() {
        let messages = matching(&of).select_only().column(message::Column::Id);
        query = query.filter(recipient::Column::MessageId.in_subquery(messages.into_query()));
    }
    query
}
