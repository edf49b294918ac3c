//! Many events for a few people are a few readings.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::rig::{Channel, Rig, patient};
use crate::support::{database::TestDatabase, server::TestDingTalk};

/// However much is heard of somebody, they are read again after so long: their news aren't kept back until a storm is
/// over.
const READ_EVERY: Duration = Duration::from_secs(3);

/// Who wasn't heard of for so long is read: the quiet that a storm's people have to keep.
const QUIET: Duration = Duration::from_millis(150);

/// What a storm cost.
struct Cost {
    people: usize,
    /// Events of each of them.
    events: usize,
    /// Calls a second that the server may make.
    rate: u32,
    /// Readings of people.
    readings: u64,
    /// From the first edit until its last event was taken in.
    lasted: Duration,
}

impl Cost {
    /// One reading a person, and one more for every time that the storm went on for so long that they had to be read
    /// meanwhile; a tenth more, for whoever is named while they are being read. Where a busy machine brings their
    /// events so slowly that each is as good as the last, as many more as the rate allowed meanwhile: that is no storm,
    /// and reading at once is right.
    fn is_about_one_each(&self) {
        let Self {
            people,
            events,
            rate,
            readings,
            lasted,
        } = *self;
        let between = lasted / u32::try_from(events).unwrap();
        println!("a storm of {lasted:?} cost {readings} readings of {people} people, {between:?} between two of one");

        let times = 1 + lasted.as_secs() / READ_EVERY.as_secs();
        let people = people as u64;
        let meanwhile = if between < QUIET / 2 {
            0.0
        } else {
            lasted.as_secs_f64() * f64::from(rate)
        };

        assert!(
            (people..=people * times + people / 10 + meanwhile as u64).contains(&readings),
            "a storm of {lasted:?} for {people} people cost {readings} readings"
        );
    }
}

/// `events` for each of `people`, in turns; what they cost.
async fn storm(database: &TestDatabase, channel: Channel, people: usize, events: usize, rate: u32) -> (Cost, Rig) {
    let dingtalk = TestDingTalk::start(people.max(20), 5).await;
    dingtalk.tell(reqwest::Method::PUT, "events", patient()).await;
    let rig = Rig::new(database, dingtalk, channel, rate).await;
    let truth = rig.dingtalk.control("directory").await;
    let ids: Vec<Value> = truth["users"].as_array().unwrap()[..people]
        .iter()
        .map(|it| it["userid"].clone())
        .collect();

    let before = rig.calls("/topapi/v2/user/get").await;
    let started = Instant::now();
    for round in 0..events {
        let edits: Vec<Value> = ids
            .iter()
            .map(|id| json!({ "edit": "update_user", "userid": id, "fields": { "title": format!("职位{round}") } }))
            .collect();
        rig.edit(json!(edits)).await;
    }
    while rig.server.services.intake.figures().received < (people * events) as u64 {
        assert!(started.elapsed() < Duration::from_mins(5), "the events never arrive");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let lasted = started.elapsed();

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
    let readings = rig.calls("/topapi/v2/user/get").await - before;
    let cost = Cost {
        people,
        events,
        rate,
        readings,
        lasted,
    };
    (cost, rig)
}

both_databases!(
    async fn a_storm_of_events_costs_about_one_reading_a_person(database: TestDatabase) {
        let (cost, rig) = storm(database, Channel::Stream, 60, 15, 30).await;
        cost.is_about_one_each();
        let run = rig.server.sync().await;
        assert_eq!(run.counts.users_changed, 0, "and all of it has arrived: {run:?}");
        rig.server.stop().await;
    }
);

both_databases!(
    async fn a_storm_of_pushes_costs_about_one_reading_a_person(database: TestDatabase) {
        let (cost, rig) = storm(database, Channel::Push, 30, 10, 15).await;
        cost.is_about_one_each();
        rig.server.stop().await;
    }
);

#[tokio::test]
#[ignore = "takes minutes: `make prove` runs it"]
async fn ten_thousand_events_for_a_thousand_people_cost_about_a_thousand_readings() {
    let database = TestDatabase::postgres().await;
    let (Cost { readings, .. }, rig) = storm(&database, Channel::Stream, 1_000, 10, 20).await;
    println!("figure: 10,000 events for 1,000 people cost {readings} readings at 20 a second");
    assert!((1_000..=1_300).contains(&readings), "{readings} readings");
    rig.server.stop().await;
}
