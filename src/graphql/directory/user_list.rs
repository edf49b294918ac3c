//! Looking up and listing users.

use async_graphql::{Context, ID, Object};

use super::{
    as_of,
    filter::{Filtered, UserFilter},
    objects::User,
    order::{Order, UserOrder},
    user_connection::{self, UserConnection},
};
use crate::{
    auth::Permission,
    directory::{self, DepartmentUserList, LeaderOf, Snapshot},
    graphql::{
        error::ApiError,
        guard::require,
        relay::{
            ids::{NodeKind, key_of},
            paging::PageArgs,
        },
        scalars::DateTime,
        services::ContextExt,
    },
};

/// Name of the list in its cursors.
const ALL: &str = "users";

/// Queries for users.
#[derive(Default)]
pub struct UserQuery;

#[Object]
impl UserQuery {
    /// One user by `userId`, `unionId` or `id`; null where the mirror has none, gone ones included. Needs
    /// `directory:read`.
    #[graphql(tag = "heavy:asOf", tag = "id:id")]
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

    /// The users that match, by `userId` or in the order asked. With `userIds` those alone, each once, in the order in
    /// which they are given: gone ones, too, unless `filter` says otherwise; whom the mirror doesn't have is left out.
    /// Needs `directory:read`.
    #[graphql(
        tag = "heavy:filter",
        tag = "light:filter.email",
        tag = "light:filter.jobNumber",
        tag = "heavy:orderBy.field=DINGTALK",
        tag = "heavy:asOf",
        tag = "items:userIds"
    )]
    #[allow(clippy::too_many_arguments, reason = "a list's arguments")]
    async fn users(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; without it all that are not gone.")] filter: Option<UserFilter>,
        #[graphql(
            desc = "In which order; without it by `userId`. DINGTALK needs `deptId` or `subtreeOf` in `filter`."
        )]
        order_by: Option<UserOrder>,
        #[graphql(desc = "These, in this order; at most 500. It goes with no `orderBy`.")] user_ids: Option<
            Vec<String>,
        >,
        #[graphql(
            desc = "How many from the front, 1 to 500; all of `userIds`, or 50 if neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 500.")] last: Option<i32>,
        #[graphql(desc = "Only those in front of this cursor.")] before: Option<String>,
        #[graphql(
            desc = "The list, and all below it, as the mirror knew it at this moment, as far back as the change feed is kept."
        )]
        as_of: Option<DateTime>,
    ) -> Option<Result<UserConnection, ApiError>> {
        let page = PageArgs::new(first, after, last, before);
        Some(users(ctx, filter, order_by.as_ref(), user_ids, &page, as_of).await)
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
    filter: Option<UserFilter>,
    order_by: Option<&UserOrder>,
    user_ids: Option<Vec<String>>,
    args: &PageArgs,
    as_of: Option<DateTime>,
) -> Result<UserConnection, ApiError> {
    let contact = require(ctx, Permission::DirectoryRead)?.may(Permission::DirectoryContact);
    if filter.as_ref().is_some_and(UserFilter::asks_for_email) {
        require(ctx, Permission::DirectoryContact)?;
    }

    let snapshot = as_of::snapshot(ctx, as_of).await?;
    let compiled = |filter: UserFilter| {
        let list = Filtered {
            snapshot: &snapshot,
            contact,
            searches: ctx.searches(),
        };
        filter.compiled(list, &LeaderOf::Any)
    };
    if let Some(ids) = user_ids {
        if order_by.is_some() {
            return Err(ApiError::bad_input(
                "`userIds` and `orderBy` are both given: `userIds` is an order of its own; `filter: { userIdIn }` has none",
            ));
        }
        let filter = filter.map(compiled).transpose()?;
        return user_connection::in_order_given(&snapshot, &ids, filter, args);
    }

    let filter = filter.unwrap_or_default();
    let default = Order::By(directory::UserOrder::UserId, false);
    match Order::of_users(order_by, default) {
        Order::DingTalk(descending) => {
            let (department, with_subtree) = filter.department().ok_or_else(|| {
                ApiError::bad_input(
                    "`orderBy` is DINGTALK, which is an order within a department: give `deptId` or `subtreeOf` in `filter`",
                )
            })?;
            let list = DepartmentUserList::new(department, with_subtree, compiled(filter)?);
            user_connection::of_department(&snapshot, ALL, (list, descending), args)
        }
        order => user_connection::of(&snapshot, ALL, (compiled(filter)?, order), args),
    }
}
