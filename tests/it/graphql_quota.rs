//! What sending costs, through the API: the quota, and what a message asks for.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{
    database::TestDatabase,
    server::{TestDingTalk, TestServer},
};

const QUOTA: &str = "{ delivery { callsThisMonth monthEndsAt }
    quota { limit reserved exhausted used forecastExhaustedAt monthEndsAt byPurpose { purpose calls } } }";

fn calls(data: &Value, purpose: &str) -> i64 {
    let purposes = data["quota"]["byPurpose"].as_array().unwrap();
    let found = purposes.iter().find(|it| it["purpose"] == purpose);
    found.unwrap_or_else(|| panic!("{data:#}"))["calls"].as_i64().unwrap()
}

both_databases!(
    async fn what_was_used_is_told_by_purpose_and_the_settings_test_counts(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(30, 4).await;
        let server = TestServer::synced(database.target(), &dingtalk).await;
        let none = server.data(QUOTA, json!({})).await;
        assert_eq!(
            none["quota"]["used"], 0,
            "reading the directory isn't metered: {none:#}"
        );

        let test = "mutation { testSettings(input: {}) { state } }";
        server.data(test, json!({})).await;
        let tested = server.data(QUOTA, json!({})).await;
        assert_eq!((calls(&tested, "TEST"), calls(&tested, "SEND")), (1, 0));

        let people = dingtalk.control("directory").await["users"].take();
        let active = people.as_array().unwrap().iter().find(|it| it["active"] == true);
        let user = active.expect("somebody has logged in")["userid"].clone();
        let send = "mutation ($user: String!) { sendMessage(input: { recipients: { userIds: [$user] },
            content: { text: { content: \"hi\" } }, followUp: NONE, priority: HIGH })
            { message { id followUp followUpPolicy priority } userErrors { message } } }";
        let sent = server.data(send, json!({ "user": user })).await;
        let message = &sent["sendMessage"]["message"];
        assert_eq!(message["followUpPolicy"], "NONE", "{sent:#}");
        assert_eq!(
            (&message["priority"], &message["followUp"]),
            (&json!("HIGH"), &json!("ON"))
        );

        let told = "query ($id: ID!) { node(id: $id) { ... on Message { recipients { nodes { state
            reasonStatement { code } } } } } }";
        let began = Instant::now();
        let row = loop {
            let data = server.data(told, json!({ "id": message["id"] })).await;
            let row = data["node"]["recipients"]["nodes"][0].clone();
            if row["state"] == "ACCEPTED" {
                break row;
            }
            assert!(began.elapsed() < Duration::from_secs(60), "{row:#}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        assert_eq!(row["reasonStatement"]["code"], "NOT_FOLLOWED_UP", "{row:#}");

        let data = server.data(QUOTA, json!({})).await;
        let quota = &data["quota"];
        assert_eq!((&quota["limit"], &quota["reserved"]), (&json!(5_000), &json!(0)));
        assert_eq!(
            (calls(&data, "SEND"), calls(&data, "FOLLOW_UP"), calls(&data, "RECALL")),
            (1, 0, 0)
        );
        assert_eq!((&quota["used"], &quota["exhausted"]), (&json!(2), &json!(false)));
        assert_eq!(quota["forecastExhaustedAt"], Value::Null);
        assert_eq!(data["delivery"]["callsThisMonth"], quota["used"]);
        assert_eq!(data["delivery"]["monthEndsAt"], quota["monthEndsAt"]);
        server.stop().await;
    }
);
