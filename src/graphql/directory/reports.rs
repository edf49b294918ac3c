//! Who manages whom, and which departments somebody is in.

use super::{
    objects::{Department, User},
    order::{Order, UserOrder},
    user_connection::{self, UserConnection},
};
use crate::{
    directory,
    graphql::{
        error::ApiError,
        relay::{connection::int, paging::PageArgs},
        walk::walked,
    },
};

/// Name of the list in its cursors.
const REPORTS: &str = "directReports";

/// How many people report to somebody, each counted once.
#[derive(Debug, Clone, Copy)]
pub struct ReportCount(directory::ReportCount);

walked! {
    /// How many people report to somebody, each counted once.
    type ReportCount = ReportCount;

    /// Who names them as their direct manager; the person, too, who names themselves.
    fn direct(&self) -> i32 {
        int(self.0.direct)
    }

    /// And everybody below those, through however many managers; never the person.
    fn all(&self) -> i32 {
        int(self.0.all)
    }

    /// Whether the managers form a circle that the person is in: then everybody of the circle is below them, and the
    /// circle is cut where it comes back to the person.
    fn is_circular(&self) -> bool {
        self.0.is_circular
    }
}

/// The people who name `user` as their direct manager.
pub(super) fn direct_reports(
    user: &User,
    order_by: Option<&UserOrder>,
    args: &PageArgs,
) -> Result<UserConnection, ApiError> {
    let by_id = Order::By(directory::UserOrder::UserId, false);
    let order = match Order::of_users(order_by, by_id) {
        Order::DingTalk(_) => {
            return Err(ApiError::bad_input(
                "`orderBy` is DINGTALK, which is an order within a department: choose another one for `directReports`",
            ));
        }
        order => order,
    };
    user_connection::reports(&user.snapshot, REPORTS, &user.record.facts.userid, order, args)
}

/// How many report to `user`.
pub(super) fn report_count(user: &User) -> ReportCount {
    ReportCount(user.snapshot.report_count(user.record.facts.userid.as_str()))
}

/// The managers above `user`, the nearest first.
pub(super) fn management_chain(user: &User) -> Vec<User> {
    let chain = user.snapshot.management_chain(&user.record);
    let managers = chain.managers.iter();
    managers
        .filter_map(|id| User::find(&user.snapshot, id.as_str()))
        .collect()
}

/// Whether the chain above `user` was cut because it came to somebody again.
pub(super) fn is_in_circle(user: &User) -> bool {
    user.snapshot.management_chain(&user.record).is_circular
}

/// The departments of `user` that the mirror has, the primary one first, and then by id.
pub(super) fn departments(user: &User) -> Vec<Department> {
    let primary = primary_department(user);
    let memberships = user.record.facts.memberships.iter();
    let others = memberships
        .filter(|it| primary.as_ref().is_none_or(|primary| primary.key() != it.dept_id))
        .filter_map(|it| Department::find(&user.snapshot, it.dept_id));
    primary.clone().into_iter().chain(others).collect()
}

/// DingTalk names none. One that is present comes before one that is gone, one that they lead before others, the one
/// in which they are nearest the front before others, and then the smallest id.
pub(super) fn primary_department(user: &User) -> Option<Department> {
    let memberships = user.record.facts.memberships.iter();
    let found = memberships.filter_map(|it| Some((it, Department::find(&user.snapshot, it.dept_id)?)));
    let best = found.max_by_key(|(it, department)| {
        let is_present = department.record.standing.is_present();
        (
            is_present,
            it.leader == Some(true),
            it.order,
            std::cmp::Reverse(it.dept_id),
        )
    });
    best.map(|(_, department)| department)
}

/// From the top of the visible tree down to `department`, itself included.
pub(super) fn path(department: &Department) -> Vec<Department> {
    let above = department.snapshot.ancestors(department.key()).into_iter();
    let above = above.filter_map(|id| Department::find(&department.snapshot, id));
    above.chain([department.clone()]).collect()
}
