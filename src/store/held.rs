//! Removals of records that wait for approval. Messages that are held are in `outbox/held.rs`.

use sea_orm::{ColumnTrait, EntityTrait, Iterable, QueryFilter, QueryOrder, Set, sea_query::OnConflict};

use super::{
    column::{CleanText, Named},
    entity::held_removal,
    error::StoreError,
    handle::Store,
    lease::{Lease, check_fence},
    transaction::Transaction,
};
use crate::{
    directory::{ChangedEntity, DeptId, EntityKind, HeldRemoval, HeldState, RecordId},
    word::word,
};

/// Rows a statement.
const CHUNK: usize = 1_000;

impl Store {
    /// Every removal that waits, or was rejected; by kind and id.
    pub async fn held_removals(&self) -> Result<Vec<HeldRemoval>, StoreError> {
        let rows = held_removal::Entity::find()
            .order_by_asc(held_removal::Column::Entity)
            .order_by_asc(held_removal::Column::EntityId)
            .all(&self.read)
            .await?;
        Ok(rows.into_iter().filter_map(value).collect())
    }

    /// Forgets that these were rejected, as long as the lease holds: their records were seen again. What waits for a
    /// decision by now does so on.
    pub async fn forget_rejected(&self, records: &[RecordId], fence: &Lease) -> Result<(), StoreError> {
        repeated!(async {
            if records.is_empty() {
                return Ok(());
            }

            let transaction = self.begin().await?;
            check_fence(&transaction, fence).await?;
            for record in records {
                held_removal::Entity::delete_many()
                    .filter(held_removal::Column::Entity.eq(Named(record.kind())))
                    .filter(held_removal::Column::EntityId.eq(CleanText::from(record.id_text())))
                    .filter(held_removal::Column::State.eq(Named(HeldState::Rejected)))
                    .exec(&transaction)
                    .await?;
            }
            Ok(transaction.commit().await?)
        })
    }
}

/// Writes the rows of `held`.
pub(super) async fn put(transaction: &Transaction, held: &[HeldRemoval]) -> Result<(), StoreError> {
    for chunk in held.chunks(CHUNK) {
        let rows = chunk.iter().map(|it| held_removal::ActiveModel {
            entity: Set(Named(it.record.kind())),
            entity_id: Set(CleanText::from(it.record.id_text())),
            cause: Set(Named(it.cause)),
            state: Set(Named(it.state)),
            department: Set(it.department.map(|id| id.0)),
            reason: Set(CleanText::said(&it.reason)),
            held_at: Set(it.held_at),
            decided_at: Set(it.decided_at),
            decided_by: Set(CleanText::of(it.decided_by.as_ref())),
        });

        let keys = [held_removal::Column::Entity, held_removal::Column::EntityId];
        let others = held_removal::Column::iter()
            .filter(|column| !matches!(column, held_removal::Column::Entity | held_removal::Column::EntityId));
        held_removal::Entity::insert_many(rows)
            .on_conflict(OnConflict::columns(keys).update_columns(others).to_owned())
            .exec_without_returning(transaction)
            .await?;
    }
    Ok(())
}

/// Deletes the rows of these records: they were decided, or the records are back.
pub(super) async fn release<'a>(
    transaction: &Transaction,
    records: impl Iterator<Item = &'a ChangedEntity>,
) -> Result<(), StoreError> {
    let mut by_kind: std::collections::BTreeMap<EntityKind, Vec<CleanText>> = std::collections::BTreeMap::new();
    for record in records {
        by_kind
            .entry(record.kind())
            .or_default()
            .push(CleanText::from(record.id_text()));
    }

    for (kind, ids) in by_kind {
        for chunk in ids.chunks(CHUNK) {
            held_removal::Entity::delete_many()
                .filter(held_removal::Column::Entity.eq(Named(kind)))
                .filter(held_removal::Column::EntityId.is_in(chunk))
                .exec(transaction)
                .await?;
        }
    }
    Ok(())
}

/// None: it names nothing that could be removed, which no run writes. It keeps no other from being decided.
fn value(row: held_removal::Model) -> Option<HeldRemoval> {
    let Some(record) = RecordId::from_parts(row.entity.0, row.entity_id.as_str()) else {
        tracing::warn!(
            entity = word(&row.entity.0),
            id = row.entity_id.as_str(),
            "a held removal names no department and no user"
        );
        return None;
    };

    Some(HeldRemoval {
        record,
        cause: row.cause.0,
        state: row.state.0,
        department: row.department.map(DeptId),
        reason: row.reason.into(),
        held_at: row.held_at,
        decided_at: row.decided_at,
        decided_by: row.decided_by.map(String::from),
    })
}
