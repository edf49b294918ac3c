//! What a matching method achieves, and whom it leaves out.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, Object};
use uuid::Uuid;

use super::{
    known::{KnownIdentityConnection, View},
    link::may_list,
    resolution::{ResolutionStatus, sees_contacts},
};
use crate::{
    auth::Permission,
    directory::{self, DeptId, UserId},
    graphql::{
        directory::{
            objects::{SnapshotView, User},
            user_connection::UserConnection,
        },
        error::ApiError,
        guard::visible,
        relay::{
            connection::{connection, int},
            paging::{Counter, PageArgs, Paging},
        },
        scalars::BigInt,
        services::ContextExt,
        settings::object::MatchingMethod,
    },
    identity::{self, Census, UserKeys, holders, is_within, shared_keys},
    settings,
};

/// Names of the lists in their cursors.
const WITHOUT_KEY: &str = "usersWithoutKey";
const SHARED: &str = "sharedKeys";
const IDENTITIES: &str = "censusIdentities";

/// People of a shared key that are listed at most.
const MOST_HOLDERS: usize = 20;

/// A census: the figures at once, the lists when they are asked for.
pub struct MatchingCensus {
    view: View,
    figures: Census,
}

/// A key that several people have: whoever asks for it gets nobody.
#[derive(Clone)]
pub struct SharedKey {
    snapshot: Arc<directory::Snapshot>,
    method: settings::MatchingMethod,
    key: String,
    holders: Vec<UserId>,
    /// Its place in the list, however the list changes: the key, or where that is not shown the first person who has
    /// it.
    place: String,
}

/// A key that several present people have: by it, nobody is chosen.
#[Object]
impl SharedKey {
    /// The key, normalised. An email address needs `directory:contact`.
    async fn key(&self, ctx: &Context<'_>) -> Option<Result<String, ApiError>> {
        match self.method {
            settings::MatchingMethod::EmailToEmail => {
                visible(ctx, Permission::DirectoryContact, || Some(self.key.clone()))
            }
            settings::MatchingMethod::UsernameToJobNumber => Some(Ok(self.key.clone())),
        }
    }

    /// How many people have it.
    async fn count(&self) -> i32 {
        int(self.holders.len())
    }

    /// Who they are, at most 20.
    async fn users(&self) -> Vec<User> {
        let holders = self.holders.iter().take(MOST_HOLDERS);
        holders
            .filter_map(|id| User::find(&self.snapshot, id.as_str()))
            .collect()
    }
}

connection! {
    /// A page of shared keys.
    SharedKeyConnection, SharedKeyEdge, SharedKey, usize, |this, _ctx| Ok(int(this.extra))
}

/// What one matching method achieves with the mirror and the Confluence identities that are known.
#[allow(clippy::too_many_arguments, reason = "a connection's own, and the library's")]
#[Object]
impl MatchingCensus {
    /// The method.
    async fn method(&self) -> MatchingMethod {
        self.view.method.into()
    }

    /// People of the mirror who have not left.
    async fn users(&self) -> i32 {
        int(self.figures.people)
    }

    /// Of them: people with a key, who can be found.
    async fn users_with_key(&self) -> i32 {
        int(self.figures.with_key)
    }

    /// Of them: people whose field is empty in DingTalk: fill it in there.
    async fn users_blank(&self) -> i32 {
        int(self.figures.blank)
    }

    /// Of them: people whose field this app is not shown. For email addresses grant 邮箱等个人信息.
    async fn users_hidden(&self) -> i32 {
        int(self.figures.hidden)
    }

    /// Keys that several people have.
    async fn shared_key_count(&self) -> i32 {
        int(self.figures.shared_keys)
    }

    /// People who have such a key, and so are never found by it.
    async fn users_sharing_a_key(&self) -> i32 {
        int(self.figures.sharing)
    }

    /// Confluence identities that are known.
    async fn known_identities(&self) -> i32 {
        int(self.figures.known)
    }

    /// Of them: MATCHED, links by hand included.
    async fn matched(&self) -> i32 {
        int(self.figures.outcome(identity::ResolutionStatus::Matched))
    }

    /// Of them: UNMATCHED.
    async fn unmatched(&self) -> i32 {
        int(self.figures.outcome(identity::ResolutionStatus::Unmatched))
    }

