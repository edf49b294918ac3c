//! The fields of a change, as far as the caller may see their values.

use async_graphql::{Context, SimpleObject};

use crate::{
    auth::{Caller, Permission},
    directory::{self, ChangedEntity, ShownChange},
    graphql::scalars::Json,
};

/// One field before and after.
#[derive(Debug, Clone, SimpleObject)]
pub struct FieldChange {
    /// The field, as this schema calls it: of a department, of a user, or, of a Confluence identity, `status` and
    /// `userId`. What the schema doesn't have goes by DingTalk's name. `memberships` has what changed of them, a list
    /// of `{ deptId, order, leader }`. What is a `BigInt` in the schema is written as one here, too: as text.
    field: String,
    /// The old value in DingTalk's form; null is "not said". Null for contact fields without `directory:contact`, and
    /// for what a Confluence identity was without `identity:read`.
    before: Option<Json>,
    /// The new value in DingTalk's form; null is "not said". Null for contact fields without `directory:contact`, and
    /// for what a Confluence identity became without `identity:read`.
    after: Option<Json>,
}

/// The fields of a change, as far as the caller may see their values.
pub(crate) fn field_changes(ctx: &Context<'_>, change: &directory::Change) -> Vec<FieldChange> {
    let may = |permission| ctx.data_opt::<Caller>().is_some_and(|caller| caller.may(permission));
    let everything = match &change.entity {
        // Who somebody is in Confluence is no field of DingTalk's.
        ChangedEntity::Identity(_) => may(Permission::IdentityRead),
        ChangedEntity::Record(_) => may(Permission::DirectoryContact),
    };

    let fields = change.shown().into_iter();
    fields.map(|field| field_change(field, everything)).collect()
}

fn field_change(change: ShownChange, everything: bool) -> FieldChange {
    let shown = everything || change.is_open;
    let value = |value: serde_json::Value| (shown && !value.is_null()).then_some(Json(value));
    FieldChange {
        field: change.field.into_owned(),
        before: value(change.before),
        after: value(change.after),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::directory::{BIG_INTS, Change, ChangeKind, RecordId, shown_fields};

    #[test]
    fn contact_values_are_shown_to_those_who_may_see_them_only() {
        let shown = |field: &str, everything| {
            let change = Change {
                entity: RecordId::User("u".into()).into(),
                kind: ChangeKind::Updated,
                fields: vec![directory::FieldChange {
                    field: field.into(),
                    before: json!(null),
                    after: json!("x"),
                }],
            };
            field_change(change.shown().remove(0), everything)
        };

        assert_eq!(shown("mobile", false).after, None);
        assert_eq!(shown("not_judged_yet", false).after, None);
        assert_eq!(shown("mobile", true).after, Some(Json(json!("x"))));
        assert_eq!(shown("title", false).after, Some(Json(json!("x"))));
        assert_eq!(shown("title", false).before, None);
    }

    #[test]
    fn each_name_is_one_that_the_schema_has() {
        let sdl = crate::graphql::sdl();
        let [of_department, of_user] = shown_fields();
        for (kind, names) in [("Department", of_department), ("User", of_user)] {
            let start = sdl.find(&format!("\ntype {kind} ")).expect("the type");
            let declared = &sdl[start..start + sdl[start..].find("\n}").expect("its end")];
            for name in names {
                let is_there = [":", "("]
                    .iter()
                    .any(|end| declared.contains(&format!("\n  {name}{end}")));
                assert!(is_there, "{kind}.{name}");

                let is_big = declared.contains(&format!("\n  {name}: BigInt"));
                assert_eq!(is_big, BIG_INTS.contains(&&*name), "{kind}.{name}");
            }
        }
    }
}
