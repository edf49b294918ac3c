//! The fields of a change as the GraphQL schema has them. The log has DingTalk's names.

use std::borrow::Cow;

use serde_json::Value;

use super::{
    change::{Change, FieldChange},
    department::DepartmentFacts,
    facts::Field,
    membership::{big_int, told_by},
    record_id::EntityKind,
    user::UserFacts,
};

/// Whole numbers that the schema writes as texts, as they are above 2^53 here and there.
pub(crate) const BIG_INTS: [&str; 2] = ["parentId", "order"];

/// What DingTalk tells in three lists, and the schema in one.
const MEMBERSHIPS: &str = "memberships";

/// A field before and after, as the schema has it. JSON `null` is "not said".
#[derive(Debug, Clone, PartialEq)]
pub struct ShownChange {
    /// The schema's name; DingTalk's, where the schema doesn't have the field.
    pub field: Cow<'static, str>,
    /// Whether everybody sees its values who may read the directory.
    pub is_open: bool,
    /// The old value.
    pub before: Value,
    /// The new value.
    pub after: Value,
}

impl Change {
    /// The fields that differ, as the schema has them: each once.
    pub fn shown(&self) -> Vec<ShownChange> {
        let kind = self.entity.kind();
        let mut shown: Vec<ShownChange> = Vec::with_capacity(self.fields.len());
        let mut memberships: Vec<&FieldChange> = Vec::new();

        for change in &self.fields {
            let field = schema_name(kind, &change.field).unwrap_or_else(|| change.field.clone().into());
            let is_one_of_them = field == MEMBERSHIPS;
            if !is_one_of_them || memberships.is_empty() {
                let is_big = BIG_INTS.contains(&&*field);
                let value = |it: &Value| if is_big { big_int(it) } else { it.clone() };
                shown.push(ShownChange {
                    field,
                    is_open: change.is_open(),
                    before: value(&change.before),
                    after: value(&change.after),
                });
            }
            if is_one_of_them {
                memberships.push(change);
            }
        }

        if let Some(all) = shown.iter_mut().find(|it| it.field == MEMBERSHIPS) {
            all.before = told_by(memberships.iter().map(|it| &it.before));
            all.after = told_by(memberships.iter().map(|it| &it.after));
        }
        shown
    }
}

/// What the schema calls DingTalk's `field` of such a record.
fn schema_name(kind: EntityKind, field: &str) -> Option<Cow<'static, str>> {
    match kind {
        EntityKind::Department => named(DepartmentFacts::FIELDS, field),
        EntityKind::User => named(UserFacts::FIELDS, field),
        EntityKind::Identity => match field {
            "match_status" => Some("status".into()),
            "match_userid" => Some("userId".into()),
            _ => None,
        },
    }
}

fn named<F>(fields: &[Field<F>], name: &str) -> Option<Cow<'static, str>> {
    fields.iter().find(|field| field.name == name)?.schema_name()
}

/// The fields of departments and of users that the schema shows, by its names.
#[cfg(test)]
pub(crate) fn shown_fields() -> [Vec<Cow<'static, str>>; 2] {
    fn names<F>(fields: &[Field<F>]) -> Vec<Cow<'static, str>> {
        fields.iter().filter_map(Field::schema_name).collect()
    }
    [names(DepartmentFacts::FIELDS), names(UserFacts::FIELDS)]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::directory::{ChangeKind, DeptId, RecordId};

    fn change(id: RecordId, fields: &[(&str, Value, Value)]) -> Change {
        let field = |(field, before, after): &(&str, Value, Value)| FieldChange {
            field: (*field).to_owned(),
            before: before.clone(),
            after: after.clone(),
        };
        Change {
            entity: id.into(),
            kind: ChangeKind::Updated,
            fields: fields.iter().map(field).collect(),
        }
    }

    fn names(change: &Change) -> Vec<String> {
        change.shown().into_iter().map(|it| it.field.into_owned()).collect()
    }

    #[test]
    fn a_field_has_the_schemas_name_and_an_unknown_one_dingtalks() {
        let (old, new) = (json!("a"), json!("b"));
        let all = ["job_number", "unionid", "manager_userid", "title", "role_list"];
        let user = change(
            RecordId::User("u".into()),
            &all.map(|name| (name, old.clone(), new.clone())),
        );
        assert_eq!(names(&user), ["jobNumber", "unionId", "manager", "title", "role_list"]);

        let all = ["parent_id", "dept_manager_userid_list", "org_dept_owner", "job_number"];
        let department = RecordId::Department(DeptId(5));
        let department = change(department, &all.map(|name| (name, old.clone(), new.clone())));
        assert_eq!(
            names(&department),
            ["parentId", "managers", "org_dept_owner", "job_number"]
        );
    }

    #[test]
    fn what_changed_of_the_departments_is_one_field() {
        let moved = change(
            RecordId::User("u".into()),
            &[
                ("title", json!("a"), json!("b")),
                ("dept_id_list", json!([1]), json!([1, 5])),
                ("leader_in_dept", json!([]), json!([{ "dept_id": 5, "leader": true }])),
            ],
        );

        let shown = moved.shown();
        assert_eq!(names(&moved), ["title", "memberships"]);
        assert_eq!(shown[1].before, json!([{ "deptId": "1" }]));
        assert_eq!(
            shown[1].after,
            json!([{ "deptId": "1" }, { "deptId": "5", "leader": true }])
        );
        assert!(shown[1].is_open);
    }
}
