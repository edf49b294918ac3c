//! Links by hand: reading them and their history.

use std::{
    ops::{Bound, Bound::Unbounded, RangeBounds},
    sync::Arc,
};

use async_graphql::{Context, Enum, ID, InputObject, Object};
use uuid::Uuid;

use super::resolution::{ConfluenceIdentity, ConfluenceIdentityInput, sees_contacts};
use crate::{
    auth::Permission,
    directory::Snapshot,
    graphql::{
        directory::objects::User,
        error::ApiError,
        guard::{require, visible},
        relay::{
            connection::{connection, int},
            ids::{NodeKind, cursor, global_id, key_of},
            paging::{Counter, PageArgs, Paging},
        },
        scalars::DateTime,
        services::ContextExt,
    },
    identity::{self, Links},
    store::LinkHistoryQuery,
};

/// Names of the lists in their cursors.
const LINKS: &str = "identityLinks";
const HISTORY: &str = "identityLinkHistory";

/// A link by hand.
#[derive(Clone)]
pub struct IdentityLink {
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) link: Arc<identity::IdentityLink>,
}

/// A link by hand from a Confluence user to a DingTalk user. It comes before the matching method, and no sync touches
/// it.
#[Object]
impl IdentityLink {
    /// Global id, for `node` and `unlinkIdentity`.
    pub(crate) async fn id(&self) -> ID {
        global_id(NodeKind::IdentityLink, self.link.id)
    }

    /// The Confluence user. The email address needs `directory:contact`.
    async fn identity(&self, ctx: &Context<'_>) -> ConfluenceIdentity {
        ConfluenceIdentity::shown_to(ctx, &self.link.identity)
    }

    /// The DingTalk user's `userid`.
    async fn user_id(&self) -> &str {
        self.link.userid.as_str()
    }

    /// The DingTalk user; null where the mirror does not have them. Who has left is here, but the link is not followed.
    /// Needs `directory:read`.
    async fn user(&self, ctx: &Context<'_>) -> Option<Result<User, ApiError>> {
        // Whoever may only link could otherwise link themselves through the company.
        visible(ctx, Permission::DirectoryRead, || {
            User::find(&self.snapshot, self.link.userid.as_str())
        })
    }

    /// Whether it is followed: not to somebody who has left, or whom the mirror does not have.
    async fn followed(&self) -> bool {
        is_followed(&self.snapshot, &self.link)
    }

    /// Why, in the words of whoever linked.
    async fn reason(&self) -> Option<&str> {
        self.link.reason.as_deref()
    }

    /// When it was last changed.
    async fn linked_at(&self) -> DateTime {
        self.link.at.into()
    }

    /// Who changed it last: the `sub` of the token.
    async fn linked_by(&self) -> &str {
        &self.link.by
    }
}

fn is_followed(snapshot: &Snapshot, link: &identity::IdentityLink) -> bool {
    snapshot
        .user(link.userid.as_str())
        .is_some_and(|user| user.standing.is_present())
}

/// What happened to a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "identity::LinkAction")]
pub enum LinkAction {
    /// It was made.
    Linked,
    /// It was led to somebody else, or got other keys or another reason.
    Relinked,
    /// It was removed.
    Unlinked,
}

/// One line of the links' history.
#[derive(Clone)]
pub struct LinkHistoryEntry {
    snapshot: Arc<Snapshot>,
    entry: Arc<identity::LinkHistoryEntry>,
}

/// One change of one link: who, when and why.
#[Object]
impl LinkHistoryEntry {
    /// Place in the history.
    async fn cursor(&self) -> String {
        cursor(HISTORY, self.entry.id)
    }

    /// What happened.
    async fn action(&self) -> LinkAction {
        self.entry.change.action.into()
    }

    /// Global id of the link; it may be gone.
    async fn link_id(&self) -> ID {
        global_id(NodeKind::IdentityLink, self.entry.change.link.id)
    }

    /// The Confluence user, as the link named them then. The email address needs `directory:contact`.
    async fn identity(&self, ctx: &Context<'_>) -> ConfluenceIdentity {
        ConfluenceIdentity::shown_to(ctx, &self.entry.change.link.identity)
    }

