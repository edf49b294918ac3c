//! Who came and who went, as the change log tells it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::{
    column::{CleanText, Named},
    entity::change,
    error::StoreError,
    handle::Store,
    log_time::{self, Until, first_seq},
    question::Question,
};
use crate::directory::{ChangeKind, EntityKind, Passage, Passages, Revision};

/// Ids a statement.
const IDS: usize = 500;

/// The first entry of all has this place.
const FIRST: i64 = 1;

const RECORDS: [EntityKind; 2] = [EntityKind::Department, EntityKind::User];

impl Store {
    /// Comings and goings from this moment on, up to a revision. Who is held is there all the same.
    pub async fn passages(&self, since: DateTime<Utc>, until: Revision) -> Result<Passages, StoreError> {
        let question = self.ask().await?;
        let found = passages(&question, since, until).await;
        question.answered(found)
    }
}

async fn passages(question: &Question, since: DateTime<Utc>, until: Revision) -> Result<Passages, StoreError> {
    let db = &question.transaction;
    let oldest = first_seq(db).await?;
    let told_from: Option<DateTime<Utc>> = match oldest.filter(|oldest| *oldest > FIRST) {
        Some(oldest) => {
            change::Entity::find_by_id(oldest)
                .select_only()
                .column(change::Column::At)
                .into_tuple()
                .one(db)
                .await?
        }
        None => None,
    };

    let behind = log_time::last(db, Until::Before(since)).await?.map_or(0, |it| it.seq);
    let mut all = plain(question, behind, until).await?;
    question.go_on()?;
    all.extend(restored(question, behind, until).await?);
    Ok(Passages { all, told_from })
}

/// Who was seen for the first time, and who is gone.
async fn plain(question: &Question, behind: i64, until: Revision) -> Result<Vec<Passage>, StoreError> {
    let rows: Vec<(Named<EntityKind>, Named<ChangeKind>, DateTime<Utc>)> = change::Entity::find()
        .select_only()
        .columns([change::Column::Entity, change::Column::Kind, change::Column::At])
        .filter(change::Column::Entity.is_in(RECORDS.map(Named)))
        .filter(change::Column::Kind.is_in([ChangeKind::Created, ChangeKind::Removed].map(Named)))
        .filter(change::Column::Seq.gt(behind))
        .filter(change::Column::Revision.lte(until))
        .into_tuple()
        .all(&question.transaction)
        .await?;
    let passages = rows.into_iter().map(|(entity, kind, at)| Passage {
        entity: entity.0,
        at,
        came: kind.0 == ChangeKind::Created,
    });
    Ok(passages.collect())
}

/// Who was gone and is back. Whose removal was held and came to nothing was there all the time: the entry before tells.
async fn restored(question: &Question, behind: i64, until: Revision) -> Result<Vec<Passage>, StoreError> {
    let mut passages = Vec::new();
    for entity in RECORDS {
        let rows: Vec<(i64, CleanText, DateTime<Utc>)> = change::Entity::find()
            .select_only()
            .columns([change::Column::Seq, change::Column::EntityId, change::Column::At])
            .filter(change::Column::Entity.eq(Named(entity)))
            .filter(change::Column::Kind.eq(Named(ChangeKind::Restored)))
            .filter(change::Column::Seq.gt(behind))
            .filter(change::Column::Revision.lte(until))
            .into_tuple()
            .all(&question.transaction)
            .await?;

        for rows in rows.chunks(IDS) {
            question.go_on()?;
            let left = left(question, entity, rows.iter().map(|(_, id, _)| id.clone())).await?;
            let back = rows.iter().filter(|(seq, id, _)| {
                let entries = left.get(id.as_str()).map(Vec::as_slice).unwrap_or_default();
                let last = entries.iter().filter(|(at, _)| at < seq).max_by_key(|(at, _)| *at);
                last.is_none_or(|(_, kind)| *kind == ChangeKind::Removed)
            });
            passages.extend(back.map(|(.., at)| Passage {
                entity,
                at: *at,
                came: true,
            }));
        }
    }
    Ok(passages)
}

/// When these records went, or were to go: the places of those entries, by record.
async fn left(
    question: &Question,
    entity: EntityKind,
    ids: impl Iterator<Item = CleanText>,
) -> Result<HashMap<String, Vec<(i64, ChangeKind)>>, StoreError> {
    let rows: Vec<(CleanText, i64, Named<ChangeKind>)> = change::Entity::find()
        .select_only()
        .columns([change::Column::EntityId, change::Column::Seq, change::Column::Kind])
        .filter(change::Column::Entity.eq(Named(entity)))
        .filter(change::Column::EntityId.is_in(ids))
        .filter(change::Column::Kind.is_in([ChangeKind::Removed, ChangeKind::Held].map(Named)))
        .into_tuple()
        .all(&question.transaction)
        .await?;

    let mut left: HashMap<String, Vec<(i64, ChangeKind)>> = HashMap::new();
    for (id, seq, kind) in rows {
        left.entry(id.into()).or_default().push((seq, kind.0));
    }
    Ok(left)
}
