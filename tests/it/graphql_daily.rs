//! A figure a day, and how the mirror and sending stand: the next sync, the ways of events, who set the mode.

use std::time::Duration;

use chrono::{Days, FixedOffset, NaiveDate, TimeDelta};
use dingmirror::{
    auth::Permission,
    clock::Clock,
    message::{NewMessage, RecipientState},
    settings::{DeliveryMode, SettingsPatch},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    database::TestDatabase,
    schema::list,
    server::{TestDingTalk, TestServer, config},
};

const FIGURES: &str = "query ($f: String!, $t: String!, $o: String) { dailyFigures(from: $f, to: $t, utcOffset: $o) { day userCount departmentCount
    usersJoined usersLeft departmentsAdded departmentsRemoved messages recipientCounts { state count } } }";

/// The day that it is at this offset.
fn today(hours: i32) -> NaiveDate {
    let offset = FixedOffset::east_opt(hours * 3_600).unwrap();
    Clock::system().now().with_timezone(&offset).date_naive()
}

async fn figures(server: &TestServer, from: NaiveDate, to: NaiveDate) -> Vec<Value> {
    let variables = json!({ "f": from.to_string(), "t": to.to_string() });
    let data = server.data(FIGURES, variables).await;
    list(&data["dailyFigures"]).to_vec()
}

/// A message as it would have been taken in at this time.
fn taken_in(at: chrono::DateTime<chrono::Utc>, user: &str) -> NewMessage {
    let mut message = crate::store::message(None, &[user]);
    message.id = dingmirror::id::id_at(at);
    (message.created_at, message.expires_at) = (at, at + TimeDelta::hours(1));
    message.recipients[0].state = RecipientState::Failed;
    message.state = dingmirror::message::MessageState::Done;
    message
}

both_databases!(
    async fn days_are_told_from_the_change_feed_and_the_messages(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(40, 6).await;
        let server = TestServer::synced(database.target(), &dingtalk).await;
        let truth = dingtalk.control("directory").await;
        let leaver = truth["users"][20]["userid"].clone();
        let edits = json!([
            { "edit": "leave", "userid": leaver },
            { "edit": "hire", "userid": "newcomer", "departments": [1] },
            { "edit": "hire", "userid": "another", "departments": [1] },
            { "edit": "create_department", "dept_id": 777_777, "name": "新设", "parent_id": 1 },
        ]);
        dingtalk.tell(Method::POST, "edits", edits).await;
        server.sync().await;

        let (today, store) = (today(8), &server.services.store);
        let noon = today.and_hms_opt(4, 0, 0).unwrap().and_utc();
        for (days, user) in [(2, "a"), (2, "b"), (1, "c")] {
            store
                .insert_message(taken_in(noon - TimeDelta::days(days), user))
                .await
                .unwrap();
        }

        let from = today - Days::new(3);
        let told = figures(&server, from, today + Days::new(5)).await;
        let days: Vec<String> = told.iter().map(|it| it["day"].as_str().unwrap().to_owned()).collect();
        let expected: Vec<String> = (0..4).map(|n| (from + Days::new(n)).to_string()).collect();
        assert_eq!(days, expected, "and none that has not begun");

        let of_mirror = |day: &Value| {
            [
                "userCount",
                "departmentCount",
                "usersJoined",
                "usersLeft",
                "departmentsAdded",
                "departmentsRemoved",
            ]
            .map(|field| day[field].as_i64().unwrap())
        };
        // Where midnight in Beijing falls into the test, the first sync is of the day before.
        let sums: Vec<i64> = (2..6).map(|n| told.iter().map(|day| of_mirror(day)[n]).sum()).collect();
        assert_eq!(sums, [42, 1, 7, 0], "{told:#?}");
        assert_eq!(of_mirror(&told[3])[..2], [41, 7]);
        assert_eq!(of_mirror(&told[0]), [0; 6], "there was no mirror yet");
        let now = server.data("{ mirror { userCount departmentCount } }", json!({})).await["mirror"].take();
        assert_eq!(
            (&told[3]["userCount"], &told[3]["departmentCount"]),
            (&now["userCount"], &now["departmentCount"])
        );

        let messages: Vec<i64> = told.iter().map(|it| it["messages"].as_i64().unwrap()).collect();
        assert_eq!(messages, [0, 2, 1, 0]);
        assert_eq!(told[1]["recipientCounts"], json!([{ "state": "FAILED", "count": 2 }]));
        assert_eq!(told[0]["recipientCounts"], json!([]));
        server.stop().await;
    }
);