    /// The `userid` to which it led before; null for a new link.
    async fn user_id_before(&self) -> Option<&str> {
        self.entry.change.before.as_ref().map(|id| id.as_str())
    }

    /// The `userid` to which it led afterwards; null for one that was removed.
    async fn user_id_after(&self) -> Option<&str> {
        self.after()
    }

    /// The DingTalk user to whom it led before, as they stand now.
    async fn user_before(&self) -> Option<User> {
        User::find(&self.snapshot, self.entry.change.before.as_ref()?.as_str())
    }

    /// The DingTalk user to whom it led afterwards, as they stand now.
    async fn user_after(&self) -> Option<User> {
        User::find(&self.snapshot, self.after()?)
    }

    /// When.
    async fn at(&self) -> DateTime {
        self.entry.change.link.at.into()
    }

    /// Who: the `sub` of the token.
    async fn by(&self) -> &str {
        &self.entry.change.link.by
    }

    /// Why.
    async fn reason(&self) -> Option<&str> {
        self.entry.change.reason.as_deref()
    }

    /// Whether it came from an imported file.
    async fn imported(&self) -> bool {
        self.entry.change.imported
    }
}

impl LinkHistoryEntry {
    fn after(&self) -> Option<&str> {
        let change = &self.entry.change;
        (change.action != identity::LinkAction::Unlinked).then_some(change.link.userid.as_str())
    }
}

connection! {
    /// A page of links.
    IdentityLinkConnection, IdentityLinkEdge, IdentityLink, Counter, |this, _ctx| Ok(this.extra.count())
}

connection! {
    /// A page of the links' history.
    LinkHistoryEntryConnection, LinkHistoryEntryEdge, LinkHistoryEntry, LinkHistoryQuery, |this, ctx| {
        let store = &ctx.services().store;
        store.count_link_history(&this.extra).await.map(int).map_err(ApiError::from)
    }
}

/// Which links. All given conditions must hold.
#[derive(Default, InputObject)]
pub struct IdentityLinkFilter {
    /// To this DingTalk user.
    user_id: Option<String>,
    /// Of a Confluence user with any of these keys.
    identity: Option<ConfluenceIdentityInput>,
    /// Whether they are followed: `false` finds those to people who have left.
    followed: Option<bool>,
}

/// A link filter, made ready once.
struct PreparedLinkFilter {
    followed: Option<bool>,
    /// Those that the indexes name, by id; `None`: all.
    ids: Option<Vec<Uuid>>,
}

impl PreparedLinkFilter {
    fn new(filter: IdentityLinkFilter, links: &Links) -> Self {
        let of_user = filter
            .user_id
            .map(|userid| links.of_user(&userid).map(|link| link.id).collect::<Vec<_>>());
        let sharing = filter.identity.map(|input| {
            let found = links.sharing_a_key(&input.into());
            found.into_iter().map(|link| link.id).collect::<Vec<_>>()
        });

        let ids = match (of_user, sharing) {
            (Some(one), Some(other)) => Some(one.into_iter().filter(|id| other.contains(id)).collect()),
            (one, other) => one.or(other),
        };
        Self {
            followed: filter.followed,
            ids,
        }
    }

    fn matching<'a>(
        &'a self,
        snapshot: &'a Snapshot,
        links: &'a Links,
        (from, to): (Bound<Uuid>, Bound<Uuid>),
    ) -> impl DoubleEndedIterator<Item = &'a Arc<identity::IdentityLink>> {
        let candidates: Box<dyn DoubleEndedIterator<Item = &'a Arc<identity::IdentityLink>>> = match &self.ids {
            Some(ids) => {
                let between = ids.iter().filter(move |id| (from, to).contains(*id));
                Box::new(between.filter_map(|id| links.get(*id)))
            }
            None => Box::new(links.between(from, to)),
        };

        candidates.filter(move |link| {
            let followed = self.followed;
            followed.is_none_or(|wanted| wanted == is_followed(snapshot, link))
        })
    }
}

/// Queries for links.
#[derive(Default)]
pub struct LinkQuery;

