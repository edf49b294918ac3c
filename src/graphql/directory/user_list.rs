//! Lists of users, by filter.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object};

use super::{
    as_of,
    department_list::{folded, in_states},
    objects::User,
};
use crate::{
    auth::Permission,
    directory::{self, DeptId, Snapshot},
    graphql::{
        admission::{filtering, list_cost},
        enums::RecordState,
        error::ApiError,
        guard::require,
        relay::{
            ids::{NodeKind, key_of},
            paging::{Paging, counted_aside, forwards},
            walked_connection::walked_connection,
        },
        scalars::{BigInt, DateTime},
    },
};

/// Name of the list in its cursors.
const ALL: &str = "users";

walked_connection! {
    /// A page of users.
    UserConnection, UserEdge, User, counted_aside
}

/// Which users. All given conditions must hold.
#[derive(Debug, Clone, Default, InputObject)]
pub struct UserFilter {
    /// Name, `userId`, job number or title contains this; case and width of letters don't matter.
    search: Option<String>,
    /// Directly in this department.
    dept_id: Option<BigInt>,
    /// In this department or anywhere below it.
    subtree_of: Option<BigInt>,
    /// With this email address, personal or the company's; case doesn't matter. Needs `directory:contact`.
    email: Option<String>,
    /// With this job number; leading zeros matter.
    job_number: Option<String>,
    /// Whether they have ever logged in to DingTalk.
    active: Option<bool>,
    /// Whether they lead a department: `deptId`'s if that is given, any otherwise.
    leader: Option<bool>,
    /// In one of these states; ACTIVE and HELD if not given or empty.
    states: Option<Vec<RecordState>>,
}

/// Users in the order of their `userId`.
type UserIter<'a> = Box<dyn Iterator<Item = &'a Arc<directory::User>> + 'a>;

impl UserFilter {
    /// Matching users behind `after`, by `userId`.
    fn matching<'a>(&'a self, snapshot: &'a Snapshot, after: Option<&'a str>) -> UserIter<'a> {
        let behind = move |user: &&Arc<directory::User>| after.is_none_or(|after| user.facts.userid.as_str() > after);
        let wanted = folded(self.search.as_deref());
        let found = move |user: &&Arc<directory::User>| {
            let id = user.facts.userid.as_str();
            wanted.as_ref().is_none_or(|text| snapshot.user_contains(id, text))
        };

        Box::new(
            self.candidates(snapshot, after)
                .filter(behind)
                .filter(found)
                .filter(|user| self.matches(snapshot, user)),
        )
    }

    /// The narrowest index that a condition opens, so that a look-up costs no walk over everybody.
    fn candidates<'a>(&'a self, snapshot: &'a Snapshot, after: Option<&'a str>) -> UserIter<'a> {
        let by_key = |holders: &'a [Arc<directory::User>]| -> UserIter<'a> {
            let mut holders: Vec<_> = holders.iter().collect();
            holders.sort_unstable_by_key(|user| &user.facts.userid);
            Box::new(holders.into_iter())
        };

        if let Some(email) = &self.email {
            return by_key(snapshot.users_by_email(email));
        }
        if let Some(job_number) = &self.job_number {
            return by_key(snapshot.users_by_job_number(job_number));
        }

        // The snapshot lists the members who are present.
        if let Some(dept_id) = self.dept_id
            && !self.asks_for_gone()
        {
            let mut ids: Vec<_> = snapshot.members(DeptId(dept_id.0)).iter().collect();
            ids.sort_unstable();
            return Box::new(ids.into_iter().filter_map(|id| snapshot.user(id.as_str())));
        }

        // The search, too, finds only those who are present.
        match (&self.search, after) {
            (Some(text), _) if !self.asks_for_gone() => Box::new(snapshot.search_users(text)),
            (_, Some(after)) => Box::new(snapshot.users_after(after)),
            (_, None) => Box::new(snapshot.users()),
        }
    }

    fn asks_for_gone(&self) -> bool {
        let states = self.states.as_deref().unwrap_or_default();
        states.contains(&RecordState::Gone)
    }

    fn matches(&self, snapshot: &Snapshot, user: &directory::User) -> bool {
        let facts = &user.facts;
        let in_dept = |id: DeptId| self.dept_id.is_none_or(|wanted| wanted.0 == id.0);
        let present = user.standing.is_present();

        self.subtree_of.is_none_or(|top| {
            facts.memberships.iter().any(|m| {
                // Of those who are gone the departments may be gone, too: where these were counts.
                if present {
                    snapshot.is_in_subtree(m.dept_id, DeptId(top.0))
                } else {
                    snapshot.was_in_subtree(m.dept_id, DeptId(top.0))
                }
            })
        }) && (self.dept_id.is_none() || facts.memberships.iter().any(|m| in_dept(m.dept_id)))
            && self.job_number.as_deref().is_none_or(|wanted| {
                let key = directory::fold_key(wanted);
                // Blank matches nobody.
                key.is_some() && key == facts.job_number.as_deref().and_then(directory::fold_key)
            })
            && self.active.is_none_or(|active| facts.active == Some(active))
            && self.leader.is_none_or(|leader| {
                leader
                    == facts
                        .memberships
                        .iter()
                        .any(|m| in_dept(m.dept_id) && m.leader == Some(true))
            })
            && in_states(self.states.as_deref(), user.standing.state)
    }
}

