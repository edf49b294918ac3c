//! A message's family: what it was sent again from, and all that sent any of these again.

use std::collections::BTreeSet;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::{
    column::UuidText, entity::message, error::StoreError, handle::Store, ledger::Ledger, message_rows::message_value,
};
use crate::message::Message;

/// Of larger families not all is told.
pub const FAMILY_AT_MOST: usize = 50;

impl Store {
    /// The ids of a message's family, itself included; more than [`FAMILY_AT_MOST`] where it is larger than that.
    pub async fn message_family(&self, id: Uuid) -> Result<BTreeSet<Uuid>, StoreError> {
        family(&self.read, id).await
    }
}

impl Ledger {
    /// [`Store::message_family`], true until the ledger is let go.
    pub async fn message_family(&self, id: Uuid) -> Result<BTreeSet<Uuid>, StoreError> {
        family(&self.transaction, id).await
    }

    /// A message, which nobody takes back or erases until the ledger is let go.
    pub async fn message(&self, id: Uuid) -> Result<Option<Message>, StoreError> {
        let row = message::Entity::find_by_id(id)
            .lock_shared()
            .one(&self.transaction)
            .await?;
        row.map(message_value).transpose()
    }
}

async fn family(db: &impl ConnectionTrait, id: Uuid) -> Result<BTreeSet<Uuid>, StoreError> {
    let mut members = BTreeSet::from([id]);

    // Up to the first one. It may be forgotten: those that sent it again still name it.
    let mut first = id;
    while members.len() <= FAMILY_AT_MOST {
        let former: Option<Option<UuidText>> = message::Entity::find_by_id(first)
            .select_only()
            .column(message::Column::ResendOf)
            .into_tuple()
            .one(db)
            .await?;
        match former.flatten() {
            Some(former) if members.insert(former.into()) => first = former.into(),
            _ => break,
        }
    }

    // And down again, a generation each time.
    let mut generation: Vec<UuidText> = members.iter().map(UuidText::from).collect();
    while !generation.is_empty() && members.len() <= FAMILY_AT_MOST {
        let next: Vec<UuidText> = message::Entity::find()
            .select_only()
            .column(message::Column::Id)
            .filter(message::Column::ResendOf.is_in(generation))
            .limit(FAMILY_AT_MOST as u64 + 1)
            .into_tuple()
            .all(db)
            .await?;
        generation = next.into_iter().filter(|id| members.insert((*id).into())).collect();
    }
    Ok(members)
}
