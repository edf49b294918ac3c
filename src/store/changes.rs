//! The change log.

use std::ops::RangeInclusive;

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set};
use uuid::Uuid;

use super::{
    column::{AsText, CleanText, JsonText, Named},
    entity::{change, change_step},
    error::{StoreError, corrupt},
    handle::Store,
    log_time::{self, first_seq, last_seq},
    transaction::Transaction,
};
use crate::directory::{Cause, CauseKind, Change, ChangedEntity, EntityKind, LoggedChange, Revision, UserId};

/// Rows a statement.
const CHUNK: usize = 1_000;

impl Store {
    /// Forgets the log's beginning, as far as it is from before `before`: at most a thousand entries, and gives how
    /// many. The newest entry stays, for the next one is numbered after it.
    pub async fn forget_changes(&self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        let newest = last_seq(&self.read).await?;
        let oldest: Vec<(i64, DateTime<Utc>)> = change::Entity::find()
            .select_only()
            .columns([change::Column::Seq, change::Column::At])
            .filter(change::Column::Seq.lt(newest))
            .order_by_asc(change::Column::Seq)
            .limit(CHUNK as u64)
            .into_tuple()
            .all(&self.read)
            .await?;
        // Up to the first that is kept: clocks of replicas differ, and a gap would be an entry that somebody misses.
        let Some((last, _)) = oldest.into_iter().take_while(|(_, at)| *at < before).last() else {
            return Ok(0);
        };

        let forgotten = change::Entity::delete_many()
            .filter(change::Column::Seq.lte(last))
            .exec(&self.write)
            .await?;
        change_step::Entity::delete_many()
            .filter(change_step::Column::Seq.lte(last))
            .exec(&self.write)
            .await?;
        Ok(forgotten.rows_affected)
    }

    /// What changed these users' records in these revisions: each cause with each user once.
    pub async fn causes_of_users(
        &self,
        users: &[UserId],
        revisions: RangeInclusive<Revision>,
    ) -> Result<Vec<(UserId, Cause)>, StoreError> {
        let mut causes = Vec::new();
        for chunk in users.chunks(CHUNK) {
            let ids = chunk.iter().map(|id| CleanText::from(id.as_str()));
            let rows: Vec<(String, String, String)> = change::Entity::find()
                .select_only()
                .columns([
                    change::Column::EntityId,
                    change::Column::CauseKind,
                    change::Column::Cause,
                ])
                .distinct()
                .filter(change::Column::Entity.eq(Named(EntityKind::User)))
                .filter(change::Column::EntityId.is_in(ids))
                .filter(change::Column::Revision.between(*revisions.start(), *revisions.end()))
                .into_tuple()
                .all(&self.read)
                .await?;

            for (id, kind, cause) in rows {
                causes.push((id.into(), cause_of(kind, cause)?));
            }
        }

        Ok(causes)
    }

    /// The newest entry's `seq`; 0 where there is none.
    pub async fn last_change_seq(&self) -> Result<i64, StoreError> {
        last_seq(&self.read).await
    }
}

/// Appends the batch's entries, which are written `now`. The batch holds the revision row, so nobody else numbers at
/// the same time.
pub(super) async fn append(
    transaction: &Transaction,
    changes: &[Change],
    revision: Revision,
    now: DateTime<Utc>,
    cause: &Cause,
) -> Result<(), StoreError> {
    let (cause_kind, cause) = (Named(cause.kind()).text(), CleanText::from(cause.id()));
    let (mut seq, at) = log_time::next(transaction, now).await?;
    for chunk in changes.chunks(CHUNK) {
        let rows: Vec<_> = chunk
            .iter()
            .map(|entry| {
                let place = seq;
                seq += 1;
                change::ActiveModel {
                    seq: Set(place),
                    revision: Set(revision),
                    at: Set(at),
                    cause_kind: Set(cause_kind.clone()),
                    cause: Set(cause.clone()),
                    entity: Set(Named(entry.entity.kind())),
                    entity_id: Set(CleanText::from(entry.entity.id_text())),
                    kind: Set(Named(entry.kind)),
                    fields: Set(JsonText(entry.fields.clone())),
                }
            })
            .collect();

        change::Entity::insert_many(rows)
            .exec_without_returning(transaction)
            .await?;
    }
    Ok(())
}

/// Whether every entry behind `after` is kept. Asked after the page was read: what is there now was there then.
pub(super) async fn check_kept(db: &impl sea_orm::ConnectionTrait, after: Option<i64>) -> Result<(), StoreError> {
    let Some(after) = after else {
        return Ok(());
    };
    match first_seq(db).await? {
        Some(oldest) if after + 1 < oldest => Err(StoreError::Forgotten),
        _ => Ok(()),
    }
}

fn cause_of(kind: String, cause: String) -> Result<Cause, StoreError> {
    let kind = Named::of_text(kind).map_or(CauseKind::Request, |Named(kind)| kind);
    Ok(match kind {
        CauseKind::Run => Cause::Run(Uuid::parse_str(&cause).map_err(|error| corrupt("changes.cause", error))?),
        CauseKind::Event => Cause::Event(cause),
        CauseKind::Request => Cause::Request(cause),
        CauseKind::Decision => Cause::Decision(cause),
        CauseKind::Identity => Cause::Identity,
        CauseKind::Unknown => Cause::Unknown,
    })
}

pub(super) fn logged(row: change::Model) -> Result<LoggedChange, StoreError> {
    let cause = cause_of(row.cause_kind, row.cause.into())?;
    let entity = ChangedEntity::from_parts(row.entity.0, row.entity_id.as_str());

    Ok(LoggedChange {
        seq: row.seq,
        revision: row.revision,
        at: row.at,
        cause,
        change: Change {
            entity: entity.ok_or_else(|| corrupt("changes.entity_id", row.entity_id))?,
            kind: row.kind.0,
            fields: row.fields.0,
        },
    })
}
