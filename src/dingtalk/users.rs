//! A user, from `user/get` or `user/list`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    bounds,
    fields::{self, Object},
};
use crate::directory::{DeptId, Membership, SharedText, UserFacts};

/// The record of `user/get`: order and leadership of each department. `None` where there is no `userid`.
pub(super) fn from_get(object: &Object) -> Option<UserFacts> {
    // The two lists come in different orders, so they are joined by department.
    let each = |list: &str| fields::objects(object, list).unwrap_or_default();
    let orders: BTreeMap<_, _> = each("dept_order_list")
        .iter()
        .filter_map(|entry| Some((fields::integer(entry, "dept_id")?, fields::integer(entry, "order"))))
        .collect();
    let leaders: BTreeMap<_, _> = each("leader_in_dept")
        .iter()
        .filter_map(|entry| Some((fields::integer(entry, "dept_id")?, fields::boolean(entry, "leader"))))
        .collect();

    let ids = fields::integers(object, "dept_id_list")
        .unwrap_or_else(|| orders.keys().chain(leaders.keys()).copied().collect());
    let memberships = memberships(ids, |id| {
        (orders.get(&id).copied().flatten(), leaders.get(&id).copied().flatten())
    });

    facts(object, memberships)
}

/// The record of `user/list` of `dept`: order and leadership of this department only. `None` where there is no
/// `userid`.
pub(super) fn from_list(object: &Object, dept: DeptId) -> Option<UserFacts> {
    let ids = fields::integers(object, "dept_id_list").unwrap_or_else(|| vec![dept.0]);
    let here = (fields::integer(object, "dept_order"), fields::boolean(object, "leader"));
    facts(
        object,
        memberships(ids, |id| if id == dept.0 { here } else { (None, None) }),
    )
}

fn memberships(mut ids: Vec<i64>, detail: impl Fn(i64) -> (Option<i64>, Option<bool>)) -> Vec<Membership> {
    ids.sort_unstable();
    ids.dedup();

    let company = ids.into_iter().filter(|id| DeptId(*id).is_company());
    let company = company.take(bounds::MOST_DEPARTMENTS);
    let mut memberships: Vec<_> = company
        .map(|id| {
            let (order, leader) = detail(id);
            Membership {
                dept_id: DeptId(id),
                order,
                leader,
            }
        })
        .collect();
    memberships.shrink_to_fit();
    memberships
}

fn facts(object: &Object, memberships: Vec<Membership>) -> Option<UserFacts> {
    let text = |key| fields::text(object, key).map(bounds::text).map(SharedText::from);
    let flag = |key| fields::boolean(object, key);

    Some(UserFacts {
        userid: fields::id(object, "userid")?.into(),
        unionid: fields::id(object, "unionid").map(Into::into),
        name: text("name").unwrap_or_default(),
        avatar: text("avatar"),
        state_code: text("state_code"),
        mobile: text("mobile"),
        hide_mobile: flag("hide_mobile"),
        telephone: text("telephone"),
        job_number: text("job_number"),
        title: text("title"),
        email: text("email"),
        org_email: text("org_email"),
        work_place: text("work_place"),
        remark: text("remark"),
        extension: extension(object).map(bounds::text).map(Into::into),
        hired_date: fields::integer(object, "hired_date"),
        active: flag("active"),
        real_authed: flag("real_authed"),
        senior: flag("senior"),
        admin: flag("admin"),
        boss: flag("boss"),
        exclusive_account: flag("exclusive_account"),
        manager_userid: fields::id(object, "manager_userid").map(Into::into),
        memberships,
        raw: bounds::raw(object),
    })
}

