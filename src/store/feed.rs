//! Finding entries of the change log.
//!
//! A list is walked by place, along an index that has nothing but what is asked for: so that a page costs as much as a
//! page, however rare or long ago that is. Several values of a condition are several walks, merged.

use std::collections::BTreeSet;

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select,
    sea_query::{Asterisk, Order, Query, UnionType},
};

use super::{
    changes::{check_kept, logged},
    column::{AsText, CleanText, Named},
    entity::change,
    error::StoreError,
    handle::Store,
    log_time::{self, Until, first_seq, last_seq},
    paging::{between, walked},
};
use crate::{
    directory::{CauseKind, ChangeFilter, ChangeKind, EntityKind, LoggedChange, RecordId, Revision},
    page::{Page, PageRequest},
};

/// Walks a statement.
const WALKS: usize = 50;
/// Ids a statement.
const IDS: usize = 500;

/// In which order entries come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ChangeOrder {
    /// As they were written.
    #[default]
    OldestFirst,
    /// The other way round.
    NewestFirst,
}

impl ChangeOrder {
    fn of_seq(self) -> Order {
        match self {
            Self::OldestFirst => Order::Asc,
            Self::NewestFirst => Order::Desc,
        }
    }
}

/// Which entries of the log, in which order.
#[derive(Debug, Clone, Default)]
pub struct ChangeQuery {
    /// Which ones.
    pub filter: ChangeFilter,
    /// In which order.
    pub order: ChangeOrder,
    /// Only those up to this place.
    pub up_to: Option<i64>,
}

/// Entries about Confluence identities, and how far that feed is read with them.
#[derive(Debug, Clone, PartialEq)]
pub struct MatchChanges {
    /// The entries.
    pub page: Page<LoggedChange>,
    /// The place in the log behind which to read on. It moves with the whole log: whoever hears of nothing because
    /// nothing concerns them must not come back with a place that is forgotten meanwhile. None of a page that ends in
    /// front of a place.
    pub read_to: Option<i64>,
}

impl Store {
    /// The log, oldest first; cursors and errors as of [`Store::find_changes`].
    pub async fn changes(&self, page: PageRequest<i64>) -> Result<Page<LoggedChange>, StoreError> {
        self.find_changes(&ChangeQuery::default(), page).await
    }

    /// The log's entries about Confluence identities, oldest first; cursors and errors as of [`Store::find_changes`].
    pub async fn match_changes(&self, page: PageRequest<i64>) -> Result<MatchChanges, StoreError> {
        // Before the page is read: numbers become visible in their order, so the page has everything up to this one.
        let transaction = self.begin_read().await?;
        let newest = last_seq(&transaction).await?;
        let found = found(&transaction, &of_identities(), &page).await?;
        transaction.commit().await?;

        let last = found.items.last().map(|it| it.seq);
        let read_to = match last {
            _ if page.before.is_some() => None,
            Some(last) if found.has_next => Some(last),
            // Never back behind where the reader stands already.
            _ => Some(newest.max(last.or(page.after).unwrap_or(0))),
        };
        Ok(MatchChanges { page: found, read_to })
    }

    /// How many entries are kept.
    pub async fn count_changes(&self) -> Result<u64, StoreError> {
        self.count_found_changes(&ChangeFilter::default()).await
    }

    /// Entries of the log; the cursor is [`LoggedChange::seq`]. [`StoreError::Forgotten`] where entries behind the
    /// older one of the page's places are no longer kept.
    pub async fn find_changes(
        &self,
        query: &ChangeQuery,
        page: PageRequest<i64>,
    ) -> Result<Page<LoggedChange>, StoreError> {
        // What goes by place alone is a piece of the table, and whoever follows the feed asks for it all the time.
        if !query.filter.is_selective() {
            let transaction = self.begin_read().await?;
            let found = found(&transaction, query, &page).await?;
            transaction.commit().await?;
            return Ok(found);
        }

        let question = self.ask().await?;
        let found = found(&question.transaction, query, &page).await;
        question.answered(found)
    }

    /// How many entries match.
    pub async fn count_found_changes(&self, filter: &ChangeFilter) -> Result<u64, StoreError> {
        if !filter.is_selective() {
            return counted(&self.read, filter).await;
        }

        let question = self.ask().await?;
        let count = counted(&question.transaction, filter).await;
        question.answered(count)
    }

    /// How many entries are about Confluence identities.
    pub async fn count_match_changes(&self) -> Result<u64, StoreError> {
        self.count_found_changes(&of_identities().filter).await
    }

