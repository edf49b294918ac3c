//! The simulated company's people, as the mirror has them after a sync.

use dingmirror::{
    clock::Clock,
    directory::{Raw, RecordState, Standing, Text, User, UserFacts},
};
use serde_json::Value;

use crate::support::server::TestDingTalk;

/// The simulator's people as the mirror would have them: only what resolving and sending look at.
pub async fn mirrored(dingtalk: &TestDingTalk) -> Vec<User> {
    let answer = dingtalk.control("directory").await;
    let now = Clock::system().now();
    let text = |person: &Value, field: &str| person[field].as_str().map(Text::from);

    answer["users"]
        .as_array()
        .expect("the simulator lists its people")
        .iter()
        .map(|person| User {
            facts: UserFacts {
                userid: text(person, "userid").unwrap().as_str().into(),
                unionid: None,
                name: text(person, "name").unwrap(),
                avatar: None,
                state_code: None,
                mobile: None,
                hide_mobile: None,
                telephone: None,
                job_number: text(person, "job_number"),
                title: None,
                email: text(person, "email"),
                org_email: text(person, "org_email"),
                work_place: None,
                remark: None,
                extension: None,
                hired_date: None,
                active: person["active"].as_bool(),
                real_authed: None,
                senior: None,
                admin: None,
                boss: None,
                exclusive_account: None,
                manager_userid: None,
                memberships: Vec::new(),
                raw: Raw::default(),
            },
            standing: Standing {
                state: RecordState::Active,
                cause: None,
                revision: 1,
                first_seen: now,
                last_seen: now,
            },
        })
        .collect()
}
