//! DingTalk's whole objects: overlaid where a source says less, compared where nobody mapped a field yet.

use serde_json::{Map, Value};

use crate::directory::{
    DepartmentFacts, FieldChange, Membership, Raw, UserFacts,
    facts::Field,
    membership::{dept_order_list, leader_in_dept},
};

/// What `user/list` says of one department alone; the merged record has the lists instead.
const PER_DEPARTMENT_KEYS: [&str; 2] = ["dept_order", "leader"];

/// Head counts change with every hire, and the mirror counts itself.
const HEAD_COUNTS: [&str; 2] = ["member_count", "owning_member_count"];

pub(super) fn user_changes(old: &Raw, new: &Raw) -> Vec<FieldChange> {
    changes(old, new, |key| {
        key == UserFacts::KEY || is_field(UserFacts::FIELDS, key) || PER_DEPARTMENT_KEYS.contains(&key)
    })
}

pub(super) fn department_changes(old: &Raw, new: &Raw) -> Vec<FieldChange> {
    changes(old, new, |key| {
        key == DepartmentFacts::KEY || is_field(DepartmentFacts::FIELDS, key) || HEAD_COUNTS.contains(&key)
    })
}

/// Whether the key has a field of its own, so that its raw form isn't compared again.
fn is_field<F>(fields: &[Field<F>], key: &str) -> bool {
    fields.iter().any(|field| field.name == key)
}

/// Fields that nobody mapped and that differ. The order of lists is not a difference: DingTalk's varies between calls.
fn changes(old: &Raw, new: &Raw, is_mapped: impl Fn(&str) -> bool) -> Vec<FieldChange> {
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
        .filter(|key| !is_mapped(key))
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

#[cfg(test)]
mod tests {
    use serde_json::json;

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