    /// Of them: AMBIGUOUS.
    async fn ambiguous(&self) -> i32 {
        int(self.figures.outcome(identity::ResolutionStatus::Ambiguous))
    }

    /// Of them: INACTIVE.
    async fn inactive(&self) -> i32 {
        int(self.figures.outcome(identity::ResolutionStatus::Inactive))
    }

    /// Of them: HELD.
    async fn held(&self) -> i32 {
        int(self.figures.outcome(identity::ResolutionStatus::Held))
    }

    /// People whom the method can't find, because they have no key.
    #[graphql(tag = "heavy")]
    async fn users_without_key(
        &self,
        #[graphql(desc = "Only in this department or anywhere below it.")] subtree_of: Option<BigInt>,
        #[graphql(desc = "How many from the front, 1 to 500; 50 if neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 500.")] last: Option<i32>,
        #[graphql(desc = "Only those in front of this cursor.")] before: Option<String>,
    ) -> Option<Result<UserConnection, ApiError>> {
        let (top, args) = (dept(subtree_of), PageArgs::new(first, after, last, before));
        Some(walk(&self.view, move |view| without_key(view, top, &args)).await)
    }

    /// Keys that several people have; of a department: where one of them is in it or below.
    #[graphql(tag = "heavy")]
    async fn shared_keys(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only where one of the people is in this department or below it.")] subtree_of: Option<BigInt>,
        #[graphql(desc = "How many from the front, 1 to 500; 50 if neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 500.")] last: Option<i32>,
        #[graphql(desc = "Only those in front of this cursor.")] before: Option<String>,
    ) -> Option<Result<SharedKeyConnection, ApiError>> {
        let (top, args) = (dept(subtree_of), PageArgs::new(first, after, last, before));
        let shown = self.view.method == settings::MatchingMethod::UsernameToJobNumber || sees_contacts(ctx);
        Some(walk(&self.view, move |view| shared(view, shown, top, &args)).await)
    }

    /// Known Confluence identities by what they come to: the unmatched, the ambiguous, or others.
    #[graphql(tag = "heavy")]
    async fn identities(
        &self,
        #[graphql(desc = "In one of these states; without it or empty, UNMATCHED and AMBIGUOUS.")] statuses: Option<
            Vec<ResolutionStatus>,
        >,
        #[graphql(
            desc = "Only where the user or somebody else who has the key is in this department or below it; so nobody whom nobody fits."
        )]
        subtree_of: Option<BigInt>,
        #[graphql(desc = "How many from the front, 1 to 500; 50 if neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 500.")] last: Option<i32>,
        #[graphql(desc = "Only those in front of this cursor.")] before: Option<String>,
    ) -> Option<Result<KnownIdentityConnection, ApiError>> {
        let statuses = statuses
            .filter(|list| !list.is_empty())
            .unwrap_or_else(|| vec![ResolutionStatus::Unmatched, ResolutionStatus::Ambiguous]);
        let (top, args) = (dept(subtree_of), PageArgs::new(first, after, last, before));

        Some(walk(&self.view, move |view| of_statuses(view, statuses, top, &args)).await)
    }
}

fn dept(id: Option<BigInt>) -> Option<DeptId> {
    id.map(|id| DeptId(id.0))
}

/// Looks through everybody, which takes some hundred milliseconds of a hundred thousand: not on a thread that answers
/// requests.
async fn walk<T: Send + 'static>(
    view: &View,
    look: impl FnOnce(&View) -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    let view = view.clone();
    let seen = tokio::task::spawn_blocking(move || look(&view)).await;
    seen.map_err(|error| ApiError::internal(&error))?
}

