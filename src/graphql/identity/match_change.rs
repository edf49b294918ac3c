//! Hearing that a Confluence identity is somebody else than it was.

use std::sync::Arc;

use async_graphql::{Context, Object, Subscription};
use futures_util::{Stream, StreamExt};
use serde::de::DeserializeOwned;

use super::{
    known::{KnownIdentity, View},
    link::may_list,
    resolution::ResolutionStatus,
};
use crate::{
    directory::{ChangeFilter, ChangedEntity, EntityKind, Epoch, LoggedChange},
    graphql::{
        directory::{change_cause::ChangeCause, objects::User},
        error::ApiError,
        relay::{
            connection::{Listing, connection, int},
            feed::{self, FEED, FeedPosition},
            ids::cursor,
            paging::PageArgs,
        },
        scalars::{BigInt, DateTime},
        services::{ContextExt, change_feed::ToldChange},
    },
    identity,
};

/// An entry of the change feed about an identity.
#[derive(Clone)]
pub struct MatchChange {
    logged: Arc<LoggedChange>,
    view: View,
    /// That the log was read in.
    epoch: Epoch,
}

impl MatchChange {
    pub(crate) fn new(told: &ToldChange, view: View) -> Self {
        Self {
            logged: told.logged.clone(),
            view,
            epoch: told.epoch.clone(),
        }
    }

    fn position(&self) -> FeedPosition {
        FeedPosition::new(self.logged.seq, &self.epoch)
    }

    /// Before and after of one of the two fields that such an entry has.
    fn field<T: DeserializeOwned>(&self, field: &str) -> (Option<T>, Option<T>) {
        let change = self.logged.change.fields.iter().find(|it| it.field == field);
        let read = |value: &serde_json::Value| serde_json::from_value(value.clone()).ok();
        change.map_or((None, None), |it| (read(&it.before), read(&it.after)))
    }

    fn statuses(&self) -> (Option<identity::ResolutionStatus>, Option<identity::ResolutionStatus>) {
        self.field("match_status")
    }

    fn userids(&self) -> (Option<String>, Option<String>) {
        self.field("match_userid")
    }
}

/// A Confluence identity became somebody else in DingTalk: by a sync, an event, a link, another matching method, or
/// because it was asked for otherwise.
#[Object]
impl MatchChange {
    /// Place in the change feed: `after` it the next one follows.
    async fn cursor(&self) -> String {
        cursor(FEED, self.position())
    }

    /// The mirror's revision that it belongs to.
    async fn revision(&self) -> BigInt {
        BigInt(self.logged.revision)
    }

    /// When it was noticed.
    async fn at(&self) -> DateTime {
        self.logged.at.into()
    }

    /// What made it.
    async fn cause(&self) -> ChangeCause {
        self.logged.cause.kind().into()
    }

    /// Which run, event or caller.
    async fn cause_id(&self) -> String {
        self.logged.cause.id()
    }

    /// The Confluence identity, resolved as it stands now; null where it is not remembered any more.
    async fn identity(&self) -> Option<KnownIdentity> {
        let ChangedEntity::Identity(id) = self.logged.change.entity else {
            return None;
        };
        self.view.known.get(id).map(|known| self.view.identity(known))
    }

    /// What it was.
    async fn status_before(&self) -> Option<ResolutionStatus> {
        self.statuses().0.map(Into::into)
    }

    /// What it became.
    async fn status_after(&self) -> Option<ResolutionStatus> {
        self.statuses().1.map(Into::into)
    }

    /// The `userid` of who it was.
    async fn user_id_before(&self) -> Option<String> {
        self.userids().0
    }

    /// The `userid` of who it became.
    async fn user_id_after(&self) -> Option<String> {
        self.userids().1
    }

    /// Who it was, as they stand now.
    async fn user_before(&self) -> Option<User> {
        User::find(&self.view.snapshot, &self.userids().0?)
    }

    /// Who it became, as they stand now.
    async fn user_after(&self) -> Option<User> {
        User::find(&self.view.snapshot, &self.userids().1?)
    }
}

connection! {
    /// A page of changed matches.
    MatchChangeConnection, MatchChangeEdge, MatchChange, (), |_this, ctx| {
        ctx.services().store.count_match_changes().await.map(int).map_err(ApiError::from)
    }
}

/// Queries for changed matches.
#[derive(Default)]
pub struct MatchChangeQuery;

#[Object]
impl MatchChangeQuery {
    /// Confluence identities that became somebody else, oldest first: the entries of the change feed that are about
    /// identities. Keep `pageInfo.endCursor` and come back with it: on the last page, also an empty one, it says how
    /// far the whole feed was read, so it stays good while nothing is about identities. A cursor that is older than
    /// what is kept is refused, as by `changes`. Needs `identity:read` and `directory:read`.
    #[graphql(tag = "asks")]
    async fn match_changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the front, 1 to 500; 50 if neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 500.")] last: Option<i32>,
        #[graphql(desc = "Only those in front of this cursor.")] before: Option<String>,
    ) -> Option<Result<MatchChangeConnection, ApiError>> {
        Some(match_changes(ctx, &PageArgs::new(first, after, last, before)).await)
    }
}

async fn match_changes(ctx: &Context<'_>, args: &PageArgs) -> Result<MatchChangeConnection, ApiError> {
    may_list(ctx)?;
    let services = ctx.services();
    let request = args.request::<FeedPosition>(FEED, 50)?;
    let epoch = feed::epoch_of(services, [&request.after, &request.before]).await?;

    let read = services
        .store
        .match_changes(request.map(|position| position.seq))
        .await?;
    feed::check(services, &epoch).await?;
    let view = View::of(services, ctx.snapshot(), None);
    let page = read.page.map(|logged| MatchChange {
        logged: Arc::new(logged),
        view: view.clone(),
        epoch: epoch.clone(),
    });

    // How far the whole feed was read, and not only up to the last entry about an identity.
    let end = read
        .read_to
        .map(|read_to| cursor(FEED, FeedPosition::new(read_to, &epoch)));
    let listing = Listing::new(FEED, page, MatchChange::position).ending_at(end);
    Ok(MatchChangeConnection { listing, extra: () })
}

/// Subscriptions to changed matches.
#[derive(Default)]
pub struct MatchChangeSubscription;

#[Subscription]
impl MatchChangeSubscription {
    /// Each Confluence identity that becomes somebody else: first those behind `after`, then the new ones. Resume with
    /// the last `cursor` that you have seen; one that is older than what is kept is refused, as by `changes`. After a
    /// long silence the query's `pageInfo.endCursor` is the younger one. Needs `identity:read` and `directory:read`.
    async fn match_changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Begin behind this cursor; without it with the next change.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<MatchChange, ApiError>> + use<>, ApiError> {
        may_list(ctx)?;
        let services = ctx.services().clone();
        let beginning = feed::beginning(&services, after.as_deref()).await?;
        let filter = ChangeFilter {
            entities: [EntityKind::Identity].into(),
            ..ChangeFilter::default()
        };

        let log = (&services.store, &services.snapshots);
        let told = services.change_feed.follow(log, beginning, filter).await?;
        Ok(told.map(move |told| {
            let told = told?;
            let view = View::of(&services, told.snapshot.clone(), None);
            Ok(MatchChange::new(&told, view))
        }))
    }
}
