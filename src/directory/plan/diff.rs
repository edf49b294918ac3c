//! The fields that differ, by DingTalk's names.

use serde::Serialize;
use serde_json::Value;

use super::raw;
use crate::directory::{DepartmentFacts, FieldChange, Membership, UserFacts, UserId};

fn change(field: &str, before: &impl Serialize, after: &impl Serialize) -> FieldChange {
    FieldChange {
        field: field.into(),
        before: json(before),
        after: json(after),
    }
}

/// Texts, numbers, flags and ids always have a JSON form.
fn json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}

/// How memberships look in one of DingTalk's lists.
type Form = fn(&[Membership]) -> Value;

/// Compares fields of the same name in both facts.
macro_rules! compare {
    ($changes:ident, $old:ident, $new:ident: $($field:ident),+ $(,)?) => {
        $(if $old.$field != $new.$field {
            $changes.push(change(stringify!($field), &$old.$field, &$new.$field));
        })+
    };
}

pub(super) fn department(old: &DepartmentFacts, new: &DepartmentFacts) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    compare!(changes, old, new: parent_id, name, order, hide_dept, outer_dept, create_dept_group, auto_add_user);
    if sorted(&old.manager_userids) != sorted(&new.manager_userids) {
        changes.push(change(
            "dept_manager_userid_list",
            &old.manager_userids,
            &new.manager_userids,
        ));
    }
    compare!(changes, old, new: org_dept_owner, dept_group_chat_id, source_identifier, brief);
    changes.extend(raw::department_changes(&old.raw, &new.raw));
    changes
}

/// The order of a list of managers varies between calls and means nothing.
fn sorted(ids: &[UserId]) -> Vec<&UserId> {
    let mut ids: Vec<_> = ids.iter().collect();
    ids.sort_unstable();
    ids
}

pub(super) fn user(old: &UserFacts, new: &UserFacts) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    compare!(changes, old, new:
        unionid, name, avatar, state_code, mobile, hide_mobile, telephone, job_number, title, email, org_email,
        work_place, remark, extension, hired_date, active, real_authed, senior, admin, boss, exclusive_account,
        manager_userid,
    );

    if old.memberships != new.memberships {
        let forms: [(&str, Form); 3] = [
            ("dept_id_list", raw::dept_id_list),
            ("dept_order_list", raw::dept_order_list),
            ("leader_in_dept", raw::leader_in_dept),
        ];
        for (field, form) in forms {
            let (before, after) = (form(&old.memberships), form(&new.memberships));
            if before != after {
                changes.push(FieldChange {
                    field: field.into(),
                    before,
                    after,
                });
            }
        }
    }

    changes.extend(raw::user_changes(&old.raw, &new.raw));
    changes
}
