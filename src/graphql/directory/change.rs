//! The change feed: one ordered list, resumable by its cursors, as a query and as a subscription.

use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject, Subscription};
use futures_util::Stream;

use super::{
    change_cause::ChangeCause,
    objects::{Department, User},
};
use crate::{
    auth::{Caller, Permission},
    directory::{self, ChangedEntity, Epoch, LoggedChange, Snapshot},
    graphql::{
        admission::list_cost,
        enums::{ChangeKind, EntityKind},
        error::ApiError,
        guard::{require, visible},
        identity::{known::View, match_change::MatchChange},
        relay::{
            connection::{Listing, connection, int},
            feed::{self, FEED, FeedPosition},
            ids::{cursor, parse_cursor},
            paging::page_size,
        },
        scalars::{BigInt, DateTime, Json},
        services::ContextExt,
    },
    page::PageRequest,
};

/// Entries read from the log at once for a subscriber.
const BATCH: u32 = 200;

/// One field before and after.
#[derive(Debug, Clone, SimpleObject)]
pub struct FieldChange {
    /// DingTalk's name of the field.
    field: String,
    /// The old value; null is "not said". Null for contact fields without `directory:contact`, and for what a
    /// Confluence identity was without `identity:read`.
    before: Option<Json>,
    /// The new value; null is "not said". Null for contact fields without `directory:contact`, and for what a
    /// Confluence identity became without `identity:read`.
    after: Option<Json>,
}

/// One change of one record.
#[derive(Clone)]
pub struct Change {
    logged: Arc<LoggedChange>,
    snapshot: Arc<Snapshot>,
    /// That the log was read in.
    epoch: Epoch,
}

/// One change of a department or a user.
#[Object]
impl Change {
    /// Place in the feed: `after` it the next one follows.
    async fn cursor(&self) -> String {
        cursor(FEED, FeedPosition::new(self.logged.seq, &self.epoch))
    }

    /// The mirror's revision that it belongs to. Changes of one revision were applied together.
    async fn revision(&self) -> BigInt {
        BigInt(self.logged.revision)
    }

    /// When it was applied.
    async fn at(&self) -> DateTime {
        self.logged.at.into()
    }

    /// Department, user, or Confluence identity.
    async fn entity(&self) -> EntityKind {
        self.logged.change.entity.kind().into()
    }

    /// The `deptId` or `userId`; of a Confluence identity its own id.
    async fn entity_id(&self) -> String {
        self.logged.change.entity.id_text()
    }

    /// What happened.
    async fn kind(&self) -> ChangeKind {
        self.logged.change.kind.into()
    }

    /// What made it.
    async fn cause(&self) -> ChangeCause {
        ChangeCause::of(&self.logged.cause)
    }

    /// Which run, event or caller.
    async fn cause_id(&self) -> String {
        ChangeCause::id_of(&self.logged.cause)
    }

    /// The fields that differ; empty for a creation and a removal.
    async fn fields(&self, ctx: &Context<'_>) -> Vec<FieldChange> {
        field_changes(ctx, &self.logged.change)
    }

    /// The department as it stands now, if it is one.
    async fn department(&self) -> Option<Department> {
        Department::find(&self.snapshot, self.logged.change.entity.record()?.department()?)
    }

    /// The user as they stand now, if it is one.
    async fn user(&self) -> Option<User> {
        User::find(&self.snapshot, self.logged.change.entity.record()?.user()?.as_str())
    }

    /// If it is about a Confluence identity: who that was and became. Needs `identity:read`.
    async fn match_change(&self, ctx: &Context<'_>) -> Option<Result<MatchChange, ApiError>> {
        visible(ctx, Permission::IdentityRead, || {
            let is_identity = is_of_identity(&self.logged);
            let view = || View::of(ctx.services(), None);
            is_identity.then(|| MatchChange::new(self.logged.clone(), view(), self.epoch.clone()))
        })
    }
}

/// The fields of a change, as far as the caller may see their values.
pub(crate) fn field_changes(ctx: &Context<'_>, change: &directory::Change) -> Vec<FieldChange> {
    let may = |permission| ctx.data_opt::<Caller>().is_some_and(|caller| caller.may(permission));
    let everything = match &change.entity {
        // Who somebody is in Confluence is no field of DingTalk's.
        ChangedEntity::Identity(_) => may(Permission::IdentityRead),
        ChangedEntity::Record(_) => may(Permission::DirectoryContact),
    };

    let fields = change.fields.iter();
    fields.map(|change| field_change(change, everything)).collect()
}

fn field_change(change: &directory::FieldChange, everything: bool) -> FieldChange {
    let shown = everything || change.is_open();
    let value = |value: &serde_json::Value| (shown && !value.is_null()).then(|| Json(value.clone()));
    FieldChange {
        field: change.field.clone(),
        before: value(&change.before),
        after: value(&change.after),
    }
}

connection! {
    /// A page of the change feed.
    ChangeConnection, ChangeEdge, Change, (), |_this, ctx| {
        ctx.services().store.count_changes().await.map(int).map_err(ApiError::from)
    }
}