    /// The place up to which every entry about a record belongs to the revision `served` or an earlier one. Matches are
    /// computed, and wait for no revision.
    pub async fn changes_served(&self, served: Revision) -> Result<i64, StoreError> {
        let transaction = self.begin_read().await?;
        let place = changes_served(&transaction, served).await?;
        transaction.commit().await?;
        Ok(place)
    }
}

async fn changes_served(db: &impl ConnectionTrait, served: Revision) -> Result<i64, StoreError> {
    let newest = last_seq(db).await?;
    let is_later = async |seq| -> Result<bool, StoreError> {
        let revision = revision_of(db, seq).await?;
        // What is forgotten is old.
        Ok(revision.is_some_and(|revision| revision > served))
    };
    if !is_later(newest).await? {
        return Ok(newest);
    }

    // Revisions grow with places, which have no gaps: the log is halved until the first later one is found.
    let (mut low, mut high) = (first_seq(db).await?.unwrap_or(newest), newest);
    while low < high {
        let middle = low + (high - low) / 2;
        if is_later(middle).await? {
            high = middle;
        } else {
            low = middle + 1;
        }
    }

    let of_record: Option<i64> = change::Entity::find()
        .select_only()
        .column(change::Column::Seq)
        .filter(change::Column::Seq.between(low, newest))
        .filter(change::Column::Entity.ne(Named(EntityKind::Identity)))
        .order_by_asc(change::Column::Seq)
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    Ok(of_record.map_or(newest, |seq| seq - 1))
}

/// Who it is changes, and nothing else.
fn of_identities() -> ChangeQuery {
    ChangeQuery {
        filter: ChangeFilter {
            entities: [EntityKind::Identity].into(),
            kinds: [ChangeKind::Updated].into(),
            ..ChangeFilter::default()
        },
        ..ChangeQuery::default()
    }
}

async fn revision_of(db: &impl ConnectionTrait, seq: i64) -> Result<Option<Revision>, StoreError> {
    Ok(change::Entity::find_by_id(seq)
        .select_only()
        .column(change::Column::Revision)
        .into_tuple()
        .one(db)
        .await?)
}

async fn found(
    db: &impl ConnectionTrait,
    query: &ChangeQuery,
    page: &PageRequest<i64>,
) -> Result<Page<LoggedChange>, StoreError> {
    let behind = last_before(db, &query.filter).await?;
    let order = query.order.of_seq();
    let stretch = between((change::Column::Seq, &order), page)
        .add_option(behind.map(|seq| change::Column::Seq.gt(seq)))
        .add_option(query.up_to.map(|up_to| change::Column::Seq.lte(up_to)));
    let limit = page.fetched() as u64;
    let rows = merged(db, &walks(&query.filter), &stretch, walked(order, page), limit).await?;

    let from = match query.order {
        ChangeOrder::OldestFirst => page.after,
        ChangeOrder::NewestFirst => page.before,
    };
    check_kept(db, from).await?;
    let changes = rows.into_iter().map(logged).collect::<Result<_, _>>()?;
    Ok(Page::from_overfetched(changes, page))
}

/// The place that the filter's moment begins behind; none: it begins with the log.
async fn last_before(db: &impl ConnectionTrait, filter: &ChangeFilter) -> Result<Option<i64>, StoreError> {
    let Some(since) = filter.since else { return Ok(None) };
    let last = log_time::last(db, Until::Before(since)).await?;
    Ok(last.map(|it| it.seq))
}

/// Conditions of which each is a piece of an index in the order of places.
fn walks(filter: &ChangeFilter) -> Vec<Condition> {
    if !filter.is_selective() {
        return vec![Condition::all()];
    }

    if let Some(records) = &filter.records {
        let of_record = |record: &RecordId| {
            of_kind(record.kind())
                .add(change::Column::EntityId.eq(CleanText::from(record.id_text())))
                .add(happened(filter))
        };
        return wanted_records(records, filter).map(of_record).collect();
    }

    let mut walks = Vec::new();
    for entity in any_of(&filter.entities, &EntityKind::ALL) {
        for kind in any_of(&filter.kinds, &ChangeKind::ALL) {
            for cause in any_of(&filter.causes, &CauseKind::ALL) {
                walks.push(
                    of_kind(entity)
                        .add(change::Column::Kind.eq(Named(kind)))
                        .add(change::Column::CauseKind.eq(Named(cause).text())),
                );
            }
        }
    }
    walks
}

