//! Bodies are erased after a time; the ledger stays.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};

use super::CHUNK;
use crate::{
    message::{Content, MessageState},
    store::{
        column::{AsText, JsonText, Named, UuidText},
        entity::message,
        error::StoreError,
        handle::Store,
        message_updates,
        transaction::Transaction,
    },
};

impl Store {
    /// Erases the content of messages from before `cutoff` that nobody waits for, at most a thousand; how many.
    pub async fn erase_bodies(&self, cutoff: DateTime<Utc>) -> Result<u64, StoreError> {
        let now = self.clock.now();
        let ids: Vec<UuidText> = message::Entity::find()
            .select_only()
            .column(message::Column::Id)
            .filter(message::Column::CreatedAt.lt(cutoff))
            .filter(over())
            .order_by_asc(message::Column::CreatedAt)
            .limit(CHUNK as u64)
            .into_tuple()
            .all(&self.read)
            .await?;
        if ids.is_empty() {
            return Ok(0);
        }

        repeated!(self.erase(&ids, now))
    }

    async fn erase(&self, ids: &[UuidText], now: DateTime<Utc>) -> Result<u64, StoreError> {
        let transaction = self.begin().await?;
        keep_types(&transaction, ids).await?;

        let erased = message::Entity::update_many()
            .col_expr(message::Column::Content, Expr::val(JsonText(None::<Content>)))
            .col_expr(message::Column::Rendered, Expr::val(""))
            .col_expr(message::Column::ErasedAt, Expr::val(now))
            .col_expr(message::Column::UpdatedAt, Expr::val(now))
            .filter(message::Column::Id.is_in(ids.iter().copied()))
            // A late answer may have opened one again since. It holds the message's row, and what is asked of that row,
            // unlike of the recipients', Postgres asks anew after it has waited for it.
            .filter(over())
            .exec(&transaction)
            .await?;

        message_updates::note(&transaction, ids).await?;
        transaction.commit().await?;
        Ok(erased.rows_affected)
    }
}

/// Rows of an earlier version have no type but in their content: it is written beside before that is erased.
async fn keep_types(transaction: &Transaction, ids: &[UuidText]) -> Result<(), StoreError> {
    let untyped: Vec<(UuidText, String)> = message::Entity::find()
        .select_only()
        .columns([message::Column::Id, message::Column::Content])
        .filter(message::Column::Id.is_in(ids.iter().copied()))
        .filter(message::Column::MsgType.is_null())
        .into_tuple()
        .all(transaction)
        .await?;

    for (id, content) in untyped {
        // One that can't be read has no type to keep, and keeps nothing else from being erased.
        let Ok(JsonText(Some(content))) = JsonText::<Option<Content>>::of_text(content) else {
            continue;
        };
        message::Entity::update_many()
            .col_expr(message::Column::MsgType, Expr::val(Named(content.kind())))
            .filter(message::Column::Id.eq(id))
            .exec(transaction)
            .await?;
    }
    Ok(())
}

/// Nobody waits for it: it is QUEUED as long as somebody does, whether as a row or in a list. And its body is there
/// yet.
fn over() -> Condition {
    Condition::all()
        .add(message::Column::ErasedAt.is_null())
        .add(message::Column::State.ne(Named(MessageState::Queued)))
}