/// Queries for changes.
#[derive(Default)]
pub struct ChangeQuery;

#[Object]
impl ChangeQuery {
    /// The change feed, oldest first. Keep `pageInfo.endCursor` and come back with it: nothing is missed, nothing comes
    /// twice. Entries are kept for 365 days, or as long as the server is told; a cursor from before them is refused
    /// with `BAD_USER_INPUT`, and without one the feed begins with the oldest that is kept. Needs `directory:read`.
    #[graphql(complexity = "list_cost(first.unwrap_or(50), child_complexity)")]
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 500.", default = 50)] first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
    ) -> Option<Result<ChangeConnection, ApiError>> {
        Some(changes(ctx, first.unwrap_or(50), after.as_deref()).await)
    }
}

async fn changes(ctx: &Context<'_>, first: i32, after: Option<&str>) -> Result<ChangeConnection, ApiError> {
    require(ctx, Permission::DirectoryRead)?;
    let services = ctx.services();
    let position = parse_cursor::<FeedPosition>(FEED, "after", after)?;
    let epoch = feed::epoch_of(services, position.as_ref()).await?;
    let request = PageRequest::new(page_size(first)?, position.map(|position| position.seq));

    let snapshot = services.snapshots.current();
    let mut page = services.store.changes(request).await?;
    feed::check(services, &epoch).await?;

    // Another replica may have written what this one doesn't serve yet: a change is told when its record can be shown.
    let told = page
        .items
        .iter()
        .take_while(|logged| can_be_shown(logged, &snapshot))
        .count();
    page.has_next &= told == page.items.len();
    page.items.truncate(told);

    let page = page.map(|logged| Change {
        logged: Arc::new(logged),
        snapshot: snapshot.clone(),
        epoch: epoch.clone(),
    });
    let position = |change: &Change| FeedPosition::new(change.logged.seq, &change.epoch);
    let mut listing = Listing::new(FEED, page, position);
    // Whoever has read everything keeps the cursor that they have.
    listing.page_info.end_cursor = listing.page_info.end_cursor.or_else(|| after.map(str::to_owned));
    Ok(ChangeConnection { listing, extra: () })
}

/// Whether this replica serves what a change is about. Matches are computed, and have no record.
fn can_be_shown(logged: &LoggedChange, snapshot: &Snapshot) -> bool {
    logged.revision <= snapshot.revision() || is_of_identity(logged)
}

fn is_of_identity(logged: &LoggedChange) -> bool {
    matches!(logged.change.entity, ChangedEntity::Identity(_))
}

/// Subscriptions to changes.
#[derive(Default)]
pub struct ChangeSubscription;

#[Subscription]
impl ChangeSubscription {
    /// Each change of the directory as it is applied: first those behind `after`, then the new ones. Resume with the
    /// last `cursor` that you have seen; one that is older than what is kept is refused, as by `changes`. Needs
    /// `directory:read`.
    async fn directory_changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Begin behind this cursor; without it with the next change.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<Change, ApiError>> + use<>, ApiError> {
        require(ctx, Permission::DirectoryRead)?;
        let services = ctx.services().clone();

        // Subscribe before looking, so that nothing falls between the two.
        let mut revisions = services.snapshots.subscribe();
        let position = parse_cursor::<FeedPosition>(FEED, "after", after.as_deref())?;
        let epoch = feed::epoch_of(&services, position.as_ref()).await?;
        let mut seen = match position {
            Some(position) => position.seq,
            None => services.store.last_change_seq().await?,
        };

        Ok(async_stream::try_stream! {
            loop {
                // Marked before the log is read: a revision that comes meanwhile wakes the loop again.
                revisions.mark_unchanged();
                let page = services.store.changes(PageRequest::new(BATCH, Some(seen))).await?;
                // What was seen is worth nothing in another epoch: the subscriber begins anew.
                feed::check(&services, &epoch).await?;

                let snapshot = services.snapshots.current();
                let mut is_told = true;
                for logged in page.items {
                    // Not served here yet: it comes with this replica's next revision.
                    if !can_be_shown(&logged, &snapshot) {
                        is_told = false;
                        break;
                    }
                    seen = logged.seq;
                    yield Change { logged: Arc::new(logged), snapshot: snapshot.clone(), epoch: epoch.clone() };
                }

                if (!page.has_next || !is_told) && revisions.changed().await.is_err() {
                    break;
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn contact_values_are_shown_to_those_who_may_see_them_only() {
        let change = |field: &str| directory::FieldChange {
            field: field.into(),
            before: json!(null),
            after: json!("x"),
        };

        assert_eq!(field_change(&change("mobile"), false).after, None);
        assert_eq!(field_change(&change("not_judged_yet"), false).after, None);
        assert_eq!(field_change(&change("mobile"), true).after, Some(Json(json!("x"))));
        assert_eq!(field_change(&change("title"), false).after, Some(Json(json!("x"))));
        assert_eq!(field_change(&change("title"), false).before, None);
    }
}
