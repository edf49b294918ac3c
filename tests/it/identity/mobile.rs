//! Looking a mobile number up: DingTalk is asked once a minute for the same number, and not too often by anybody.

use dingmirror::settings::Api;
use serde_json::json;

use super::support::Company;
use crate::support::database::TestDatabase;

#[tokio::test]
async fn a_number_is_asked_for_once_and_a_caller_who_tries_many_is_held_up() {
    let database = TestDatabase::sqlite().await;
    let company = Company::with(&database, &[]).await;
    let directory = company.dingtalk.control("directory").await;
    let somebody = &directory["users"][3];
    let query = "query ($mobile: String!) { userByMobile(mobile: $mobile) { outcome userId askedAt } }";
    let asked = json!({ "mobile": somebody["mobile"] });
    let first = company.data(query, asked.clone()).await["userByMobile"].take();
    assert_eq!(first["userId"], somebody["userid"], "{first:#}");
    company
        .dingtalk
        .tell(
            reqwest::Method::POST,
            "edits",
            json!([{ "edit": "leave", "userid": somebody["userid"] }]),
        )
        .await;
    assert_eq!(company.data(query, asked).await["userByMobile"], first, "from memory");

    let token = company.server.admin_token();
    for number in 0..40 {
        let asked = json!({ "mobile": format!("199000000{number:02}") });
        let answer = company.server.graphql(&token, query, asked).await;
        let code = &answer["errors"][0]["extensions"]["code"];
        assert_eq!(*code == "RATE_LIMITED", number >= 29, "{number}: {answer:#}");
    }
    company.server.stop().await;
}

#[tokio::test]
async fn those_who_ask_for_one_number_at_the_same_time_share_one_question() {
    let database = TestDatabase::sqlite().await;
    let company = Company::with(&database, &[]).await;
    let path = Api::UserGetByMobile.path();
    let slow = json!({ "api": path, "kind": "slow", "ms": 500 });
    company.dingtalk.tell(reqwest::Method::POST, "faults", slow).await;
    let query = "{ userByMobile(mobile: \"19900000001\") { outcome } }";
    let ask = || company.data(query, json!({}));

    let answers = futures_util::future::join_all((0..5).map(|_| ask())).await;
    assert!(
        answers.iter().all(|it| it["userByMobile"]["outcome"] == "NOT_FOUND"),
        "{answers:?}"
    );

    let calls = company.server.services.client.stats().calls;
    assert_eq!(calls.get(&Api::UserGetByMobile), Some(&1));
    company.server.stop().await;
}
