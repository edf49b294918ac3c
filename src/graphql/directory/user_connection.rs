//! Pages of users.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    filter::present,
    objects::{SnapshotView, User},
    order::Order,
};
use crate::{
    directory::{self, DepartmentUserList, Snapshot, UserCondition, UserId, UserList},
    graphql::{
        error::ApiError,
        relay::{
            connection::int,
            paging::{Counter, PageArgs, Paging},
            place::PlaceText,
            walked_connection::walked_connection,
        },
    },
    page::{MAX_PAGE, Page},
};

/// So many where nothing is said.
const PAGE: i32 = 50;
/// Name in its cursors of a list of given people.
const GIVEN: &str = "users.given";

walked_connection! {
    /// A page of users.
    UserConnection, UserEdge, User
}

/// Those who match, in an order that isn't DingTalk's.
pub(super) fn of(
    snapshot: &Arc<Snapshot>,
    name: &'static str,
    (filter, order): (directory::UserFilter, Order<directory::UserOrder>),
    args: &PageArgs,
) -> Result<UserConnection, ApiError> {
    let (by, descending) = match order {
        Order::By(by, descending) => (by, descending),
        Order::DingTalk(descending) => (directory::UserOrder::UserId, descending),
    };
    let list = Arc::new(UserList {
        filter,
        order: by,
        descending,
    });

    let paging = Paging::<PlaceText<directory::Place<String>>>::new(order.list(name), args, PAGE)?;
    let page = list.page(snapshot, &paging.places());
    let placed = list.clone();
    let listing = paging.listing(users(snapshot, page), move |user: &User| {
        PlaceText(placed.place(&user.record))
    });

    let counted = snapshot.clone();
    Ok(UserConnection {
        listing,
        extra: Counter::found(move || list.count(&counted)),
    })
}

/// Those of a department, in DingTalk's order; those who are gone behind the others.
pub(super) fn of_department(
    snapshot: &Arc<Snapshot>,
    name: &'static str,
    (list, descending): (DepartmentUserList, bool),
    args: &PageArgs,
) -> Result<UserConnection, ApiError> {
    let name = Order::<directory::UserOrder>::DingTalk(descending).list(name);
    let paging = Paging::<PlaceText<directory::DepartmentUserPlace>>::new(name, args, PAGE)?;
    let page = list.page(snapshot, &paging.places(), descending);

    let list = Arc::new(list);
    let placed = list.clone();
    let listing = paging.listing(users(snapshot, page), move |user: &User| {
        PlaceText(placed.place(&user.snapshot, &user.record))
    });

    let counted = snapshot.clone();
    Ok(UserConnection {
        listing,
        extra: Counter::found(move || list.count(&counted)),
    })
}

/// These, each once, in the order in which they are given. A place is one in that order, whoever is there.
pub(super) fn in_order_given(
    snapshot: &Arc<Snapshot>,
    ids: &[String],
    filter: Option<directory::UserFilter>,
    args: &PageArgs,
) -> Result<UserConnection, ApiError> {
    if ids.len() > MAX_PAGE as usize {
        let message = format!("`userIds` has {}: at most {MAX_PAGE} at once", ids.len());
        return Err(ApiError::bad_input(message));
    }

    let found = |id: &UserId| {
        let user = snapshot.user(id.as_str())?;
        let is_in = filter.as_ref().is_none_or(|filter| filter.matches(snapshot, user));
        is_in.then(|| user.clone())
    };
    let mut given = BTreeSet::new();
    let ids: Vec<UserId> = ids.iter().map(|id| UserId::from(id.as_str())).collect();
    let all: Arc<[Arc<directory::User>]> = ids.iter().filter(|id| given.insert(*id)).filter_map(found).collect();

    let paging = Paging::<String>::new(GIVEN, args, int(ids.len().max(1)))?;
    let place = |id: &str| ids.iter().position(|it| it.as_str() == id);
    let request = paging.request();
    for (argument, cursor) in [("after", &request.after), ("before", &request.before)] {
        if cursor.as_ref().is_some_and(|id| place(id).is_none()) {
            let message = format!("`{argument}` is the cursor of somebody who isn't in `userIds`: give the same list");
            return Err(ApiError::bad_input(message));
        }
    }

    let request = request.map(|id| place(&id).unwrap_or_default());
    let page = request.page(|from, to| {
        let between = all.iter().filter(move |user| {
            let at = place(user.facts.userid.as_str()).unwrap_or_default();
            std::ops::RangeBounds::contains(&(from, to), &at)
        });
        between.cloned()
    });
    Ok(UserConnection {
        listing: paging.listing(users(snapshot, page), |user: &User| user.record.facts.userid.clone()),
        extra: Counter::known(move || all.len()),
    })
}

/// Those who name `manager` as their manager.
pub(super) fn reports(
    snapshot: &Arc<Snapshot>,
    name: &'static str,
    manager: &UserId,
    order: Order<directory::UserOrder>,
    args: &PageArgs,
) -> Result<UserConnection, ApiError> {
    let conditions = [
        UserCondition::Manager(manager.clone()),
        UserCondition::States(present()),
    ];
    let filter = directory::Filter::All(conditions.map(directory::Filter::Is).into());
    of(snapshot, name, (filter, order), args)
}

fn users(snapshot: &Arc<Snapshot>, page: Page<Arc<directory::User>>) -> Page<User> {
    let snapshot = SnapshotView::from(snapshot);
    page.map(|record| User {
        snapshot: snapshot.clone(),
        record,
    })
}
