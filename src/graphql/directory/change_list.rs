//! Lists of changes: all of them by filter, and those of one record.

use std::collections::BTreeSet;

use async_graphql::{Context, Enum, InputObject, Object};

use super::{change::Change, change_cause::ChangeCause};
use crate::{
    auth::Permission,
    directory::{self, DeptId, RecordId},
    graphql::{
        enums::{ChangeKind, EntityKind},
        error::ApiError,
        guard::require,
        relay::{
            connection::{Listing, connection, int},
            feed::{self, FEED, FeedPosition},
            ids::cursor,
            paging::PageArgs,
        },
        scalars::{BigInt, DateTime},
        services::{ContextExt, change_feed::ToldChange},
    },
    store::{self, ChangeQuery},
};

/// So many records may be named.
const MOST_RECORDS: usize = 500;

/// In which order changes come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Enum)]
pub enum ChangeOrder {
    /// As they were applied.
    #[default]
    OldestFirst,
    /// The last one first.
    NewestFirst,
}

impl From<ChangeOrder> for store::ChangeOrder {
    fn from(order: ChangeOrder) -> Self {
        match order {
            ChangeOrder::OldestFirst => Self::OldestFirst,
            ChangeOrder::NewestFirst => Self::NewestFirst,
        }
    }
}

/// Which changes. All given conditions must hold. Of an empty list of kinds any holds, of an empty list of ids none.
#[derive(Debug, Clone, Default, InputObject)]
pub struct ChangeFilter {
    /// About one of these kinds of things.
    entities: Option<Vec<EntityKind>>,
    /// One of these happened.
    kinds: Option<Vec<ChangeKind>>,
    /// One of these made it.
    causes: Option<Vec<ChangeCause>>,
    /// About one of these users, or of `deptIds`; 500 of both at most.
    user_ids: Option<Vec<String>>,
    /// About one of these departments, or of `userIds`; 500 of both at most. About the departments themselves, not the
    /// people in them.
    dept_ids: Option<Vec<BigInt>>,
    /// Those behind the last one that was applied before this moment; in a subscription as they come.
    since: Option<DateTime>,
}

impl ChangeFilter {
    /// What the log is asked for.
    pub(super) fn of_log(self) -> Result<directory::ChangeFilter, ApiError> {
        fn set<T, U: Ord>(given: Option<Vec<T>>, into: impl Fn(T) -> U) -> BTreeSet<U> {
            given.into_iter().flatten().map(into).collect()
        }

        let names_records = self.user_ids.is_some() || self.dept_ids.is_some();
        let mut records = set(self.user_ids, |id| RecordId::User(id.into()));
        records.append(&mut set(self.dept_ids, |id| RecordId::Department(DeptId(id.0))));
        if records.len() > MOST_RECORDS {
            return Err(ApiError::bad_input(format!(
                "`userIds` and `deptIds` name {} records: {MOST_RECORDS} at most",
                records.len()
            )));
        }

        Ok(directory::ChangeFilter {
            entities: set(self.entities, Into::into),
            kinds: set(self.kinds, Into::into),
            causes: set(self.causes, Into::into),
            records: names_records.then_some(records),
            since: self.since.map(Into::into),
        })
    }
}

connection! {
    /// A page of the change feed.
    ChangeConnection, ChangeEdge, Change, directory::ChangeFilter, |this, ctx| {
        ctx.services().store.count_found_changes(&this.extra).await.map(int).map_err(ApiError::from)
    }
}

/// Queries for changes.
#[derive(Default)]
pub struct ChangeListQuery;

#[Object]
impl ChangeListQuery {
    /// The change feed, oldest first: `last: 20` has the newest twenty, and `orderBy: NEWEST_FIRST` turns it round. To
    /// follow it keep `pageInfo.endCursor`, also of a page without changes, and come back with it as `after`: nothing
    /// is missed, nothing comes twice. With `NEWEST_FIRST` the first page's `startCursor` is that place: what is newer
    /// comes behind it in `directoryChanges(after:)`, or in `changes(after:)` without an order. Entries are kept for
    /// 365 days, or as long as the server is told; a cursor from before them is refused with `BAD_USER_INPUT`, and
    /// without one the feed begins with the oldest that is kept. Needs `directory:read`.
    #[graphql(tag = "asks")]
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the front, 1 to 500; 50 if neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 500.")] last: Option<i32>,
        #[graphql(desc = "Only those in front of this cursor.")] before: Option<String>,
        #[graphql(desc = "Which ones; without it all.")] filter: Option<ChangeFilter>,
        #[graphql(desc = "In which order.", default_with = "Some(ChangeOrder::OldestFirst)")] order_by: Option<
            ChangeOrder,
        >,
    ) -> Option<Result<ChangeConnection, ApiError>> {
        let args = PageArgs::new(first, after, last, before);
        Some(match filter.unwrap_or_default().of_log() {
            Ok(filter) => changes(ctx, filter, order_by.unwrap_or_default(), &args, 50).await,
            Err(error) => Err(error),
        })
    }
}

/// The changes of one record.
pub(super) async fn of_record(
    ctx: &Context<'_>,
    record: RecordId,
    order: Option<ChangeOrder>,
    args: &PageArgs,
) -> Result<ChangeConnection, ApiError> {
    let filter = directory::ChangeFilter {
        records: Some([record].into()),
        ..directory::ChangeFilter::default()
    };
    changes(ctx, filter, order.unwrap_or_default(), args, 20).await
}

async fn changes(
    ctx: &Context<'_>,
    filter: directory::ChangeFilter,
    order: ChangeOrder,
    args: &PageArgs,
    default: i32,
) -> Result<ChangeConnection, ApiError> {
    require(ctx, Permission::DirectoryRead)?;
    let services = ctx.services();
    let request = args.request::<FeedPosition>(FEED, default)?;
    let epoch = feed::epoch_of(services, [&request.after, &request.before]).await?;
    let request = request.map(|position| position.seq);

    // Another replica may have written what this one doesn't serve yet: a change is told when its record can be shown.
    let snapshot = ctx.snapshot();
    let served = services.store.changes_served(snapshot.revision()).await?;
    let query = ChangeQuery {
        filter,
        order: order.into(),
        up_to: Some(served),
    };
    let page = services.store.find_changes(&query, request.clone()).await?;
    feed::check(services, &epoch).await?;

    // At the feed's newer end, and not only at the last entry that the filter takes.
    let is_oldest_first = order == ChangeOrder::OldestFirst;
    let is_read_to_its_end = is_oldest_first && !page.has_next && request.before.is_none();
    let begins_at_its_end = !is_oldest_first && !page.has_previous && request.after.is_none();
    let page = page.map(|logged| {
        Change::new(ToldChange {
            logged: logged.into(),
            snapshot: snapshot.clone(),
            epoch: epoch.clone(),
        })
    });

    // How far the whole feed was read, and not only up to the last entry that the filter takes: whoever has read
    // everything must not come back with a place that is forgotten meanwhile.
    let known = match order {
        ChangeOrder::OldestFirst => request.after,
        ChangeOrder::NewestFirst => request.before,
    };
    let newest = || cursor(FEED, FeedPosition::new(known.unwrap_or(0).max(served), &epoch));
    let listing = Listing::new(FEED, page, Change::position)
        .ending_at(is_read_to_its_end.then(newest))
        .starting_at(begins_at_its_end.then(newest));
    Ok(ChangeConnection {
        listing,
        extra: query.filter,
    })
}
