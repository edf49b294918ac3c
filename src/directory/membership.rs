//! A user's place in a department, and DingTalk's forms of all of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

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

/// Takes the departments of a `dept_id_list` over. Of those that were there before, order and leader stay.
pub(super) fn put_dept_id_list(memberships: &mut Vec<Membership>, list: &Value) {
    let Some(ids) = list.as_array() else { return };
    let mut put: Vec<Membership> = ids
        .iter()
        .filter_map(Value::as_i64)
        .map(|id| {
            let former = memberships.iter().find(|it| it.dept_id.0 == id);
            former.cloned().unwrap_or(Membership {
                dept_id: DeptId(id),
                order: None,
                leader: None,
            })
        })
        .collect();
    put.sort_by_key(|it| it.dept_id);
    *memberships = put;
}

/// Takes the orders of a `dept_order_list` over; whom it doesn't name has none.
pub(super) fn put_dept_order_list(memberships: &mut [Membership], list: &Value) {
    let orders = by_department(list, "order");
    for it in memberships {
        it.order = orders.get(&it.dept_id.0).and_then(|order| order.as_i64());
    }
}

/// Takes the leaders of a `leader_in_dept` over; of whom it doesn't name nothing is said.
pub(super) fn put_leader_in_dept(memberships: &mut [Membership], list: &Value) {
    let leaders = by_department(list, "leader");
    for it in memberships {
        it.leader = leaders.get(&it.dept_id.0).and_then(|leader| leader.as_bool());
    }
}

/// The departments that DingTalk's `forms` tell of: one list of `{ deptId, order, leader }`, of
/// which each has what the forms have.
pub(super) fn told_by<'a>(forms: impl IntoIterator<Item = &'a Value>) -> Value {
    let mut departments: BTreeMap<i64, Map<String, Value>> = BTreeMap::new();
    for list in forms {
        for item in list.as_array().into_iter().flatten() {
            let Some(id) = item.as_i64().or_else(|| item["dept_id"].as_i64()) else {
                continue;
            };
            let department = departments.entry(id).or_default();
            department.insert("deptId".to_owned(), big_int(&id.into()));
            if let Some(order) = item.get("order") {
                department.insert("order".to_owned(), big_int(order));
            }
            if let Some(leader) = item.get("leader") {
                department.insert("leader".to_owned(), leader.clone());
            }
        }
    }
    departments.into_values().map(Value::Object).collect()
}

/// As the schema's `BigInt` is written: as text.
pub(super) fn big_int(value: &Value) -> Value {
    value
        .as_i64()
        .map_or_else(|| value.clone(), |number| number.to_string().into())
}

/// What a list of `{ dept_id, … }` has under `key`.
fn by_department<'a>(list: &'a Value, key: &str) -> BTreeMap<i64, &'a Value> {
    let items = list.as_array().into_iter().flatten();
    items
        .filter_map(|item| Some((item["dept_id"].as_i64()?, item.get(key)?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn membership(dept_id: i64, order: Option<i64>, leader: Option<bool>) -> Membership {
        Membership {
            dept_id: DeptId(dept_id),
            order,
            leader,
        }
    }

    #[test]
    fn the_forms_lead_back_to_what_they_were_made_of() {
        let before = vec![membership(1, Some(7), None), membership(5, None, Some(true))];
        for mut now in [
            Vec::new(),
            vec![membership(5, Some(3), Some(false)), membership(9, None, None)],
        ] {
            put_dept_id_list(&mut now, &dept_id_list(&before));
            put_dept_order_list(&mut now, &dept_order_list(&before));
            put_leader_in_dept(&mut now, &leader_in_dept(&before));
            assert_eq!(now, before);
        }
    }

    #[test]
    fn the_forms_together_are_one_list() {
        let of = vec![
            membership(1, Some(176_294_576_350_761_512), None),
            membership(5, None, Some(true)),
        ];
        let (ids, orders, leaders) = (dept_id_list(&of), dept_order_list(&of), leader_in_dept(&of));
        assert_eq!(
            told_by([&ids, &orders, &leaders]),
            json!([{ "deptId": "1", "order": "176294576350761512" }, { "deptId": "5", "leader": true }])
        );
        assert_eq!(told_by([&leaders]), json!([{ "deptId": "5", "leader": true }]));
    }
}
