//! The Confluence identities that are known: asked for before, or linked by hand.

use std::sync::Arc;

use async_graphql::ID;
use uuid::Uuid;

use super::resolution::{ConfluenceIdentity, MatchingRule, ResolutionStatus};
use crate::{
    directory::Snapshot,
    graphql::{
        directory::objects::User,
        error::ApiError,
        relay::{
            ids::{NodeKind, global_id},
            paging::{Counter, PageArgs, Paging},
            walked_connection::walked_connection,
        },
        scalars::DateTime,
        services::{ContextExt, Services},
        statement::Statement,
        walk::{WalkContext, walked},
    },
    identity::{self, KnownIdentities, Links, Resolution, resolve},
    settings::MatchingMethod,
};

/// Name of a user's list in its cursors.
const OF_USER: &str = "confluenceIdentities";

/// What identities are looked at with; all of one moment.
#[derive(Clone)]
pub(crate) struct View {
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) links: Arc<Links>,
    pub(crate) known: Arc<KnownIdentities>,
    pub(crate) method: MatchingMethod,
    /// Whether `method` is another one than the settings'.
    is_other: bool,
}

impl View {
    pub(crate) fn of(services: &Services, snapshot: Arc<Snapshot>, method: Option<MatchingMethod>) -> Self {
        let in_force = services.settings.current().matching_method;
        let method = method.unwrap_or(in_force);
        Self {
            snapshot,
            links: services.identities.links.current(),
            known: services.identities.memory.known(),
            method,
            is_other: method != in_force,
        }
    }

    pub(crate) fn resolve(&self, known: &identity::KnownIdentity) -> Resolution {
        resolve(&self.snapshot, &self.links, self.method, &known.identity)
    }

    pub(crate) fn identity(&self, known: &Arc<identity::KnownIdentity>) -> KnownIdentity {
        KnownIdentity {
            snapshot: self.snapshot.clone(),
            found: Arc::new(self.resolve(known)),
            known: known.clone(),
            by: self.is_other.then_some(self.method),
        }
    }

    /// The identity that `key` names, by the method that it names.
    pub(crate) fn by_key(services: &Services, snapshot: Arc<Snapshot>, key: &str) -> Option<KnownIdentity> {
        let (id, method) = match key.split_once(BY) {
            Some((id, name)) => (id, Some(MatchingMethod::from_name(name)?)),
            None => (key, None),
        };
        let view = Self::of(services, snapshot, method);
        let known = view.known.get(id.parse().ok()?)?.clone();
        Some(view.identity(&known))
    }
}

/// Stands in a key between the identity and the method by which it is looked at, where that isn't the settings'.
const BY: char = '@';

/// A known Confluence identity, resolved.
#[derive(Clone)]
pub struct KnownIdentity {
    snapshot: Arc<Snapshot>,
    pub(crate) known: Arc<identity::KnownIdentity>,
    found: Arc<Resolution>,
    /// The method, where it isn't the settings'. It belongs to the id: who an identity is by another method is another
    /// object, and a census of each in one document would be merged by clients with a normalising cache.
    by: Option<MatchingMethod>,
}

walked! {
    /// A Confluence user who was asked for or linked by hand, and who they are now.
    type KnownIdentity = KnownIdentity;

    /// Global id, for `node`. By another matching method than the settings' an identity has another one.
    fn id(&self) -> ID {
        match self.by {
            None => global_id(NodeKind::KnownIdentity, self.known.id),
            Some(method) => global_id(
                NodeKind::KnownIdentity,
                format_args!("{}{BY}{}", self.known.id, method.name()),
            ),
        }
    }

    /// What callers said of them. The email address needs `directory:contact`.
    fn identity(&self, ctx: &WalkContext<'_>) -> ConfluenceIdentity {
        ConfluenceIdentity::shown_to(ctx, &self.known.identity)
    }

    /// What `resolve` says now; in a census by the census's method.
    fn status(&self) -> ResolutionStatus {
        self.found.status.into()
    }

    /// The DingTalk user: with MATCHED, INACTIVE and HELD.
    fn user(&self) -> Option<User> {
        User::find(&self.snapshot, self.found.user.as_ref()?.as_str())
    }

    /// The rule that decided; null where none found anybody.
    fn rule(&self) -> Option<MatchingRule> {
        self.found.rule.map(Into::into)
    }

    /// Everybody who has the key, at most 20: those who are present before those who have left. Of somebody who left
    /// and was hired again under another `userId` also the present one.
    fn candidates(&self) -> Vec<User> {
        let found = self.found.candidates.iter();
        found.filter_map(|id| User::find(&self.snapshot, id.as_str())).collect()
    }

    /// Why, in a sentence. It may name an email address. Needs `directory:contact`.
    #[needs(DirectoryContact)]
    fn reason(&self) -> Option<String> {
        Some(self.found.reason.to_string())
    }

    /// The reason as data. Needs `directory:contact`.
    #[needs(DirectoryContact)]
    fn reason_statement(&self) -> Option<Statement> {
        Some((&self.found.reason).into())
    }

    /// Whether a link by hand names them.
    fn linked(&self) -> bool {
        self.known.linked
    }

    /// When they were first asked for, or linked.
    fn first_seen(&self) -> DateTime {
        self.known.first_seen.into()
    }

    /// When they were last asked for, to about a day.
    fn last_seen(&self) -> DateTime {
        self.known.last_seen.into()
    }
}

walked_connection! {
    /// A page of known Confluence identities.
    KnownIdentityConnection, KnownIdentityEdge, KnownIdentity
}

/// The identities that were last found to be this user.
pub(crate) fn of_user(
    ctx: &WalkContext<'_>,
    userid: &str,
    args: &PageArgs,
) -> Result<KnownIdentityConnection, ApiError> {
    let paging = Paging::<Uuid>::new(OF_USER, args, 20)?;
    let view = View::of(ctx.services(), ctx.snapshot(), None);

    let found = paging.page_of(view.known.of_user(userid), |it| it.id);
    let page = found.map(|it| view.identity(it));
    let listing = paging.listing(page, |it| it.known.id);

    let (known, userid) = (view.known.clone(), userid.to_owned());
    Ok(KnownIdentityConnection {
        listing,
        extra: Counter::found(move || known.of_user(&userid).count()),
    })
}
