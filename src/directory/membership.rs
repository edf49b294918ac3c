//! A user's place in a department, and DingTalk's forms of all of them.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::ids::DeptId;

/// One department of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The department.
    pub dept_id: DeptId,
    /// The user's place in it: larger is nearer the front (the opposite of a department's order); about 1.8e17.
    pub order: Option<i64>,
    /// Whether the user leads it.
    pub leader: Option<bool>,
}

/// DingTalk's `dept_id_list`.
pub(super) fn dept_id_list(memberships: &[Membership]) -> Value {
    memberships.iter().map(|it| Value::from(it.dept_id.0)).collect()
}

/// DingTalk's `dept_order_list`.
pub(super) fn dept_order_list(memberships: &[Membership]) -> Value {
    let known = memberships.iter().filter_map(|it| Some((it.dept_id.0, it.order?)));
    known
        .map(|(dept_id, order)| json!({ "dept_id": dept_id, "order": order }))
        .collect()
}

/// DingTalk's `leader_in_dept`.
pub(super) fn leader_in_dept(memberships: &[Membership]) -> Value {
    let known = memberships.iter().filter_map(|it| Some((it.dept_id.0, it.leader?)));
    known
        .map(|(dept_id, leader)| json!({ "dept_id": dept_id, "leader": leader }))
        .collect()
}