/// Queries for users.
#[derive(Default)]
pub struct UserQuery;

#[Object]
impl UserQuery {
    /// One user by `userId`, `unionId` or `id`; null where the mirror has none, gone ones included. Needs
    /// `directory:read`.
    #[graphql(
        tag = "heavy:asOf",
        complexity = "list_cost(1, child_complexity).saturating_add(filtering(as_of.is_some()))"
    )]
    async fn user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "DingTalk's `userid`.")] user_id: Option<String>,
        #[graphql(desc = "DingTalk's `unionid`.")] union_id: Option<String>,
        #[graphql(desc = "Global id.")] id: Option<ID>,
        #[graphql(
            desc = "As the mirror knew them at this moment, with all below, as far back as the change feed is kept."
        )]
        as_of: Option<DateTime>,
    ) -> Option<Result<User, ApiError>> {
        user(ctx, user_id, union_id, id, as_of).await.transpose()
    }

    /// The users that match, by `userId`. Needs `directory:read`.
    #[graphql(
        tag = "heavy:filter",
        tag = "heavy:asOf",
        complexity = "list_cost(first.unwrap_or(50), child_complexity).saturating_add(filtering(filter.is_some())).saturating_add(filtering(as_of.is_some()))"
    )]
    async fn users(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; without it all that are not gone.")] filter: Option<UserFilter>,
        #[graphql(desc = "How many, 1 to 500.", default = 50)] first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
        #[graphql(
            desc = "The list, and all below it, as the mirror knew it at this moment, as far back as the change feed is kept."
        )]
        as_of: Option<DateTime>,
    ) -> Option<Result<UserConnection, ApiError>> {
        let filter = filter.unwrap_or_default();
        Some(users(ctx, filter, first.unwrap_or(50), after.as_deref(), as_of).await)
    }
}

async fn user(
    ctx: &Context<'_>,
    user_id: Option<String>,
    union_id: Option<String>,
    id: Option<ID>,
    as_of: Option<DateTime>,
) -> Result<Option<User>, ApiError> {
    require(ctx, Permission::DirectoryRead)?;
    let snapshot = as_of::snapshot(ctx, as_of::chosen(as_of, id.as_ref())).await?;

    let key = match (user_id, union_id, id) {
        (Some(user_id), None, None) => user_id,
        (None, Some(union_id), None) => match by_union_id(&snapshot, &union_id) {
            Some(user_id) => user_id,
            None => return Ok(None),
        },
        (None, None, Some(id)) => key_of(&id, NodeKind::User, "id")?,
        _ => {
            return Err(ApiError::bad_input(
                "`user` takes exactly one of `userId`, `unionId` and `id`",
            ));
        }
    };

    Ok(User::find(&snapshot, &key))
}

/// Whose `unionid` it is. Somebody who left and came back has it under two `userid`s: the present one counts.
fn by_union_id(snapshot: &Snapshot, union_id: &str) -> Option<String> {
    let holders = snapshot.users_by_union_id(union_id);
    let present: Vec<_> = holders.iter().filter(|user| user.standing.is_present()).collect();
    match (present.as_slice(), holders) {
        ([only], _) => Some(only.facts.userid.to_string()),
        ([], [only]) => Some(only.facts.userid.to_string()),
        _ => None,
    }
}

async fn users(
    ctx: &Context<'_>,
    filter: UserFilter,
    first: i32,
    after: Option<&str>,
    as_of: Option<DateTime>,
) -> Result<UserConnection, ApiError> {
    require(ctx, Permission::DirectoryRead)?;
    if filter.email.is_some() {
        require(ctx, Permission::DirectoryContact)?;
    }

    let paging = Paging::<String>::new(ALL, &forwards(first, after), 50)?;
    let snapshot = as_of::snapshot(ctx, as_of).await?;

    let found = filter.matching(&snapshot, paging.request.after.as_deref());
    let page = paging.cut(found.map(|record| User {
        snapshot: snapshot.clone(),
        record: record.clone(),
    }));
    let listing = paging.listing(page, |user: &User| user.record.facts.userid.clone());

    Ok(UserConnection {
        listing,
        extra: Arc::new(move || filter.matching(&snapshot, None).count()),
    })
}
