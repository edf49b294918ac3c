//! What people get wrong: each mistake comes back with the field's name and the remedy.

use dingmirror::{auth::Permission, directory::RunState, settings::SettingsPatch};
use serde_json::{Value, json};

use crate::support::{
    database::TestDatabase,
    server::{TestDingTalk, TestServer},
};

fn assert_tells(text: &Value, words: &[&str]) {
    let text = text.as_str().unwrap_or_else(|| panic!("no text: {text}"));
    for word in words {
        assert!(text.contains(word), "`{word}` is missing from: {text}");
    }
}

both_databases!(
    async fn wrong_credentials_fail_the_run_and_name_the_fields(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(20, 4).await;
        let server = TestServer::start(database.target(), &dingtalk).await;
        server
            .configure(SettingsPatch {
                app_secret: Some(Some("notTheSecret".to_owned().into())),
                ..dingtalk.settings()
            })
            .await;

        let run = server.sync().await;
        assert_eq!(run.state, RunState::Failed, "{run:?}");
        assert_tells(&json!(run.error), &["appKey", "appSecret", "40096"]);
        assert!(!format!("{run:?}").contains("notTheSecret"));
        server.stop().await;
    }
);

#[tokio::test]
async fn a_missing_permission_fails_the_run_and_is_named() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(20, 4).await;
    let points = json!({ "points": ["qyapi_base", "qyapi_get_member", "qyapi_get_department_member"] });
    dingtalk.tell(reqwest::Method::PUT, "permissions", points).await;
    let server = TestServer::start(database.target(), &dingtalk).await;
    server.configure(dingtalk.settings()).await;

    let run = server.sync().await;
    assert_eq!(run.state, RunState::Failed, "{run:?}");
    assert_tells(&json!(run.error), &["qyapi_get_department_list"]);
    assert_eq!(server.services.snapshots.current().user_count(), 0);
    server.stop().await;
}

#[tokio::test]
async fn the_settings_form_names_each_wrong_field_and_its_remedy() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(20, 4).await;
    let server = TestServer::start(database.target(), &dingtalk).await;
    let update = "mutation ($input: UpdateSettingsInput!) { updateSettings(input: $input) { settings { version } userErrors { code field message } } }";
    let errors = async |input: Value| {
        let data = server.data(update, json!({ "input": input })).await;
        assert_eq!(data["updateSettings"]["settings"], Value::Null, "{data:#}");
        data["updateSettings"]["userErrors"].as_array().unwrap().clone()
    };

    let all = errors(json!({
        "expectedVersion": "0",
        "agentId": "mine",
        "departmentListSubUrl": format!("{}/topapi/v2/departement/listsub", dingtalk.base),
        "asyncSendUrl": format!("{}/topapi/message/corpcorversation/asynsend_v2", dingtalk.base),
        "userGetUrl": "https://evil.example/topapi/v2/user/get",
        "getTokenUrl": "gettoken",
    }))
    .await;
    let of = |field: &str| {
        all.iter()
            .find(|e| e["field"] == json!(["input", field]))
            .unwrap_or_else(|| panic!("{field} is not named: {all:#?}"))
    };

    assert_eq!(of("departmentListSubUrl")["code"], "MISSPELLED");
    assert_tells(
        &of("departmentListSubUrl")["message"],
        &["/topapi/v2/department/listsub"],
    );
    assert_eq!(of("asyncSendUrl")["code"], "MISSPELLED");
    assert_tells(
        &of("asyncSendUrl")["message"],
        &["/topapi/message/corpconversation/asyncsend_v2"],
    );
    assert_eq!(of("userGetUrl")["code"], "HOST_NOT_ALLOWED");
    assert_tells(&of("userGetUrl")["message"], &["DINGMIRROR_ALLOWED_HOSTS"]);
    assert_eq!(of("agentId")["code"], "INVALID");
    assert_eq!(of("getTokenUrl")["code"], "INVALID");

    let stale = errors(json!({ "expectedVersion": "7", "enabled": true })).await;
    assert_eq!(stale[0]["code"], "VERSION_CONFLICT");
    assert_tells(&stale[0]["message"], &["0"]);

    // A sync without settings names what is missing.
    let start = "mutation { startSync(input: {}) { run { id } userErrors { code message } } }";
    let started = server.data(start, json!({})).await;
    assert_eq!(started["startSync"]["userErrors"][0]["code"], "NOT_CONFIGURED");
    assert_tells(
        &started["startSync"]["userErrors"][0]["message"],
        &["appKey", "appSecret"],
    );
    server.stop().await;
}

