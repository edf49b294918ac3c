//! Messages, recipients and attempts: recorded, and read.

use std::collections::BTreeMap;

use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Select, Set, SqlErr,
};
use uuid::Uuid;

use super::{
    connect::Store,
    entity::{attempt, message, recipient},
    error::{StoreError, corrupt},
    text::{by_name, by_name_opt, from_json, json, name_of, without_nul, without_nul_opt},
};
use crate::{
    directory::UserId,
    message::{Attempt, Message, MessageState, NewMessage, Recipient, RecipientState},
    page::{Page, PageRequest},
};

/// Rows a statement.
const CHUNK: usize = 1_000;

/// What came of recording a message.
#[derive(Debug, Clone, PartialEq)]
pub struct InsertedMessage {
    /// The new message, or the one that has the key already.
    pub message: Message,
    /// Which of the two.
    pub outcome: InsertOutcome,
}

/// What came of recording a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InsertOutcome {
    /// It is recorded.
    Inserted,
    /// The caller has sent the same before: this is that one.
    Replayed,
    /// The caller has used the key for something else.
    KeyReused,
}

/// Which messages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageQuery {
    /// Only in these states; empty: any.
    pub states: Vec<MessageState>,
    /// Only to this DingTalk user.
    pub userid: Option<UserId>,
    /// Only with this key.
    pub idempotency_key: Option<String>,
    /// Only of this caller.
    pub caller: Option<String>,
}

impl Store {
    /// Records a message with its recipients in one transaction, once for each caller and key.
    pub async fn insert_message(&self, new: NewMessage) -> Result<InsertedMessage, StoreError> {
        if let Some(known) = self.known(&new).await? {
            return Ok(known);
        }
        let transaction = self.begin().await?;
        match message_row(&new).insert(&transaction).await {
            Ok(_) => {}
            Err(error) => {
                transaction.rollback().await?;
                // Two callers with one key at the same moment: the second one finds the first one's message.
                if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
                    && let Some(known) = self.known(&new).await?
                {
                    return Ok(known);
                }
                return Err(error.into());
            }
        }
        let rows: Vec<_> = new
            .recipients
            .iter()
            .enumerate()
            .map(|(at, r)| recipient_row(&new, at, r))
            .collect();
        for chunk in rows.chunks(CHUNK) {
            recipient::Entity::insert_many(chunk.to_vec())
                .exec_without_returning(&transaction)
                .await?;
        }
        transaction.commit().await?;
        let message = Message {
            id: new.id,
            caller: new.caller,
            idempotency_key: new.idempotency_key,
            request_digest: new.request_digest,
            content: new.content,
            rendered: new.rendered,
            state: new.state,
            created_at: new.created_at,
        };
        Ok(InsertedMessage {
            message,
            outcome: InsertOutcome::Inserted,
        })
    }

    /// The message that has this caller's key already.
    async fn known(&self, new: &NewMessage) -> Result<Option<InsertedMessage>, StoreError> {
        let Some(key) = &new.idempotency_key else {
            return Ok(None);
        };
        let row = message::Entity::find()
            .filter(message::Column::Caller.eq(without_nul(&new.caller)))
            .filter(message::Column::IdempotencyKey.eq(without_nul(key)))
            .one(&self.write)
            .await?;
        let Some(message) = row.map(message_value).transpose()? else {
            return Ok(None);
        };
        let same = message.request_digest == new.request_digest;
        let outcome = if same {
            InsertOutcome::Replayed
        } else {
            InsertOutcome::KeyReused
        };
        Ok(Some(InsertedMessage { message, outcome }))
    }

    /// One message.
    pub async fn message(&self, id: Uuid) -> Result<Option<Message>, StoreError> {
        message::Entity::find_by_id(id.to_string())
            .one(&self.read)
            .await?
            .map(message_value)
            .transpose()
    }

    /// Messages, newest first; the cursor is the id.
    pub async fn messages(&self, filter: &MessageQuery, page: PageRequest<Uuid>) -> Result<Page<Message>, StoreError> {
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
        Ok(matching(filter).count(&self.read).await?)
    }

