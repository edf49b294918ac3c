//! Calls: one of DingTalk's for the recipients of several messages, each of which has an attempt of it.

use std::collections::BTreeSet;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::store::{column::UuidText, entity::attempt, error::StoreError, transaction::Transaction};

/// The messages that a call's attempts belong to.
pub(super) async fn messages_of(transaction: &Transaction, call: Uuid) -> Result<BTreeSet<UuidText>, StoreError> {
    let ids: Vec<UuidText> = attempt::Entity::find()
        .select_only()
        .column(attempt::Column::MessageId)
        .filter(attempt::Column::CallId.eq(UuidText(call)))
        .into_tuple()
        .all(transaction)
        .await?;
    Ok(ids.into_iter().collect())
}