#[allow(clippy::too_many_arguments, reason = "a connection's own, and the library's")]
#[Object]
impl LinkQuery {
    /// Links by hand, oldest first. Needs `identity:read` and `directory:read`.
    #[graphql(tag = "heavy:filter")]
    async fn identity_links(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; without it all.")] filter: Option<IdentityLinkFilter>,
        #[graphql(desc = "How many from the front, 1 to 500; 50 if neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 500.")] last: Option<i32>,
        #[graphql(desc = "Only those in front of this cursor.")] before: Option<String>,
    ) -> Option<Result<IdentityLinkConnection, ApiError>> {
        Some(identity_links(
            ctx,
            filter.unwrap_or_default(),
            &PageArgs::new(first, after, last, before),
        ))
    }

    /// Who linked whom, when and why, newest first. Needs `identity:read` and `directory:read`.
    #[graphql(tag = "asks")]
    async fn identity_link_history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of this link only.")] link_id: Option<ID>,
        #[graphql(desc = "Of links that led or lead to this DingTalk user only.")] user_id: Option<String>,
        #[graphql(desc = "How many from the front, 1 to 500; 50 if neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 500.")] last: Option<i32>,
        #[graphql(desc = "Only those in front of this cursor.")] before: Option<String>,
    ) -> Option<Result<LinkHistoryEntryConnection, ApiError>> {
        Some(history(ctx, link_id, user_id, &PageArgs::new(first, after, last, before)).await)
    }

    /// Every link as a CSV file that `importIdentityLinks` reads. Needs `identity:read`, `directory:read` and
    /// `directory:contact`.
    #[graphql(tag = "heavy")]
    async fn export_identity_links(&self, ctx: &Context<'_>) -> Option<Result<String, ApiError>> {
        Some(export(ctx))
    }
}

/// Reading everybody's identities shows the directory, too.
pub(crate) fn may_list(ctx: &Context<'_>) -> Result<(), ApiError> {
    require(ctx, Permission::IdentityRead)?;
    require(ctx, Permission::DirectoryRead).map(drop)
}

fn identity_links(
    ctx: &Context<'_>,
    filter: IdentityLinkFilter,
    args: &PageArgs,
) -> Result<IdentityLinkConnection, ApiError> {
    may_list(ctx)?;
    // Filtering by an email address would confirm it to somebody who may not see addresses.
    if filter.identity.as_ref().is_some_and(ConfluenceIdentityInput::has_email) && !sees_contacts(ctx) {
        require(ctx, Permission::DirectoryContact)?;
    }

    let paging = Paging::<Uuid>::new(LINKS, args, 50)?;
    let services = ctx.services();
    let (snapshot, links) = (ctx.snapshot(), services.identities.links.current());
    let wanted = PreparedLinkFilter::new(filter, &links);

    let page = paging.page(|from, to| wanted.matching(&snapshot, &links, (from.cloned(), to.cloned())));
    let page = page.map(|link| IdentityLink {
        snapshot: snapshot.clone(),
        link: link.clone(),
    });
    let listing = paging.listing(page, |it| it.link.id);

    Ok(IdentityLinkConnection {
        listing,
        extra: Counter::found(move || wanted.matching(&snapshot, &links, (Unbounded, Unbounded)).count()),
    })
}

async fn history(
    ctx: &Context<'_>,
    link_id: Option<ID>,
    user_id: Option<String>,
    args: &PageArgs,
) -> Result<LinkHistoryEntryConnection, ApiError> {
    may_list(ctx)?;
    let query = LinkHistoryQuery {
        link: link_id
            .map(|id| key_of(&id, NodeKind::IdentityLink, "linkId"))
            .transpose()?,
        userid: user_id.map(Into::into),
    };
    let paging = Paging::<i64>::new(HISTORY, args, 50)?;

    let services = ctx.services();
    let snapshot = ctx.snapshot();
    let page = services.store.link_history(&query, paging.request()).await?;
    let page = page.map(|entry| LinkHistoryEntry {
        snapshot: snapshot.clone(),
        entry: Arc::new(entry),
    });
    let listing = paging.listing(page, |it| it.entry.id);
    Ok(LinkHistoryEntryConnection { listing, extra: query })
}

fn export(ctx: &Context<'_>) -> Result<String, ApiError> {
    may_list(ctx)?;
    require(ctx, Permission::DirectoryContact)?;
    let links = ctx.services().identities.links.current();
    Ok(identity::write_links(links.iter().map(|link| &**link)))
}
