//! What a matching method achieves, and whom it leaves out.

use std::{collections::BTreeMap, sync::Arc};

use async_graphql::{Context, Object};
use uuid::Uuid;

use super::{
    Services,
    admission::list_cost,
    connection::{Listing, connection, int, page_size},
    error::ApiError,
    guard::visible,
    identity::ResolutionStatus,
    identity_known::{Counter, KnownIdentityConnection, View},
    identity_link::may_list,
    ids::parse_cursor,
    scalars::BigInt,
    settings::MatchingMethod,
    user::User,
    user_list::UserConnection,
};
use crate::{
    auth::Permission,
    directory::{self, DeptId, UserId},
    identity::{self, Census, UserKeys, is_within, shared_keys},
    page::Page,
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
    /// Cursors must not tell a key that is not shown: this is its place in the list.
    place: u64,
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
    #[graphql(complexity = "list_cost(first.unwrap_or(50), child_complexity)")]
    async fn users_without_key(
        &self,
        #[graphql(desc = "Only in this department or anywhere below it.")] subtree_of: Option<BigInt>,
        #[graphql(desc = "How many, 1 to 500.", default = 50)] first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
    ) -> Option<Result<UserConnection, ApiError>> {
        Some(self.without_key(dept(subtree_of), first.unwrap_or(50), after.as_deref()))
    }

    /// Keys that several people have; of a department: where one of them is in it or below.
    #[graphql(complexity = "list_cost(first.unwrap_or(50), child_complexity)")]
    async fn shared_keys(
        &self,
        #[graphql(desc = "Only where one of the people is in this department or below it.")] subtree_of: Option<BigInt>,
        #[graphql(desc = "How many, 1 to 500.", default = 50)] first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
    ) -> Option<Result<SharedKeyConnection, ApiError>> {
        Some(self.shared(dept(subtree_of), first.unwrap_or(50), after.as_deref()))
    }

    /// Known Confluence identities by what they come to: the unmatched, the ambiguous, or others.
    #[graphql(complexity = "list_cost(first.unwrap_or(50), child_complexity)")]
    async fn identities(
        &self,
        #[graphql(desc = "In one of these states; without it or empty, UNMATCHED and AMBIGUOUS.")] statuses: Option<
            Vec<ResolutionStatus>,
        >,
        #[graphql(
            desc = "Only where the user or a candidate is in this department or below it; so nobody whom nobody fits."
        )]
        subtree_of: Option<BigInt>,
        #[graphql(desc = "How many, 1 to 500.", default = 50)] first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
    ) -> Option<Result<KnownIdentityConnection, ApiError>> {
        let statuses = statuses
            .filter(|list| !list.is_empty())
            .unwrap_or_else(|| vec![ResolutionStatus::Unmatched, ResolutionStatus::Ambiguous]);
        Some(self.of_statuses(statuses, dept(subtree_of), first.unwrap_or(50), after.as_deref()))
    }
}

fn dept(id: Option<BigInt>) -> Option<DeptId> {
    id.map(|id| DeptId(id.0))
}

impl MatchingCensus {
    fn without_key(&self, top: Option<DeptId>, first: i32, after: Option<&str>) -> Result<UserConnection, ApiError> {
        let first = page_size(first)?;
        let seen = parse_cursor::<String>(WITHOUT_KEY, after)?;
        let view = self.view.clone();
        let missed = move |user: &directory::User| {
            user.standing.is_present()
                && !matches!(UserKeys::of(user, view.method), UserKeys::Some(_))
                && is_within(&view.snapshot, user.facts.userid.as_str(), top)
        };
        let snapshot = &self.view.snapshot;
        let behind: Box<dyn Iterator<Item = &Arc<directory::User>>> = match &seen {
            Some(seen) => Box::new(snapshot.users_after(seen)),
            None => Box::new(snapshot.users()),
        };
        let found = behind.filter(|user| missed(user)).take(first as usize + 1);
        let found = found.map(|record| User {
            snapshot: snapshot.clone(),
            record: record.clone(),
        });
        let page = Page::from_overfetched(found.collect(), first);
        let listing = Listing::new(WITHOUT_KEY, after.is_some(), page, |user: &User| {
            user.record.facts.userid.clone()
        });
        let counted = snapshot.clone();
        let extra: Counter = Arc::new(move || counted.users().filter(|user| missed(user)).count());
        Ok(UserConnection { listing, extra })
    }

    fn shared(&self, top: Option<DeptId>, first: i32, after: Option<&str>) -> Result<SharedKeyConnection, ApiError> {
        let first = page_size(first)?;
        let seen = parse_cursor::<u64>(SHARED, after)?;
        let all: BTreeMap<String, Vec<UserId>> = shared_keys(&self.view.snapshot, self.view.method, top);
        let count = all.len();
        let numbered = (1_u64..)
            .zip(all)
            .filter(|(place, _)| seen.is_none_or(|seen| *place > seen));
        let found = numbered
            .take(first as usize + 1)
            .map(|(place, (key, holders))| SharedKey {
                snapshot: self.view.snapshot.clone(),
                method: self.view.method,
                key,
                holders,
                place,
            });
        let page = Page::from_overfetched(found.collect(), first);
        let listing = Listing::new(SHARED, after.is_some(), page, |shared| shared.place);
        Ok(SharedKeyConnection { listing, extra: count })
    }

    fn of_statuses(
        &self,
        statuses: Vec<ResolutionStatus>,
        top: Option<DeptId>,
        first: i32,
        after: Option<&str>,
    ) -> Result<KnownIdentityConnection, ApiError> {
        let first = page_size(first)?;
        let seen = parse_cursor::<Uuid>(IDENTITIES, after)?;
        let view = self.view.clone();
        let wanted = move |known: &identity::KnownIdentity| {
            let found = view.resolve(known);
            let mut people = found.user.iter().chain(&found.candidates);
            statuses.contains(&found.status.into())
                && (top.is_none() || people.any(|id| is_within(&view.snapshot, id.as_str(), top)))
        };
        let found = self.view.known.after(seen).filter(|known| wanted(known));
        let found = found.take(first as usize + 1).map(|known| self.view.identity(known));
        let page = Page::from_overfetched(found.collect(), first);
        let listing = Listing::new(IDENTITIES, after.is_some(), page, |it| it.known.id);
        let known = self.view.known.clone();
        let extra: Counter = Arc::new(move || known.iter().filter(|known| wanted(known)).count());
        Ok(KnownIdentityConnection { listing, extra })
    }
}

/// Queries for the census.
#[derive(Default)]
pub struct CensusQuery;

#[Object]
impl CensusQuery {
    /// What a matching method achieves: how many people have the key, how many share it, and how many of the Confluence
    /// identities that are known would be found. Needs `identity:read` and `directory:read`.
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
    let view = View::of(ctx.data_unchecked::<Services>(), method.map(Into::into));
    let counted = view.clone();
    // A hundred thousand people take some hundred milliseconds.
    let figures = tokio::task::spawn_blocking(move || {
        Census::take(&counted.snapshot, &counted.links, counted.method, &counted.known)
    });
    let figures = figures.await.map_err(|error| ApiError::internal(&error))?;
    Ok(MatchingCensus { view, figures })
}
