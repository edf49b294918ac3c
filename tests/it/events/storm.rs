//! Many events for a few people are a few readings.

use std::time::Duration;

use serde_json::{Value, json};

use super::rig::{Channel, Rig};
use crate::support::{database::TestDatabase, server::TestDingTalk};

/// `events` for each of `people`, in turns; the readings that they cost.
async fn storm(database: &TestDatabase, channel: Channel, people: usize, events: usize, rate: u32) -> (u64, Rig) {
    let dingtalk = TestDingTalk::start(people.max(20), 5).await;
    let rig = Rig::new(database, dingtalk, channel, rate).await;
    let truth = rig.dingtalk.control("directory").await;
    let ids: Vec<Value> = truth["users"].as_array().unwrap()[..people]
        .iter()
        .map(|it| it["userid"].clone())
        .collect();
    let before = rig.calls("/topapi/v2/user/get").await;
    for round in 0..events {
        let edits: Vec<Value> = ids
            .iter()
            .map(|id| json!({ "edit": "update_user", "userid": id, "fields": { "title": format!("职位{round}") } }))
            .collect();
        rig.edit(json!(edits)).await;
    }
    // The last of them is there before the inbox is empty for good.
    let last = format!("职位{}", events - 1);
    for id in [&ids[0], &ids[people - 1]] {
        let query = format!("{{ user(userId: {id}) {{ title }} }}");
        rig.until_within(Duration::from_mins(5), &query, |it| it["user"]["title"] == json!(last))
            .await;
    }
    rig.settled().await;
    let newest = rig.dingtalk.control("events").await["newest"].as_u64().unwrap();
    assert!(newest >= (people * events) as u64, "{newest} events");
    (rig.calls("/topapi/v2/user/get").await - before, rig)
}

both_databases!(
    async fn a_storm_of_events_costs_about_one_reading_a_person(database: TestDatabase) {
        let (readings, rig) = storm(database, Channel::Stream, 60, 15, 30).await;
        println!("900 events for 60 people cost {readings} readings");
        assert!(
            (60..=150).contains(&readings),
            "900 events for 60 people cost {readings} readings"
        );
        let run = rig.server.sync().await;
        assert_eq!(run.counts.users_changed, 0, "and all of it has arrived: {run:?}");
        rig.server.stop().await;
    }
);

#[tokio::test]
#[ignore = "takes minutes: `make prove` runs it"]
async fn ten_thousand_events_for_a_thousand_people_cost_about_a_thousand_readings() {
    let database = TestDatabase::postgres().await;
    let (readings, rig) = storm(&database, Channel::Stream, 1_000, 10, 20).await;
    println!("figure: 10,000 events for 1,000 people cost {readings} readings at 20 a second");
    assert!((1_000..=1_300).contains(&readings), "{readings} readings");
    rig.server.stop().await;
}
