//! DingTalk's whole objects: overlaid where a source says less, compared where nobody mapped a field yet.

use serde_json::{Map, Value, json};

use crate::directory::{FieldChange, Membership, Raw};

/// Keys of a user that have a field of their own, so that their raw form isn't compared again.
const MAPPED_USER_KEYS: [&str; 28] = [
    "userid",
    "unionid",
    "name",
    "avatar",
    "state_code",
    "mobile",
    "hide_mobile",
    "telephone",
    "job_number",
    "title",
    "email",
    "org_email",
    "work_place",
    "remark",
    "extension",
    "hired_date",
    "active",
    "real_authed",
    "senior",
    "admin",
    "boss",
    "exclusive_account",
    "manager_userid",
    "dept_id_list",
    "dept_order_list",
    "leader_in_dept",
    "dept_order",
    "leader",
];

/// Keys of a department that have a field of their own, and the two head counts: they change with every hire, the
/// mirror counts itself.
const MAPPED_DEPARTMENT_KEYS: [&str; 15] = [
    "dept_id",
    "parent_id",
    "name",
    "order",
    "hide_dept",
    "outer_dept",
    "create_dept_group",
    "auto_add_user",
    "dept_manager_userid_list",
    "org_dept_owner",
    "dept_group_chat_id",
    "source_identifier",
    "brief",
    "member_count",
    "owning_member_count",
];

/// What `user/list` says of one department alone; the merged record has the lists instead.
const PER_DEPARTMENT_KEYS: [&str; 2] = ["dept_order", "leader"];

pub(super) fn user_changes(old: &Raw, new: &Raw) -> Vec<FieldChange> {
    changes(old, new, &MAPPED_USER_KEYS)
}

pub(super) fn department_changes(old: &Raw, new: &Raw) -> Vec<FieldChange> {
    changes(old, new, &MAPPED_DEPARTMENT_KEYS)
}

/// Fields that nobody mapped and that differ. The order of lists is not a difference: DingTalk's varies between calls.
fn changes(old: &Raw, new: &Raw, mapped: &[&str]) -> Vec<FieldChange> {
    if old == new {
        return Vec::new();
    }

    let (old, new) = (fields(old), fields(new));
    let mut keys: Vec<&String> = old
        .keys()
        .chain(new.keys().filter(|key| !old.contains_key(*key)))
        .collect();
    keys.sort_unstable();

    keys.into_iter()
        .filter(|key| !mapped.contains(&key.as_str()))
        .filter_map(|key| {
            let (before, after) = (
                old.get(key).unwrap_or(&Value::Null),
                new.get(key).unwrap_or(&Value::Null),
            );
            let differs = before != after && canonical(before) != canonical(after);
            differs.then(|| FieldChange {
                field: key.clone(),
                before: before.clone(),
                after: after.clone(),
            })
        })
        .collect()
}

/// What isn't an object has no fields.
fn fields(raw: &Raw) -> Map<String, Value> {
    match raw.value() {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// The value with every list sorted.
fn canonical(value: &Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(canonical).collect();
            items.sort_by_cached_key(Value::to_string);
            Value::Array(items)
        }
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| (key.clone(), canonical(value)))
            .collect(),
        plain => plain.clone(),
    }
}

/// The old object with the new one's keys over it: for a source that can't say everything. What isn't an object says
/// nothing.
pub(super) fn overlaid(old: Option<Value>, new: Value) -> Value {
    let Value::Object(new) = new else {
        return old.unwrap_or(new);
    };
    let mut all = match old {
        Some(Value::Object(old)) => old,
        _ => Map::new(),
    };
    all.extend(new);
    Value::Object(all)
}

/// A user's object from `user/list`, in the form that `user/get` gives: lists over all departments.
pub(super) fn listed_user(old: Option<Value>, new: Value, memberships: &[Membership]) -> Value {
    let mut merged = overlaid(old, new);
    if let Value::Object(fields) = &mut merged {
        for key in PER_DEPARTMENT_KEYS {
            fields.remove(key);
        }
        fields.insert("dept_order_list".into(), dept_order_list(memberships));
        fields.insert("leader_in_dept".into(), leader_in_dept(memberships));
    }
    merged
}

pub(super) fn dept_id_list(memberships: &[Membership]) -> Value {
    memberships.iter().map(|it| Value::from(it.dept_id.0)).collect()
}

pub(super) fn dept_order_list(memberships: &[Membership]) -> Value {
    let known = memberships.iter().filter_map(|it| Some((it.dept_id.0, it.order?)));
    known
        .map(|(dept_id, order)| json!({ "dept_id": dept_id, "order": order }))
        .collect()
}

pub(super) fn leader_in_dept(memberships: &[Membership]) -> Value {
    let known = memberships.iter().filter_map(|it| Some((it.dept_id.0, it.leader?)));
    known
        .map(|(dept_id, leader)| json!({ "dept_id": dept_id, "leader": leader }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_unmapped_fields_count_and_the_order_of_lists_does_not() {
        let old = json!({ "name": "a", "role_list": [{ "id": 1 }, { "id": 2 }], "nickname": "x", "gone": 1 });
        let same = json!({ "name": "b", "role_list": [{ "id": 2 }, { "id": 1 }], "nickname": "x", "gone": 1 });
        let changes = |new: &Value| user_changes(&Raw::of(&old), &Raw::of(new));
        assert_eq!(changes(&same), []);

        let other = json!({ "role_list": [{ "id": 1 }], "nickname": "y" });
        let fields: Vec<_> = changes(&other).into_iter().map(|it| it.field).collect();
        assert_eq!(fields, ["gone", "nickname", "role_list"]);
    }

    #[test]
    fn an_overlay_keeps_what_the_source_cannot_say() {
        let old = json!({ "role_list": [1], "name": "a" });
        assert_eq!(
            overlaid(Some(old.clone()), json!({ "name": "b" })),
            json!({ "role_list": [1], "name": "b" })
        );
        assert_eq!(overlaid(Some(old.clone()), Value::Null), old);
        assert_eq!(overlaid(None, json!({ "name": "b" })), json!({ "name": "b" }));
    }
}
