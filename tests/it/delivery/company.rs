//! The simulated company's people, as the mirror has them after a sync.

use dingmirror::{
    clock::Clock,
    directory::{RecordState, SharedText, Standing, User, UserFacts},
};
use serde_json::Value;

use crate::support::server::TestDingTalk;

/// The simulator's people as the mirror would have them: only what resolving and sending look at.
pub async fn mirrored(dingtalk: &TestDingTalk) -> Vec<User> {
    let answer = dingtalk.control("directory").await;
    let now = Clock::system().now();
    let text = |person: &Value, field: &str| person[field].as_str().map(SharedText::from);

    answer["users"]
        .as_array()
        .expect("the simulator lists its people")
        .iter()
        .map(|person| User {
            facts: UserFacts {
                name: text(person, "name").unwrap(),
                job_number: text(person, "job_number"),
                email: text(person, "email"),
                org_email: text(person, "org_email"),
                active: person["active"].as_bool(),
                ..UserFacts::unsaid(text(person, "userid").unwrap().as_str().into())
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