/// JSON in a string, as it came, valid or not; should it come as an object, its JSON.
fn extension(object: &Object) -> Option<String> {
    match object.get("extension")? {
        Value::Object(inner) => serde_json::to_string(inner).ok(),
        _ => fields::text(object, "extension"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::directory::Raw;

    fn read(json: &str) -> Object {
        serde_json::from_str(json).expect("JSON")
    }

    #[test]
    fn a_real_record_of_two_departments_joins_lists_in_different_order_and_keeps_big_numbers() {
        let body = r#"{"userid":"011505184066774889","name":"张三","dept_id_list":[919684607,1,1,-7],
            "dept_order_list":[{"dept_id":1,"order":179997318850453161},{"dept_id":919684607,"order":176188733616559513}],
            "leader_in_dept":[{"dept_id":919684607,"leader":false},{"dept_id":1,"leader":true}],
            "extension":"not { json","job_number":"00021116","email":"","create_time":"2024-07-15T07:05:43.000Z"}"#;
        let user = from_get(&read(body)).expect("a user");

        assert_eq!(
            user.memberships,
            [
                Membership {
                    dept_id: DeptId(1),
                    order: Some(179_997_318_850_453_161),
                    leader: Some(true)
                },
                Membership {
                    dept_id: DeptId(919_684_607),
                    order: Some(176_188_733_616_559_513),
                    leader: Some(false)
                },
            ]
        );

        assert_eq!(
            user.raw.value(),
            serde_json::from_str::<Value>(body).expect("JSON"),
            "raw is the whole object"
        );
        assert_eq!(
            (user.email.as_deref(), user.mobile.as_deref()),
            (Some(""), None),
            "empty isn't missing"
        );
        assert_eq!(user.extension.as_deref(), Some("not { json"));
        assert_eq!(user.userid.as_str(), "011505184066774889");
    }

    #[test]
    fn a_record_typed_as_the_documentation_shows_it_reads_as_well() {
        let body = r#"{"userid":"u","name":"x","boss":"true","dept_id_list":"[2,3]","hired_date":"1597573616828",
            "dept_order_list":{"dept_id":"2","order":"7"},"leader_in_dept":{"dept_id":"3","leader":"true"},"manager_userid":""}"#;
        let user = from_get(&read(body)).expect("a user");
        assert_eq!(
            (user.boss, user.hired_date, user.manager_userid),
            (Some(true), Some(1_597_573_616_828), None)
        );
        assert_eq!(
            (user.memberships[0].order, user.memberships[1].leader),
            (Some(7), Some(true))
        );
    }

    #[test]
    fn a_listed_record_knows_order_and_leadership_of_the_listing_department_only() {
        let body = r#"{"userid":"u","name":"x","dept_id_list":[5,9],"dept_order":176294576350761512,"leader":true}"#;
        let user = from_list(&read(body), DeptId(9)).expect("a user");
        assert_eq!((user.memberships[0].order, user.memberships[0].leader), (None, None));
        assert_eq!(
            (user.memberships[1].order, user.memberships[1].leader),
            (Some(176_294_576_350_761_512), Some(true))
        );
        assert!(from_list(&read(r#"{"name":"no id"}"#), DeptId(9)).is_none());
    }

    const KEYS: [&str; 8] = [
        "userid",
        "name",
        "dept_id_list",
        "dept_order_list",
        "leader_in_dept",
        "extension",
        "hired_date",
        "dept_order",
    ];

    /// Any JSON, with the keys that are read and with texts that look like JSON.
    fn anything() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "[\\[\\]{}\"0-9,a]{0,6}".prop_map(Value::from),
        ];

        leaf.prop_recursive(3, 24, 6, |inner| {
            let key = prop::sample::select(&["dept_id", "order", "leader"][..]);
            let entries = prop::collection::vec((key, inner.clone()), 0..3);
            prop_oneof![
                prop::collection::vec(inner, 0..4).prop_map(Value::from),
                entries.prop_map(|entries| entries
                    .into_iter()
                    .map(|(key, value)| (key.to_owned(), value))
                    .collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_object_is_read_without_panic_into_sorted_memberships_of_the_company(
            values in prop::collection::vec(anything(), KEYS.len()),
        ) {
            let object: Object = KEYS.iter().map(|key| (*key).to_owned()).zip(values).collect();
            for user in [from_get(&object), from_list(&object, DeptId(5))].into_iter().flatten() {
                let ids: Vec<_> = user.memberships.iter().map(|membership| membership.dept_id).collect();
                prop_assert!(ids.is_sorted_by(|a, b| a < b) && ids.iter().all(|id| id.is_company()));
                prop_assert_eq!(user.raw, Raw::of(&object));
            }
        }
    }
}