both_databases!(
    async fn a_held_removal_that_is_rejected_moves_no_figure(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(80, 9).await;
        let server = TestServer::synced(database.target(), &dingtalk).await;
        let truth = dingtalk.control("directory").await;
        let leavers = list(&truth["users"])[10..40].iter().map(|it| it["userid"].clone());
        let edits: Vec<Value> = leavers.map(|id| json!({ "edit": "leave", "userid": id })).collect();
        dingtalk.tell(Method::POST, "edits", json!(edits)).await;
        server.sync().await;
        let sums = async || {
            let days = figures(&server, today(8) - Days::new(1), today(8)).await;
            let sum = |field: &str| days.iter().map(|it| it[field].as_i64().unwrap()).sum::<i64>();
            (
                days.last().unwrap()["userCount"].as_i64().unwrap(),
                sum("usersJoined"),
                sum("usersLeft"),
            )
        };
        assert_eq!(sums().await, (80, 80, 0), "whoever is held is there");

        let half: Vec<Value> = edits[..15].iter().map(|it| it["userid"].clone()).collect();
        let decide = "mutation ($u: [String!]!) { rejectRemovals(input: { userIds: $u }) { decided } approveRemovals(input: { all: true }) { decided } }";
        let decided = server.data(decide, json!({ "u": half })).await;
        assert_eq!(decided["rejectRemovals"]["decided"], 15, "{decided:#}");
        assert_eq!(decided["approveRemovals"]["decided"], 15, "{decided:#}");
        assert_eq!(sums().await, (65, 80, 15));

        // Some who are gone come back.
        let back: Vec<Value> = edits[20..23]
            .iter()
            .map(|it| json!({ "edit": "hire", "userid": it["userid"], "departments": [1] }))
            .collect();
        dingtalk.tell(Method::POST, "edits", json!(back)).await;
        server.sync().await;
        assert_eq!(sums().await, (68, 83, 15));
        server.stop().await;
    }
);

both_databases!(
    async fn what_is_no_longer_kept_is_null_or_told_by_its_numbers(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(20, 3).await;
        let server = TestServer::synced(database.target(), &dingtalk).await;
        let (store, now) = (&server.services.store, server.services.clock.now());
        let noon = today(8).and_hms_opt(4, 0, 0).unwrap().and_utc();
        for user in ["a", "b"] {
            store
                .insert_message(taken_in(noon - TimeDelta::days(40), user))
                .await
                .unwrap();
        }
        let day = today(8) - Days::new(40);
        let before = figures(&server, day, day).await;
        assert_eq!(before[0]["messages"], 2);

        let mut place = None;
        loop {
            let forgotten = store
                .forget_messages(now - TimeDelta::days(33), place.as_ref())
                .await
                .unwrap();
            place = forgotten.next;
            if place.is_none() {
                break;
            }
        }
        let kept = server.data("{ messages { totalCount } }", json!({})).await;
        assert_eq!(kept["messages"]["totalCount"], 0);
        let after = figures(&server, day, day).await;
        assert_eq!(after, before, "by Beijing's days the numbers are kept");
        let variables = json!({ "f": day.to_string(), "t": day.to_string(), "o": "+00:00" });
        let elsewhere = server.data(FIGURES, variables).await["dailyFigures"][0].take();
        assert_eq!(
            (&elsewhere["messages"], &elsewhere["recipientCounts"]),
            (&Value::Null, &Value::Null)
        );
        assert_eq!(elsewhere["userCount"], 0, "the mirror's figures are told by any day");

        // The change feed loses its beginning: what was before is not told any more.
        let later = json!([{ "edit": "hire", "userid": "newcomer", "departments": [1] }]);
        dingtalk.tell(Method::POST, "edits", later).await;
        server.sync().await;
        while store.forget_changes(server.services.clock.now()).await.unwrap() > 0 {}
        let told = figures(&server, today(8) - Days::new(2), today(8)).await;
        let (first, last) = (&told[0], &told[2]);
        for field in ["userCount", "departmentCount", "usersJoined", "departmentsRemoved"] {
            assert_eq!(first[field], Value::Null, "{field}");
        }
        assert_eq!((&last["userCount"], &last["usersJoined"]), (&json!(21), &Value::Null));
        server.stop().await;
    }
);