fn of_kind(entity: EntityKind) -> Condition {
    Condition::all().add(change::Column::Entity.eq(Named(entity)))
}

fn wanted_records<'a>(records: &'a BTreeSet<RecordId>, filter: &'a ChangeFilter) -> impl Iterator<Item = &'a RecordId> {
    let records = records.iter();
    records.filter(|record| filter.entities.is_empty() || filter.entities.contains(&record.kind()))
}

/// What the filter says beside the records that it names.
fn happened(filter: &ChangeFilter) -> Condition {
    let kinds = (!filter.kinds.is_empty()).then(|| change::Column::Kind.is_in(filter.kinds.iter().copied().map(Named)));
    let causes = (!filter.causes.is_empty())
        .then(|| change::Column::CauseKind.is_in(filter.causes.iter().map(|cause| Named(*cause).text())));
    Condition::all().add_option(kinds).add_option(causes)
}

/// The wanted values; where none is named, all of them.
fn any_of<T: Copy + Ord>(wanted: &BTreeSet<T>, all: &[T]) -> Vec<T> {
    if wanted.is_empty() {
        all.to_vec()
    } else {
        wanted.iter().copied().collect()
    }
}

/// The first `limit` rows of all walks together.
async fn merged(
    db: &impl ConnectionTrait,
    walks: &[Condition],
    stretch: &Condition,
    order: Order,
    limit: u64,
) -> Result<Vec<change::Model>, StoreError> {
    let one = |walk: &Condition| {
        let rows = change::Entity::find().filter(walk.clone()).filter(stretch.clone());
        rows.order_by(change::Column::Seq, order.clone()).limit(limit)
    };
    if let [only] = walks {
        return Ok(one(only).all(db).await?);
    }

    let mut rows = Vec::new();
    for walks in walks.chunks(WALKS) {
        let mut parts = walks.iter().map(|walk| limited(one(walk)));
        let Some(mut all) = parts.next() else { break };
        all.unions(parts.map(|part| (UnionType::All, part)));

        let together = Query::select()
            .column(Asterisk)
            .from_subquery(all, "walks")
            .order_by(("walks", change::Column::Seq), order.clone())
            .limit(limit)
            .take();
        for row in db.query_all(&together).await? {
            rows.push(change::Model::from_query_result(&row, "")?);
        }
    }

    rows.sort_unstable_by_key(|row| row.seq);
    if order == Order::Desc {
        rows.reverse();
    }
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(rows)
}

/// A member of a union with an order and a limit of its own: SQLite takes neither there, but in a subquery.
fn limited(rows: Select<change::Entity>) -> sea_orm::sea_query::SelectStatement {
    Query::select()
        .column(Asterisk)
        .from_subquery(rows.into_query(), "walk")
        .take()
}

async fn counted(db: &impl ConnectionTrait, filter: &ChangeFilter) -> Result<u64, StoreError> {
    let first = match last_before(db, filter).await? {
        Some(behind) => Some(behind + 1),
        None => first_seq(db).await?,
    };
    let Some(first) = first else { return Ok(0) };
    if !filter.is_selective() {
        // The log has no gaps: what is forgotten is its beginning.
        return Ok((last_seq(db).await? - first + 1).unsigned_abs());
    }

    let from_there = change::Entity::find().filter(change::Column::Seq.gte(first));
    let Some(records) = &filter.records else {
        // Named one by one, so that each is a piece of the index.
        let entities = any_of(&filter.entities, &EntityKind::ALL).into_iter().map(Named);
        let kinds = any_of(&filter.kinds, &ChangeKind::ALL).into_iter().map(Named);
        let causes = any_of(&filter.causes, &CauseKind::ALL)
            .into_iter()
            .map(|it| Named(it).text());
        let matching = from_there
            .filter(change::Column::Entity.is_in(entities))
            .filter(change::Column::Kind.is_in(kinds))
            .filter(change::Column::CauseKind.is_in(causes));
        return Ok(matching.count(db).await?);
    };

    let mut count = 0;
    for entity in [EntityKind::Department, EntityKind::User] {
        let ids: Vec<CleanText> = wanted_records(records, filter)
            .filter(|record| record.kind() == entity)
            .map(|record| record.id_text().into())
            .collect();
        for ids in ids.chunks(IDS) {
            let of_these = of_kind(entity).add(change::Column::EntityId.is_in(ids.iter().cloned()));
            count += from_there
                .clone()
                .filter(of_these)
                .filter(happened(filter))
                .count(db)
                .await?;
        }
    }
    Ok(count)
}