#[tokio::test]
async fn a_typo_that_the_form_could_not_see_is_named_by_the_run() {
    // A gateway with a prefix may end in any path, so this one passes the form; DingTalk then answers "no such API"
    // (22).
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(20, 4).await;
    let server = TestServer::start(database.target(), &dingtalk).await;
    let mut settings = dingtalk.settings();
    let url = format!("{}/topapi/gateway/topapi/v2/department/listsub", dingtalk.base);
    settings
        .urls
        .insert(dingmirror::settings::Api::DepartmentListSub, Some(url));
    server.configure(settings).await;

    let run = server.sync().await;
    assert_eq!(run.state, RunState::Failed, "{run:?}");
    assert_tells(&json!(run.error), &["departmentListSubUrl"]);
    server.stop().await;
}

both_databases!(
    async fn unknown_people_and_oversized_messages_are_told_apart_from_success(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(20, 4).await;
        let server = TestServer::synced(database.target(), &dingtalk).await;

        let query = "{ user(userId: \"nobody\") { name } resolve(identities: [{ email: \"nobody@example.com\" }, { username: \"x\" }]) { status reason } userByMobile(mobile: \"19900000000\") { outcome explanation } }";
        let data = server.data(query, json!({})).await;
        assert_eq!(data["user"], Value::Null);
        assert_eq!(data["resolve"][0]["status"], "UNMATCHED");
        assert_tells(&data["resolve"][0]["reason"], &["nobody@example.com"]);
        assert_tells(&data["resolve"][1]["reason"], &["email"]);
        assert_eq!(data["userByMobile"]["outcome"], "NOT_FOUND");

        let send = "mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { state recipients { nodes { state reason } } } userErrors { code field message } } }";
        let unknown = json!({ "recipients": { "userIds": ["nobody"] }, "content": { "text": { "content": "x" } } });
        let data = server.data(send, json!({ "input": unknown })).await;
        let recipient = &data["sendMessage"]["message"]["recipients"]["nodes"][0];
        assert_eq!(recipient["state"], "FAILED", "{data:#}");
        assert_tells(&recipient["reason"], &["mirror"]);

        let user =
            server.data("{ users(first: 1) { nodes { userId } } }", json!({})).await["users"]["nodes"][0]["userId"]
                .clone();
        let oversized = json!({ "recipients": { "userIds": [user] }, "content": { "markdown": { "title": "t", "text": "长".repeat(700) } } });
        let data = server.data(send, json!({ "input": oversized })).await;
        let errors = &data["sendMessage"]["userErrors"];
        assert_eq!(
            (&data["sendMessage"]["message"], &errors[0]["code"]),
            (&Value::Null, &json!("TOO_LONG")),
            "{data:#}"
        );
        assert_tells(&errors[0]["message"], &["2048", "bytes"]);
        assert_eq!(
            (&errors[0]["field"][0], &errors[0]["field"][1]),
            (&json!("input"), &json!("content"))
        );
        server.stop().await;
    }
);

#[tokio::test]
async fn unknown_arguments_missing_tokens_and_permissions_are_named() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(20, 4).await;
    let server = TestServer::start(database.target(), &dingtalk).await;
    let first_error =
        async |token: &str, query: &str| server.graphql(token, query, json!({})).await["errors"][0].clone();

    let error = first_error(&server.admin_token(), "{ department(depId: \"1\") { name } }").await;
    assert_eq!(error["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED");
    assert_tells(&error["message"], &["depId"]);
    let error = first_error(&server.admin_token(), "{ department { name } }").await;
    assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT");
    assert_tells(&error["message"], &["deptId", "id"]);
    let error = first_error(&server.admin_token(), "{ users(first: 501) { nodes { name } } }").await;
    assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT");
    assert_tells(&error["message"], &["first", "500"]);

    let error = first_error(&server.token(&[Permission::MessageRead]), "{ settings { version } }").await;
    assert_eq!(error["extensions"]["code"], "FORBIDDEN");
    assert_tells(&error["message"], &["settings:read"]);

    let response = server
        .http
        .post(format!("{}/graphql", server.base))
        .json(&json!({ "query": "{ settings { version } }" }))
        .send()
        .await
        .unwrap();
    let answer: Value = response.json().await.unwrap();
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    assert_tells(&answer["errors"][0]["message"], &["Authorization"]);
    server.stop().await;
}