#[tokio::test]
async fn each_figure_asks_for_its_permission_and_days_are_bounded() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(10, 2).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;
    let day = today(8).to_string();
    let query = "query ($f: String!, $t: String!, $o: String) { dailyFigures(from: $f, to: $t, utcOffset: $o) { day userCount messages } }";
    let one = json!({ "f": day, "t": day });
    for (permission, told, hidden) in [
        (Permission::DirectoryRead, "userCount", "messages"),
        (Permission::MessageRead, "messages", "userCount"),
    ] {
        let answer = server.graphql(&server.token(&[permission]), query, one.clone()).await;
        let figures = &answer["data"]["dailyFigures"][0];
        assert!(figures[told].is_i64() && figures[hidden].is_null(), "{answer:#}");
        assert_eq!(
            answer["errors"][0]["path"],
            json!(["dailyFigures", 0, hidden]),
            "{answer:#}"
        );
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN");
    }
    let sender = server.token(&[Permission::MessageSend]);
    let refused = server.graphql(&sender, query, one).await;
    assert_eq!(
        (
            &refused["data"]["dailyFigures"],
            &refused["errors"][0]["extensions"]["code"]
        ),
        (&Value::Null, &json!("FORBIDDEN")),
        "{refused:#}"
    );

    for wrong in [
        json!({ "f": "2026-11-31", "t": "2026-12-01" }),
        json!({ "f": "2026-11-28", "t": "2026-11-27" }),
        json!({ "f": "2024-01-01", "t": "2026-01-01" }),
        json!({ "f": day, "t": day, "o": "Asia/Shanghai" }),
    ] {
        let refused = server.graphql(&server.admin_token(), query, wrong.clone()).await;
        assert_eq!(
            refused["errors"][0]["extensions"]["code"], "BAD_USER_INPUT",
            "{wrong} {refused:#}"
        );
    }
    server.stop().await;
}

both_databases!(
    async fn the_next_sync_and_who_set_the_mode_are_told(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(20, 3).await;
        let mut config = config(database.target(), &dingtalk);
        config.sync_interval = Some(Duration::from_secs(90 * 60));
        let server = TestServer::start_with(config).await;
        let query = "{ mirror { nextRunAt companyName eventChannels { kind } lastRun { startedAt } } delivery { mode modeSetAt modeSetBy } }";
        let bare = server.data(query, json!({})).await;
        assert_eq!(bare["mirror"]["nextRunAt"], Value::Null, "nothing is filled in yet");
        assert_eq!(
            (&bare["mirror"]["companyName"], &bare["mirror"]["eventChannels"]),
            (&Value::Null, &json!([]))
        );
        assert_eq!(
            (&bare["delivery"]["modeSetAt"], &bare["delivery"]["modeSetBy"]),
            (&Value::Null, &Value::Null)
        );

        server.configure(dingtalk.settings()).await;
        server.sync().await;
        let shadow = SettingsPatch {
            delivery_mode: Some(DeliveryMode::Shadow),
            ..SettingsPatch::default()
        };
        let version = server.services.settings.current().version;
        assert!(server.services.admin.update(version, shadow, "chen.shi").await.is_ok());
        // What else somebody changes is another matter.
        server
            .configure(SettingsPatch {
                agent_id: Some(Some("42".into())),
                ..SettingsPatch::default()
            })
            .await;

        let told = server.data(query, json!({})).await;
        let truth = dingtalk.control("directory").await;
        let root = list(&truth["departments"])
            .iter()
            .find(|it| it["dept_id"] == 1)
            .unwrap();
        assert_eq!(told["mirror"]["companyName"], root["name"]);
        assert_eq!(
            (&told["delivery"]["mode"], &told["delivery"]["modeSetBy"]),
            (&json!("SHADOW"), &json!("chen.shi"))
        );
        let time = |value: &Value| -> chrono::DateTime<chrono::Utc> { value.as_str().unwrap().parse().unwrap() };
        assert!(time(&told["delivery"]["modeSetAt"]) >= time(&told["mirror"]["lastRun"]["startedAt"]));
        let wait = time(&told["mirror"]["nextRunAt"]) - time(&told["mirror"]["lastRun"]["startedAt"]);
        assert!(
            wait >= TimeDelta::minutes(90) && wait < TimeDelta::minutes(100),
            "{wait}"
        );
        server.stop().await;
    }
);
