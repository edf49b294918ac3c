//! What becomes of messages, in one order that nobody is overtaken in.
//!
//! The number is the last thing that a transaction takes, and its row is locked until the commit: whoever sees a number
//! sees all before it. No clock is asked.

use std::collections::HashMap;

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set, sea_query::OnConflict,
};
use uuid::Uuid;

use super::{
    column::{CleanText, UuidText},
    entity::{message, message_update, message_update_count},
    error::StoreError,
    handle::Store,
    message_rows::message_value,
    numbers,
    transaction::Transaction,
};
use crate::{message::Message, page::MAX_PAGE};

/// Rows a statement.
const CHUNK: usize = 1_000;
/// So many changes are kept: whoever looks each second is never so far behind.
const KEPT: i64 = 100_000;

/// Messages that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdatedMessages {
    /// Only changes behind this one.
    pub after: i64,
    /// Only of this message.
    pub only: Option<Uuid>,
    /// Only of this caller's.
    pub caller: Option<String>,
}

/// A message that changed.
#[derive(Debug, Clone, PartialEq)]
pub struct MessageChange {
    /// Its newest change.
    pub seq: i64,
    /// The message as it stands.
    pub message: Message,
}

/// A page of messages that changed.
#[derive(Debug, Clone, PartialEq)]
pub struct UpdatedPage {
    /// Each message once, in the order of their newest changes.
    pub changes: Vec<MessageChange>,
    /// Behind which change to read on.
    pub read_to: i64,
    /// Whether there are more by now.
    pub has_next: bool,
}

impl Store {
    /// The newest change of any message.
    pub async fn newest_message_update(&self) -> Result<i64, StoreError> {
        newest(&self.read).await
    }

    /// Messages that changed, in the order of that, a page of them.
    pub async fn updated_messages(&self, filter: &UpdatedMessages) -> Result<UpdatedPage, StoreError> {
        // Both looks see one moment.
        let transaction = self.begin_read().await?;
        let mut read_to = newest(&transaction).await?;
        let mut query = message_update::Entity::find().filter(message_update::Column::Seq.gt(filter.after));
        if let Some(only) = filter.only {
            query = query.filter(message_update::Column::MessageId.eq(UuidText(only)));
        }

        let most = MAX_PAGE as usize;
        let mut changed = query
            .order_by_asc(message_update::Column::Seq)
            .limit(most as u64 + 1)
            .all(&transaction)
            .await?;
        let has_next = changed.len() > most;
        changed.truncate(most);
        if let Some(last) = changed.last().filter(|_| has_next) {
            read_to = last.seq;
        }

        let mut rows =
            message::Entity::find().filter(message::Column::Id.is_in(changed.iter().map(|it| it.message_id)));
        if let Some(caller) = &filter.caller {
            rows = rows.filter(message::Column::Caller.eq(CleanText::from(caller)));
        }
        let rows = rows.all(&transaction).await?;
        let mut rows: HashMap<UuidText, message::Model> = rows.into_iter().map(|row| (row.id, row)).collect();

        let present = changed
            .iter()
            .filter_map(|it| Some((it.seq, rows.remove(&it.message_id)?)));
        let change = |(seq, row)| message_value(row).map(|message| MessageChange { seq, message });
        Ok(UpdatedPage {
            changes: present.map(change).collect::<Result<_, _>>()?,
            // Never back behind where the reader stands.
            read_to: Ord::max(read_to, filter.after),
            has_next,
        })
    }

    /// Forgets changes that everybody has heard of.
    pub async fn forget_message_updates(&self) -> Result<(), StoreError> {
        let newest = newest(&self.read).await?;
        message_update::Entity::delete_many()
            .filter(message_update::Column::Seq.lte(newest - KEPT))
            .exec(&self.write)
            .await?;
        Ok(())
    }
}

/// The columns of `message_update_count`.
const NUMBERS: (message_update_count::Column, message_update_count::Column) =
    (message_update_count::Column::Id, message_update_count::Column::Newest);

async fn newest(db: &impl ConnectionTrait) -> Result<i64, StoreError> {
    numbers::newest::<message_update_count::Entity>(db, NUMBERS).await
}

/// Notes that these messages changed: the last thing that a transaction does before its commit, for others wait for
/// that.
pub(super) async fn note(transaction: &Transaction, ids: &[UuidText]) -> Result<(), StoreError> {
    let count = i64::try_from(ids.len()).unwrap_or(i64::MAX);
    if count == 0 {
        return Ok(());
    }

    let mut seq = numbers::take::<message_update_count::Entity>(transaction, NUMBERS, count).await? - count;
    for chunk in ids.chunks(CHUNK) {
        let rows: Vec<_> = chunk
            .iter()
            .map(|id| {
                seq += 1;
                message_update::ActiveModel {
                    message_id: Set(*id),
                    seq: Set(seq),
                }
            })
            .collect();

        message_update::Entity::insert_many(rows)
            .on_conflict(
                OnConflict::column(message_update::Column::MessageId)
                    .update_column(message_update::Column::Seq)
                    .to_owned(),
            )
            .exec_without_returning(transaction)
            .await?;
    }
    Ok(())
}
