//! What a dry run would change, and what a run changed.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set, sea_query::Order};
use uuid::Uuid;

use super::{
    changes::logged,
    column::{AsText, CleanText, JsonText, Named, UuidText},
    entity::{change, planned_change},
    error::{StoreError, corrupt},
    handle::Store,
    lease::{Lease, check_fence},
    paging::paged,
};
use crate::{
    directory::{
        CauseKind, Change, ChangeKind, ChangedEntity, EntityKind, LoggedChange, RecordId, RemovedLately, Revision,
    },
    page::{Page, PageRequest},
};

/// Rows a statement.
const CHUNK: usize = 1_000;
/// More than any limit lets through in an hour.
const MOST_LATELY: u64 = 10_000;

impl Store {
    /// Keeps what a dry run would change, and forgets what earlier ones would have.
    pub async fn keep_planned_changes(&self, run: Uuid, changes: &[Change], fence: &Lease) -> Result<(), StoreError> {
        repeated!(async {
            let transaction = self.begin().await?;
            check_fence(&transaction, fence).await?;
            planned_change::Entity::delete_many().exec(&transaction).await?;

            let mut seq = 0_i64;
            for chunk in changes.chunks(CHUNK) {
                let rows: Vec<_> = chunk
                    .iter()
                    .map(|entry| {
                        seq += 1;
                        planned_change::ActiveModel {
                            run_id: Set(run.into()),
                            seq: Set(seq),
                            entity: Set(Named(entry.entity.kind())),
                            entity_id: Set(CleanText::from(entry.entity.id_text())),
                            kind: Set(Named(entry.kind)),
                            fields: Set(JsonText(entry.fields.clone())),
                        }
                    })
                    .collect();

                planned_change::Entity::insert_many(rows)
                    .exec_without_returning(&transaction)
                    .await?;
            }
            Ok(transaction.commit().await?)
        })
    }

    /// What the dry run `run` would change; the cursor is the number. Only the newest dry run's is kept.
    pub async fn planned_changes(&self, run: Uuid, page: PageRequest<i64>) -> Result<Page<(i64, Change)>, StoreError> {
        let of_run = planned_change::Entity::find().filter(planned_change::Column::RunId.eq(UuidText(run)));
        let found = paged(of_run, (planned_change::Column::Seq, Order::Asc), &page);
        let rows = found.all(&self.read).await?;

        let changes = rows.into_iter().map(|row| {
            let entity = ChangedEntity::from_parts(row.entity.0, row.entity_id.as_str());
            let change = Change {
                entity: entity.ok_or_else(|| corrupt("sync_run_planned_changes.entity_id", row.entity_id))?,
                kind: row.kind.0,
                fields: row.fields.0,
            };
            Ok((row.seq, change))
        });
        Ok(Page::from_overfetched(
            changes.collect::<Result<_, StoreError>>()?,
            &page,
        ))
    }

    /// Records that were removed since then without anybody's approval: the newest of them, at most ten thousand.
    pub async fn removed_since(&self, since: DateTime<Utc>) -> Result<RemovedLately, StoreError> {
        let rows: Vec<(Named<EntityKind>, CleanText)> = change::Entity::find()
            .select_only()
            .column(change::Column::Entity)
            .column(change::Column::EntityId)
            .filter(change::Column::At.gt(since))
            .filter(change::Column::CauseKind.ne(Named(CauseKind::Decision).text()))
            .filter(change::Column::Kind.eq(Named(ChangeKind::Removed)))
            .order_by_desc(change::Column::Seq)
            .limit(MOST_LATELY)
            .into_tuple()
            .all(&self.read)
            .await?;

        let mut lately = RemovedLately::default();
        for (entity, id) in rows {
            match RecordId::from_parts(entity.0, id.as_str()) {
                Some(RecordId::User(id)) => drop(lately.users.insert(id)),
                Some(RecordId::Department(id)) => drop(lately.departments.insert(id)),
                None => {}
            }
        }
        Ok(lately)
    }

    /// The revisions behind this one that `run` made.
    pub async fn revisions_of_run(&self, run: Uuid, after: Revision) -> Result<BTreeSet<Revision>, StoreError> {
        let revisions: Vec<Revision> = change::Entity::find()
            .select_only()
            .column(change::Column::Revision)
            .distinct()
            .filter(change::Column::CauseKind.eq(Named(CauseKind::Run).text()))
            .filter(change::Column::Cause.eq(run.to_string()))
            .filter(change::Column::Revision.gt(after))
            .into_tuple()
            .all(&self.read)
            .await?;
        Ok(revisions.into_iter().collect())
    }

    /// What `run` changed; the cursor is [`LoggedChange::seq`].
    pub async fn changes_of_run(&self, run: Uuid, page: PageRequest<i64>) -> Result<Page<LoggedChange>, StoreError> {
        let of_run = change::Entity::find()
            .filter(change::Column::CauseKind.eq(Named(CauseKind::Run).text()))
            .filter(change::Column::Cause.eq(run.to_string()));
        let found = paged(of_run, (change::Column::Seq, Order::Asc), &page);
        let rows = found.all(&self.read).await?;

        let changes = rows.into_iter().map(logged).collect::<Result<_, _>>()?;
        Ok(Page::from_overfetched(changes, &page))
    }
}