    /// A message's recipients in the order asked; the cursor is the position. No states: any.
    pub async fn recipients(
        &self,
        message: Uuid,
        states: &[RecipientState],
        page: PageRequest<i64>,
    ) -> Result<Page<Recipient>, StoreError> {
        let mut query = recipient::Entity::find()
            .filter(recipient::Column::MessageId.eq(message.to_string()))
            .filter(recipient::Column::Position.gt(page.after.unwrap_or(-1)));
        if !states.is_empty() {
            query = query.filter(recipient::Column::State.is_in(states.iter().map(name_of)));
        }
        let query = query
            .order_by_asc(recipient::Column::Position)
            .limit(u64::from(page.first) + 1);
        let recipients = query
            .all(&self.read)
            .await?
            .into_iter()
            .map(recipient_value)
            .collect::<Result<_, _>>()?;
        Ok(Page::from_overfetched(recipients, page.first))
    }

    /// One recipient.
    pub async fn recipient(&self, id: i64) -> Result<Option<Recipient>, StoreError> {
        recipient::Entity::find_by_id(id)
            .one(&self.read)
            .await?
            .map(recipient_value)
            .transpose()
    }

    /// How many recipients of each message are in each state.
    pub async fn recipient_counts(
        &self,
        messages: &[Uuid],
    ) -> Result<BTreeMap<Uuid, BTreeMap<RecipientState, u64>>, StoreError> {
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
            .filter(recipient::Column::Userid.eq(without_nul(userid.as_str())));
        query = query.filter(message::Column::Id.in_subquery(to_user.into_query()));
    }
    query
}

fn message_row(new: &NewMessage) -> message::ActiveModel {
    message::ActiveModel {
        id: Set(new.id.to_string()),
        caller: Set(without_nul(&new.caller)),
        idempotency_key: Set(without_nul_opt(new.idempotency_key.as_ref())),
        request_digest: Set(new.request_digest.clone()),
        content: Set(json(&new.content)),
        rendered: Set(without_nul(&new.rendered)),
        state: Set(name_of(&new.state)),
        created_at: Set(new.created_at),
    }
}

fn recipient_row(new: &NewMessage, at: usize, recipient: &crate::message::NewRecipient) -> recipient::ActiveModel {
    recipient::ActiveModel {
        id: sea_orm::NotSet,
        message_id: Set(new.id.to_string()),
        position: Set(i64::try_from(at).unwrap_or(i64::MAX)),
        identity: Set(recipient.identity.as_ref().map(json)),
        resolution_status: Set(recipient
            .resolution
            .as_ref()
            .map(|resolution| name_of(&resolution.status))),
        userid: Set(recipient.userid.as_ref().map(|id| without_nul(id.as_str()))),
        state: Set(name_of(&recipient.state)),
        reason: Set(without_nul_opt(recipient.reason.as_ref())),
        task_id: Set(None),
        updated_at: Set(new.created_at),
        not_before: Set(Some(new.created_at)),
        attempt_id: Set(None),
        claim_expires_at: Set(None),
        attempts: Set(0),
    }
}

pub(super) fn message_value(row: message::Model) -> Result<Message, StoreError> {
    Ok(Message {
        id: Uuid::parse_str(&row.id).map_err(|error| corrupt("messages.id", error))?,
        caller: row.caller,
        idempotency_key: row.idempotency_key,
        request_digest: row.request_digest,
        content: from_json("messages.content", &row.content)?,
        rendered: row.rendered,
        state: by_name("messages.state", &row.state)?,
        created_at: row.created_at,
    })
}

pub(super) fn recipient_value(row: recipient::Model) -> Result<Recipient, StoreError> {
    Ok(Recipient {
        id: row.id,
        message_id: Uuid::parse_str(&row.message_id).map_err(|error| corrupt("recipients.message_id", error))?,
        position: row.position,
        identity: row
            .identity
            .map(|text| from_json("recipients.identity", &text))
            .transpose()?,
        resolution_status: by_name_opt("recipients.resolution_status", row.resolution_status.as_deref())?,
        userid: row.userid.map(UserId::from),
        state: by_name("recipients.state", &row.state)?,
        reason: row.reason,
        task_id: row.task_id,
        updated_at: row.updated_at,
    })
}

fn attempt_value(row: attempt::Model) -> Result<Attempt, StoreError> {
    let uuid = |column: &str, text: &str| Uuid::parse_str(text).map_err(|error| corrupt(column, error));
    Ok(Attempt {
        id: uuid("attempts.id", &row.id)?,
        message_id: uuid("attempts.message_id", &row.message_id)?,
        recipients: row.recipients,
        started_at: row.started_at,
        finished_at: row.finished_at,
        outcome: by_name_opt("attempts.outcome", row.outcome.as_deref())?,
        task_id: row.task_id,
        code: row.code,
        detail: row.detail,
    })
}
