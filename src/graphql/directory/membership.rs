//! Who is in which department.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    filter::{Filtered, UserFilter, present},
    objects::{Department, User},
    order::{Order, UserOrder},
};
use crate::{
    auth::Permission,
    directory::{self, DeptId, Filter, LeaderOf, MemberList, MemberPlace, Place, UserCondition, UserList},
    graphql::{
        admission::aside,
        error::ApiError,
        guard::require,
        relay::{
            paging::{Counter, PageArgs, Paging},
            place::PlaceText,
            walked_connection::walked_connection,
        },
        scalars::BigInt,
        services::ContextExt,
        walk::walked,
    },
};

/// Names of the lists in their cursors.
const OF_DEPARTMENT: &str = "members";
const OF_SUBTREE: &str = "members.subtree";
const OF_USER: &str = "memberships";

/// One person in one department.
#[derive(Clone)]
pub struct Membership {
    user: User,
    /// The same of everybody in a list.
    department: Arc<Department>,
    facts: directory::Membership,
}

walked! {
    /// One person in one department.
    type Membership = Membership;

    /// The person.
    fn user(&self) -> &User {
        &self.user
    }

    /// The department.
    fn department(&self) -> &Department {
        &self.department
    }

    /// Whether the person leads it; null where DingTalk did not say.
    fn leader(&self) -> Option<bool> {
        self.facts.leader
    }

    /// The person's place in it: larger ones come first, the opposite of a department's `order`.
    fn order(&self) -> Option<BigInt> {
        self.facts.order.map(BigInt)
    }
}

walked_connection! {
    /// A page of memberships.
    MembershipConnection, MembershipEdge, Membership
}

/// Which people of a department.
#[derive(Debug, Default)]
pub(super) struct MemberArgs {
    /// Also those of every department below it, each once.
    pub(super) include_subtree: bool,
    /// Who of them.
    pub(super) filter: Option<UserFilter>,
    /// In which order; none: DingTalk's.
    pub(super) order_by: Option<UserOrder>,
}

/// The people of `department`.
pub(super) fn of_department<'ctx>(
    ctx: &impl ContextExt<'ctx>,
    department: &Department,
    asked: MemberArgs,
    args: &PageArgs,
) -> Result<MembershipConnection, ApiError> {
    if asked.filter.as_ref().is_some_and(UserFilter::asks_for_email) {
        require(ctx, Permission::DirectoryContact)?;
    }

    let (snapshot, id) = (department.snapshot.clone(), department.key());
    let with_subtree = asked.include_subtree;
    let name = if with_subtree { OF_SUBTREE } else { OF_DEPARTMENT };
    let order = Order::of_users(asked.order_by.as_ref(), Order::DingTalk(false));
    let filter = match (&order, asked.filter) {
        (Order::DingTalk(_), None) => None,
        (_, filter) => {
            let list = Filtered {
                snapshot: &snapshot,
                contact: ctx
                    .caller()
                    .is_some_and(|caller| caller.may(Permission::DirectoryContact)),
                searches: ctx.searches(),
            };
            let filter = filter.unwrap_or_default();
            Some(filter.compiled(list, &leaders(id, with_subtree))?)
        }
    };

    let list = Arc::new(MemberList {
        department: id,
        with_subtree,
        filter,
    });
    let membership = {
        let (department, list) = (Arc::new(department.clone()), list.clone());
        move |record: Arc<directory::User>| membership(&department, &list, record)
    };

    match order {
        order @ Order::DingTalk(descending) => {
            let paging = Paging::<PlaceText<MemberPlace>>::new(order.list(name), args, 50)?;
            let find = || list.page(&snapshot, paging.places(), descending);
            // Without a filter a page is at hand.
            let page = if list.filter.is_some() { aside(find) } else { find() };
            let page = page.filter_map(membership);
            let placed = list.clone();
            let listing = paging.listing(page, move |it: &Membership| {
                PlaceText(placed.place(&it.user.snapshot, &it.user.record))
            });
            let is_filtered = list.filter.is_some();
            let count = move || list.count(&snapshot);
            Ok(MembershipConnection {
                listing,
                extra: if is_filtered {
                    Counter::found(count)
                } else {
                    Counter::known(count)
                },
            })
        }
        order @ Order::By(by, descending) => {
            // The snapshot lists those who are present alone, whatever is asked for.
            let place = if with_subtree {
                UserCondition::Subtree(id)
            } else {
                UserCondition::Departments(BTreeSet::from([id]))
            };
            let mut parts = vec![Filter::Is(place), Filter::Is(UserCondition::States(present()))];
            parts.extend(list.filter.clone());
            let filter = Filter::All(parts);
            let people = Arc::new(UserList {
                filter,
                order: by,
                descending,
            });

            let paging = Paging::<PlaceText<Place<String>>>::new(order.list(name), args, 50)?;
            let page = aside(|| people.page(&snapshot, &paging.places())).filter_map(membership);
            let placed = people.clone();
            let listing = paging.listing(page, move |it: &Membership| PlaceText(placed.place(&it.user.record)));
            Ok(MembershipConnection {
                listing,
                extra: Counter::found(move || people.count(&snapshot)),
            })
        }
    }
}

/// Whose leaders are meant among the people of a department.
fn leaders(id: DeptId, with_subtree: bool) -> LeaderOf {
    if with_subtree {
        LeaderOf::Subtree(id)
    } else {
        LeaderOf::These(BTreeSet::from([id]))
    }
}

/// By which department somebody is in a list of members.
fn membership(department: &Arc<Department>, list: &MemberList, record: Arc<directory::User>) -> Option<Membership> {
    let snapshot = &department.snapshot;
    let id = list.department_of(snapshot, &record);
    let department = if id == department.key() {
        department.clone()
    } else {
        Arc::new(Department::find(snapshot, id)?)
    };
    let facts = record.facts.memberships.iter().find(|it| it.dept_id == id)?.clone();
    Some(Membership {
        user: User {
            snapshot: snapshot.clone(),
            record,
        },
        department,
        facts,
    })
}

/// The departments of `user` that the mirror has.
pub(super) fn of_user(user: &User, args: &PageArgs) -> Result<MembershipConnection, ApiError> {
    let paging = Paging::<i64>::new(OF_USER, args, 20)?;

    let all: Arc<[Membership]> = user
        .record
        .facts
        .memberships
        .iter()
        .filter_map(|facts| {
            let department = Arc::new(Department::find(&user.snapshot, facts.dept_id)?);
            Some(Membership {
                user: user.clone(),
                department,
                facts: facts.clone(),
            })
        })
        .collect();

    let page = paging
        .page_of(all.iter(), |it| it.facts.dept_id.0)
        .map(Membership::clone);
    let listing = paging.listing(page, |m: &Membership| m.facts.dept_id);

    Ok(MembershipConnection {
        listing,
        extra: Counter::known(move || all.len()),
    })
}
