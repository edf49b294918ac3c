//! How a person is shown. `user/get` and `user/list` differ, and permissions decide about fields.

use serde_json::{Value, json};

use super::departments::put;
use crate::simulator::company::{Admin, Membership, Person};
use crate::simulator::permissions::{EmptyFields, Permissions};
use crate::simulator::wire::{Fields, fields};

/// The record of `user/get`.
pub(super) fn full(person: &Person, permissions: &Permissions, corp_id: &str) -> Value {
    let mut shown = common(person, permissions);
    shown.extend(fields(json!({
        "real_authed": person.real_authed,
        "senior": person.senior,
        "union_emp_ext": {},
        "dept_order_list": each(person, |place| json!({"dept_id": place.dept_id, "order": place.order})),
        // In reality the two lists come in different orders.
        "leader_in_dept": each(person, |place| json!({"dept_id": place.dept_id, "leader": place.leader}))
            .into_iter().rev().collect::<Vec<_>>(),
    })));
    put(&mut shown, "create_time", person.create_time.as_ref());
    put(&mut shown, "manager_userid", person.manager_userid.as_ref());

    let empty = permissions.empty_fields;
    for (name, text) in [
        ("telephone", &person.telephone),
        ("job_number", &person.job_number),
        ("title", &person.title),
    ] {
        // Without the personal-information permission even these are left out when they are empty.
        put_text(
            &mut shown,
            name,
            text,
            if permissions.personal {
                empty
            } else {
                EmptyFields::Omitted
            },
        );
    }

    if permissions.personal {
        for (name, text) in [
            ("email", &person.email),
            ("work_place", &person.work_place),
            ("remark", &person.remark),
        ] {
            put_text(&mut shown, name, text, empty);
        }
        // These two are left out when empty even with the permission.
        put_text(&mut shown, "org_email", &person.org_email, EmptyFields::Omitted);
        put_text(&mut shown, "extension", &person.extension, EmptyFields::Omitted);
    }

    if !person.roles.is_empty() {
        let roles = person.roles.iter();
        let roles = roles.map(|role| json!({"id": role.id, "name": role.name, "group_name": role.group_name}));
        shown.insert("role_list".to_owned(), roles.collect());
    }
    if person.exclusive.is_some() {
        shown.insert("exclusive_account_corp_id".to_owned(), json!(corp_id));
    }
    Value::Object(shown)
}

/// The record of `user/list`, seen from one department.
pub(super) fn listed(person: &Person, place: &Membership, permissions: &Permissions) -> Value {
    let mut shown = common(person, permissions);
    shown.insert("dept_order".to_owned(), json!(place.order));
    shown.insert("leader".to_owned(), json!(place.leader));

    for (name, text) in [
        ("telephone", &person.telephone),
        ("job_number", &person.job_number),
        ("title", &person.title),
    ] {
        put_text(&mut shown, name, text, permissions.empty_fields);
    }

    if permissions.personal {
        // Unlike user/get, the list shows these only when they have a value.
        let texts = [
            ("email", &person.email),
            ("org_email", &person.org_email),
            ("work_place", &person.work_place),
            ("remark", &person.remark),
            ("extension", &person.extension),
        ];
        for (name, text) in texts {
            put_text(&mut shown, name, text, EmptyFields::Omitted);
        }
    }
    Value::Object(shown)
}

fn common(person: &Person, permissions: &Permissions) -> Fields {
    let mut shown = fields(json!({
        "userid": person.userid,
        "unionid": person.unionid,
        "name": person.name,
        "hide_mobile": person.hide_mobile,
        "active": person.active,
        "admin": person.admin != Admin::No,
        "boss": person.boss,
        "dept_id_list": person.dept_ids(),
        "exclusive_account": person.exclusive.is_some(),
    }));

    // The default avatar is sometimes missing and sometimes empty, whatever the permissions.
    put(&mut shown, "avatar", person.avatar.as_ref());
    put(&mut shown, "hired_date", person.hired_date);
    if permissions.mobile {
        put(&mut shown, "mobile", Some(person.mobile.as_str()));
        put(&mut shown, "state_code", Some("86"));
    }
    if let Some(account) = &person.exclusive {
        put(&mut shown, "exclusive_account_type", Some("dingtalk"));
        put(&mut shown, "login_id", Some(account.login_id.as_str()));
        put(&mut shown, "nickname", Some(account.nickname.as_str()));
    }
    shown
}

fn each(person: &Person, show: impl Fn(&Membership) -> Value) -> Vec<Value> {
    person.departments.iter().map(show).collect()
}

fn put_text(shown: &mut Fields, name: &str, text: &Option<String>, empty: EmptyFields) {
    let text = match (text.as_deref().filter(|text| !text.is_empty()), empty) {
        (Some(text), _) => Some(text),
        (None, EmptyFields::AsStored) => text.as_deref(),
        (None, EmptyFields::Blank) => Some(""),
        (None, EmptyFields::Omitted) => None,
    };
    put(shown, name, text);
}
