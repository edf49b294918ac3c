//! Who is in which department.

use std::sync::Arc;

use super::objects::{Department, User};
use crate::{
    directory::{self, DeptId},
    graphql::{
        error::ApiError,
        relay::{
            paging::{Paging, counted, forwards},
            walked_connection::walked_connection,
        },
        scalars::BigInt,
        walk::walked,
    },
};

/// Names of the lists in their cursors.
const OF_DEPARTMENT: &str = "members";
const OF_USER: &str = "memberships";

/// One person in one department.
#[derive(Clone)]
pub struct Membership {
    user: User,
    department: Department,
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
    MembershipConnection, MembershipEdge, Membership, counted
}

/// The people directly in `department`.
pub(super) fn of_department(
    department: &Department,
    first: i32,
    after: Option<&str>,
) -> Result<MembershipConnection, ApiError> {
    let paging = Paging::<String>::new(OF_DEPARTMENT, &forwards(first, after), 50)?;
    let (snapshot, id) = (department.snapshot.clone(), department.key());
    let page = paging.page_of_keys(snapshot.members(id).iter().map(|user| user.to_string()))?;

    let page = page.filter_map(|user| {
        let user = User::find(&snapshot, &user)?;
        let facts = user.record.facts.memberships.iter().find(|m| m.dept_id == id)?.clone();
        Some(Membership {
            user,
            department: department.clone(),
            facts,
        })
    });

    let listing = paging.listing(page, |m: &Membership| m.user.record.facts.userid.clone());

    Ok(MembershipConnection {
        listing,
        extra: Arc::new(move || snapshot.members(id).len()),
    })
}

/// The departments of `user` that the mirror has.
pub(super) fn of_user(user: &User, first: i32, after: Option<&str>) -> Result<MembershipConnection, ApiError> {
    let paging = Paging::<i64>::new(OF_USER, &forwards(first, after), 20)?;

    let all: Arc<[Membership]> = user
        .record
        .facts
        .memberships
        .iter()
        .filter_map(|facts| {
            let department = Department::find(&user.snapshot, facts.dept_id)?;
            Some(Membership {
                user: user.clone(),
                department,
                facts: facts.clone(),
            })
        })
        .collect();

    let page = paging.page_of_keys(all.iter().map(|m| m.facts.dept_id.0))?;
    let page = page.filter_map(|id| all.iter().find(|m| m.facts.dept_id == DeptId(id)).cloned());
    let listing = paging.listing(page, |m: &Membership| m.facts.dept_id);

    Ok(MembershipConnection {
        listing,
        extra: Arc::new(move || all.len()),
    })
}
