//! What the change log tells of the past.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{
    changes::logged,
    column::{CleanText, Named},
    entity::change,
    error::StoreError,
    handle::Store,
    log_time::{self, LogPlace, Until, first_seq},
    question::Question,
};
use crate::directory::{ChangeKind, EntityKind, FormerEntry, RecordId, Revision, Undo};

/// Entries read at once.
const ROWS: u64 = 1_000;
/// Ids a statement.
const IDS: usize = 500;

/// How far the log tells of a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The last entry by then, which is the last of its revision: what was known then is what that made.
    Told(LogPlace),
    /// Its oldest entry is younger; none: it has no entry.
    TooOld(Option<DateTime<Utc>>),
}

/// Changes to be taken back from a directory, with what the log says beside them.
#[derive(Debug, Default)]
pub struct ToUndo {
    /// The changes.
    pub undo: Undo,
    /// The entries before them, of the records that were there.
    pub former: HashMap<RecordId, FormerEntry>,
}

impl Store {
    /// The log at a moment.
    pub async fn moment(&self, at: DateTime<Utc>) -> Result<Moment, StoreError> {
        let transaction = self.begin_read().await?;
        let moment = moment(&transaction, at).await?;
        transaction.commit().await?;
        Ok(moment)
    }

    /// The changes that lead back from the directory of the revision `from` to `to`. `most`: more entries than that are
    /// [`StoreError::TooManyToUndo`].
    pub async fn to_undo(&self, from: Revision, to: LogPlace, most: u64) -> Result<ToUndo, StoreError> {
        let question = self.ask().await?;
        let found = to_undo(&question, from, to, most).await;
        question.answered(found)
    }
}

async fn moment(db: &impl ConnectionTrait, at: DateTime<Utc>) -> Result<Moment, StoreError> {
    if let Some(place) = log_time::last(db, Until::At(at)).await? {
        return Ok(Moment::Told(place));
    }

    let oldest = change::Entity::find()
        .select_only()
        .column(change::Column::At)
        .order_by_asc(change::Column::At)
        .order_by_asc(change::Column::Seq)
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    Ok(Moment::TooOld(oldest))
}

async fn to_undo(question: &Question, from: Revision, to: LogPlace, most: u64) -> Result<ToUndo, StoreError> {
    let db = &question.transaction;
    if first_seq(db).await?.is_none_or(|oldest| oldest > to.seq) {
        // Forgotten since its place was found.
        return Err(StoreError::Forgotten);
    }

    let mut undo = Undo::default();
    let (mut above, mut count) = (None, 0);
    loop {
        question.go_on()?;
        let behind = Condition::all().add_option(above.map(|above| change::Column::Seq.lt(above)));
        let rows = change::Entity::find()
            .filter(change::Column::Seq.gt(to.seq))
            .filter(behind)
            .order_by_desc(change::Column::Seq)
            .limit(ROWS)
            .all(db)
            .await?;

        let is_last = (rows.len() as u64) < ROWS;
        above = rows.last().map(|row| row.seq);
        count += rows.len() as u64;
        if let Some(above) = above.filter(|_| count <= ROWS) {
            // The log has no gaps, so that the first look tells how many there are.
            let all = (above - 1 - to.seq).unsigned_abs() + rows.len() as u64;
            if all > most {
                return Err(StoreError::TooManyToUndo { changes: all, most });
            }
        }

        // What was written since that directory was made is not in it.
        for row in rows.into_iter().filter(|row| row.revision <= from) {
            undo.take_back(logged(row)?);
        }
        if is_last {
            break;
        }
    }

    let former = former(question, &undo, to.seq).await?;
    Ok(ToUndo { undo, former })
}

/// The last entry up to this place of each record that is touched.
async fn former(question: &Question, undo: &Undo, to: i64) -> Result<HashMap<RecordId, FormerEntry>, StoreError> {
    let mut former = HashMap::new();
    for entity in [EntityKind::Department, EntityKind::User] {
        let ids: Vec<CleanText> = undo
            .touched()
            .filter(|record| record.kind() == entity)
            .map(|record| record.id_text().into())
            .collect();

        for ids in ids.chunks(IDS) {
            question.go_on()?;
            let last: Vec<i64> = change::Entity::find()
                .select_only()
                .column_as(change::Column::Seq.max(), "seq")
                .filter(change::Column::Entity.eq(Named(entity)))
                .filter(change::Column::EntityId.is_in(ids.iter().cloned()))
                .filter(change::Column::Seq.lte(to))
                .group_by(change::Column::EntityId)
                .into_tuple()
                .all(&question.transaction)
                .await?;
            read_former(&question.transaction, last, &mut former).await?;
        }
    }
    Ok(former)
}

async fn read_former(
    db: &impl ConnectionTrait,
    places: Vec<i64>,
    former: &mut HashMap<RecordId, FormerEntry>,
) -> Result<(), StoreError> {
    type Row = (Named<EntityKind>, CleanText, Named<ChangeKind>, Revision, DateTime<Utc>);
    let rows: Vec<Row> = change::Entity::find()
        .select_only()
        .columns([
            change::Column::Entity,
            change::Column::EntityId,
            change::Column::Kind,
            change::Column::Revision,
            change::Column::At,
        ])
        .filter(change::Column::Seq.is_in(places))
        .into_tuple()
        .all(db)
        .await?;

    for (entity, id, kind, revision, at) in rows {
        if let Some(record) = RecordId::from_parts(entity.0, id.as_str()) {
            let kind = kind.0;
            former.insert(record, FormerEntry { kind, revision, at });
        }
    }
    Ok(())
}
