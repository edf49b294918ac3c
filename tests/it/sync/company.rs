//! The company as it really is, and as the mirror has it, in one form that can be compared.

use std::collections::BTreeMap;

use dingmirror::directory::Snapshot;
use serde_json::{Value, json};

/// Every department with parent and name, every person with name, title, email and departments.
pub(super) type Company = (BTreeMap<i64, (Option<i64>, String)>, BTreeMap<String, Vec<Value>>);

pub(super) fn real(truth: &Value) -> Company {
    let departments = truth["departments"].as_array().unwrap().iter().map(|it| {
        let name = it["name"].as_str().unwrap().to_owned();
        (it["dept_id"].as_i64().unwrap(), (it["parent_id"].as_i64(), name))
    });

    let users = truth["users"].as_array().unwrap().iter().map(|it| {
        let mut places: Vec<Value> = it["departments"].as_array().unwrap().clone();
        places.retain(|it| it["dept_id"].as_i64().unwrap() > 0);
        places.sort_by_key(|it| it["dept_id"].as_i64());
        let said = ["name", "title", "email", "job_number", "manager_userid"].map(|key| blank(&it[key]));
        (
            it["userid"].as_str().unwrap().to_owned(),
            said.into_iter().chain(places).collect(),
        )
    });

    (departments.collect(), users.collect())
}

/// DingTalk leaves a blank text out or says `""`, as it likes.
fn blank(value: &Value) -> Value {
    if *value == json!("") {
        Value::Null
    } else {
        value.clone()
    }
}

pub(super) fn mirrored(snapshot: &Snapshot) -> Company {
    let departments = snapshot.departments().filter(|it| it.standing.is_present()).map(|it| {
        let facts = &it.facts;
        (facts.dept_id.0, (facts.parent_id.map(|it| it.0), facts.name.clone()))
    });

    let users = snapshot.users().filter(|it| it.standing.is_present()).map(|it| {
        let facts = &it.facts;
        let manager = facts.manager_userid.as_ref().map(|it| it.as_str().into());
        let said = [
            Some(facts.name.clone()),
            facts.title.clone(),
            facts.email.clone(),
            facts.job_number.clone(),
            manager,
        ];
        let places = facts
            .memberships
            .iter()
            .map(|it| json!({ "dept_id": it.dept_id.0, "order": it.order, "leader": it.leader }));
        (
            facts.userid.to_string(),
            said.into_iter().map(|it| blank(&json!(it))).chain(places).collect(),
        )
    });

    (departments.collect(), users.collect())
}