fn without_key(view: &View, top: Option<DeptId>, args: &PageArgs) -> Result<UserConnection, ApiError> {
    let paging = Paging::<String>::new(WITHOUT_KEY, args, 50)?;
    let (snapshot, method) = (view.snapshot.clone(), view.method);

    let missed = move |user: &directory::User| {
        user.standing.is_present()
            && !matches!(UserKeys::of(user, method), UserKeys::Some(_))
            && is_within(&snapshot, user.facts.userid.as_str(), top)
    };

    let snapshot = &view.snapshot;
    let page = paging.page(|from, to| {
        let between = snapshot.users_between(from.map(String::as_str), to.map(String::as_str));
        between.filter(|user| missed(user))
    });
    let shown = SnapshotView::from(snapshot);
    let page = page.map(|record| User {
        snapshot: shown.clone(),
        record: record.clone(),
    });

    let listing = paging.listing(page, |user: &User| user.record.facts.userid.clone());
    let counted = snapshot.clone();
    let extra = Counter::found(move || counted.users().filter(|user| missed(user)).count());
    Ok(UserConnection { listing, extra })
}

/// `shown`: whether the caller may see the keys. Whoever may not must not learn them from a cursor or from the order,
/// either: their list is in the order of the first person of each key. A digest of an email address would be as good as
/// the address.
fn shared(view: &View, shown: bool, top: Option<DeptId>, args: &PageArgs) -> Result<SharedKeyConnection, ApiError> {
    let paging = Paging::<String>::new(SHARED, args, 50)?;
    let all = shared_keys(&view.snapshot, view.method, top);
    let count = all.len();

    // Somebody may share two keys: the second one's place is behind the first's.
    let mut keys_of = HashMap::<String, usize>::new();
    let mut place = |key: &str, holders: &[UserId]| {
        if shown {
            return key.to_owned();
        }
        let first = holders.iter().map(UserId::as_str).min().unwrap_or_default();
        let nth = keys_of.entry(first.to_owned()).or_default();
        *nth += 1;
        format!("{first}\u{1}{nth:03}")
    };

    let placed = all.into_iter().map(|(key, holders)| SharedKey {
        snapshot: view.snapshot.clone(),
        method: view.method,
        place: place(&key, &holders),
        key,
        holders,
    });
    let mut placed: Vec<_> = placed.collect();
    placed.sort_unstable_by(|a, b| a.place.cmp(&b.place));

    let page = paging
        .page_of(placed.iter(), |it| it.place.clone())
        .map(SharedKey::clone);
    let listing = paging.listing(page, |shared| shared.place.clone());
    Ok(SharedKeyConnection { listing, extra: count })
}

fn of_statuses(
    view: &View,
    statuses: Vec<ResolutionStatus>,
    top: Option<DeptId>,
    args: &PageArgs,
) -> Result<KnownIdentityConnection, ApiError> {
    let paging = Paging::<Uuid>::new(IDENTITIES, args, 50)?;

    let by = view.clone();
    let wanted = move |known: &identity::KnownIdentity| {
        let found = by.resolve(known);
        let mut people = holders(&by.snapshot, &found);
        statuses.contains(&found.status.into())
            && (top.is_none() || people.any(|id| is_within(&by.snapshot, id.as_str(), top)))
    };

    let found = paging.page(|from, to| {
        let between = view.known.between(from.cloned(), to.cloned());
        between.filter(|known| wanted(known))
    });
    // The page is cut before its identities are resolved.
    let page = found.map(|known| view.identity(known));
    let listing = paging.listing(page, |it| it.known.id);

    let known = view.known.clone();
    let extra = Counter::found(move || known.iter().filter(|known| wanted(known)).count());
    Ok(KnownIdentityConnection { listing, extra })
}

/// Queries for the census.
#[derive(Default)]
pub struct CensusQuery;

#[Object]
impl CensusQuery {
    /// What a matching method achieves: how many people have the key, how many share it, and how many of the Confluence
    /// identities that are known would be found. Needs `identity:read` and `directory:read`.
    #[graphql(tag = "heavy")]
    async fn matching_census(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The method; without it the settings'.")] method: Option<MatchingMethod>,
    ) -> Option<Result<MatchingCensus, ApiError>> {
        Some(census(ctx, method).await)
    }
}

async fn census(ctx: &Context<'_>, method: Option<MatchingMethod>) -> Result<MatchingCensus, ApiError> {
    may_list(ctx)?;
    let view = View::of(ctx.services(), ctx.snapshot(), method.map(Into::into));
    let figures = walk(&view, |view| {
        Ok(Census::take(&view.snapshot, &view.links, view.method, &view.known))
    });
    let figures = figures.await?;
    Ok(MatchingCensus { view, figures })
}
