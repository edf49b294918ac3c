//! The change log.

use std::ops::RangeInclusive;

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Set};
use uuid::Uuid;

use super::{
    column::{CleanText, JsonText, Named},
    entity::change,
    error::{StoreError, corrupt},
    handle::Store,
    transaction::Transaction,
};
use crate::{
    directory::{Cause, Change, ChangedEntity, EntityKind, LoggedChange, Revision, UserId},
    page::{Page, PageRequest},
};

/// Entries about Confluence identities, and how far that feed is read with them.
#[derive(Debug, Clone, PartialEq)]
pub struct MatchChanges {
    /// The entries.
    pub page: Page<LoggedChange>,
    /// The place in the log behind which to read on. It moves with the whole log: whoever hears of nothing because
    /// nothing concerns them must not come back with a place that is forgotten meanwhile.
    pub read_to: i64,
}

/// Rows a statement.
const CHUNK: usize = 1_000;

/// `cause_kind` of what somebody decided.
pub(super) const DECISION: &str = "DECISION";

impl Store {
    /// The log, oldest first; the cursor is [`LoggedChange::seq`]. [`StoreError::Forgotten`] where entries behind it
    /// are no longer kept.
    pub async fn changes(&self, page: PageRequest<i64>) -> Result<Page<LoggedChange>, StoreError> {
        let rows = change::Entity::find()
            .filter(change::Column::Seq.gt(page.after.unwrap_or(0)))
            .order_by_asc(change::Column::Seq)
            .limit(page.fetched() as u64)
            .all(&self.read)
            .await?;
        self.check_kept(page.after).await?;

        let changes = rows.into_iter().map(logged).collect::<Result<_, _>>()?;
        Ok(Page::from_overfetched(changes, &page))
    }

    /// The log's entries about Confluence identities, oldest first; cursors as those of [`Store::changes`].
    pub async fn match_changes(&self, page: PageRequest<i64>) -> Result<MatchChanges, StoreError> {
        // Before the page is read: numbers become visible in their order, so the page has everything up to this one.
        let newest = last_seq(&self.read).await?;
        let rows = change::Entity::find()
            .filter(change::Column::Entity.eq(Named(EntityKind::Identity)))
            .filter(change::Column::Seq.gt(page.after.unwrap_or(0)))
            .order_by_asc(change::Column::Seq)
            .limit(page.fetched() as u64)
            .all(&self.read)
            .await?;
        self.check_kept(page.after).await?;

        let changes = rows.into_iter().map(logged).collect::<Result<_, _>>()?;
        let found: Page<LoggedChange> = Page::from_overfetched(changes, &page);

        let last = found.items.last().map(|it| it.seq);
        let read_to = match last {
            Some(last) if found.has_next => last,
            // Never back behind where the reader stands already.
            _ => newest.max(last.or(page.after).unwrap_or(0)),
        };
        Ok(MatchChanges { page: found, read_to })
    }

    /// How many entries are kept. The log has no gaps: what is forgotten is its beginning.
    pub async fn count_changes(&self) -> Result<u64, StoreError> {
        let oldest = first_seq(&self.read).await?;
        let newest = last_seq(&self.read).await?;
        let count = oldest.map_or(0, |oldest| newest - oldest + 1);
        Ok(u64::try_from(count).unwrap_or(0))
    }

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
        Ok(forgotten.rows_affected)
    }

    /// Whether every entry behind `after` is kept. Asked after the page was read: what is there now was there then.
    async fn check_kept(&self, after: Option<i64>) -> Result<(), StoreError> {
        let Some(after) = after else {
            return Ok(());
        };
        match first_seq(&self.read).await? {
            Some(oldest) if after + 1 < oldest => Err(StoreError::Forgotten),
            _ => Ok(()),
        }
    }

    /// How many entries are about Confluence identities.
    pub async fn count_match_changes(&self) -> Result<u64, StoreError> {
        Ok(change::Entity::find()
            .filter(change::Column::Entity.eq(Named(EntityKind::Identity)))
            .count(&self.read)
            .await?)
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
                causes.push((id.into(), cause_of(&kind, cause)?));
            }
        }

        Ok(causes)
    }

    /// The newest entry's `seq`; 0 where there is none.
    pub async fn last_change_seq(&self) -> Result<i64, StoreError> {
        last_seq(&self.read).await
    }
}

/// Appends the batch's entries. The batch holds the revision row, so nobody else numbers at the same time.
pub(super) async fn append(
    transaction: &Transaction,
    changes: &[Change],
    revision: Revision,
    at: DateTime<Utc>,
    cause: &Cause,
) -> Result<(), StoreError> {
    let (cause_kind, cause) = match cause {
        Cause::Run(id) => ("RUN", id.to_string()),
        Cause::Event(id) => ("EVENT", id.clone()),
        Cause::Request(who) => ("REQUEST", who.clone()),
        Cause::Decision(who) => (DECISION, who.clone()),
        Cause::Identity => ("IDENTITY", String::new()),
        Cause::Unknown => ("UNKNOWN", String::new()),
    };

    let mut seq = last_seq(transaction).await?;
    for chunk in changes.chunks(CHUNK) {
        let rows: Vec<_> = chunk
            .iter()
            .map(|entry| {
                seq += 1;
                change::ActiveModel {
                    seq: Set(seq),
                    revision: Set(revision),
                    at: Set(at),
                    cause_kind: Set(cause_kind.to_owned()),
                    cause: Set(CleanText::from(&cause)),
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

async fn first_seq(db: &impl sea_orm::ConnectionTrait) -> Result<Option<i64>, StoreError> {
    let oldest = change::Entity::find()
        .select_only()
        .column(change::Column::Seq)
        .order_by_asc(change::Column::Seq)
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    Ok(oldest)
}

async fn last_seq(db: &impl sea_orm::ConnectionTrait) -> Result<i64, StoreError> {
    let newest: Option<i64> = change::Entity::find()
        .select_only()
        .column(change::Column::Seq)
        .order_by_desc(change::Column::Seq)
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    Ok(newest.unwrap_or(0))
}

fn cause_of(kind: &str, cause: String) -> Result<Cause, StoreError> {
    Ok(match kind {
        "RUN" => Cause::Run(Uuid::parse_str(&cause).map_err(|error| corrupt("changes.cause", error))?),
        "EVENT" => Cause::Event(cause),
        DECISION => Cause::Decision(cause),
        "IDENTITY" => Cause::Identity,
        "UNKNOWN" => Cause::Unknown,
        _ => Cause::Request(cause),
    })
}

pub(super) fn logged(row: change::Model) -> Result<LoggedChange, StoreError> {
    let cause = cause_of(&row.cause_kind, row.cause.into())?;
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
