//! A walk over the form, and what it told.

use serde_json::{Value, json};

use crate::support::server::{TestDingTalk, TestServer};

pub(super) const TEST: &str = "mutation ($i: TestSettingsInput!) { testSettings(input: $i) {
    state calls settingsVersion
    checks { check state message statement { code args { name value } text } remedy
        remedyStatement { code args { name value } } field suggestion document dingtalkCode }
    userErrors { code message statement { code } } clientMutationId } }";

/// The checks of a whole company, an app with all permissions, and settings that are right.
pub(super) const AS_RIGHT: [(&str, &str, &str); 22] = [
    ("TOKEN", "PASSED", "CALL_WORKS"),
    ("ASYNC_SEND_URL", "PASSED", "SEND_URL_PROVED"),
    ("AGENT_ID", "LIMITED", "AGENT_ID_ACCEPTED"),
    ("DEPARTMENT_LIST_SUB_URL", "PASSED", "CALL_WORKS"),
    ("DEPARTMENT_GET_URL", "PASSED", "CALL_WORKS"),
    ("USER_LIST_ID_URL", "PASSED", "CALL_WORKS"),
    ("USER_GET_URL", "PASSED", "CALL_WORKS"),
    ("USER_GET_BY_MOBILE_URL", "PASSED", "CALL_WORKS"),
    ("AUTH_SCOPES_URL", "PASSED", "CALL_WORKS"),
    ("USER_LIST_URL", "PASSED", "CALL_WORKS"),
    ("USER_COUNT_URL", "PASSED", "CALL_WORKS"),
    ("GET_SEND_PROGRESS_URL", "PASSED", "URL_PROVED"),
    ("GET_SEND_RESULT_URL", "PASSED", "URL_PROVED"),
    ("RECALL_URL", "PASSED", "URL_PROVED"),
    ("CALL_BACK_FAILED_RESULT_URL", "PASSED", "URL_PROVED"),
    ("STREAM_OPEN_URL", "PASSED", "CALL_WORKS"),
    ("CONTACT_SCOPE", "PASSED", "SCOPE_WHOLE_COMPANY"),
    ("FIELD_EMAIL", "PASSED", "EMAILS_SEEN"),
    ("FIELD_MOBILE", "PASSED", "MOBILES_SEEN"),
    ("FIELD_JOB_NUMBER", "PASSED", "JOB_NUMBERS_SEEN"),
    ("USER_COUNT", "PASSED", "PEOPLE_COUNTED"),
    ("EVENTS", "LIMITED", "EVENTS_BY_SYNC"),
];

/// The calls of a walk at most.
pub(super) const MOST_CALLS: i64 = 25;

/// A walk over the form as `input` would make it.
pub(super) async fn walk(server: &TestServer, input: Value) -> Value {
    let mut data = server.data(TEST, json!({ "i": input })).await;
    data["testSettings"].take()
}

pub(super) fn check<'a>(walked: &'a Value, name: &str) -> &'a Value {
    let checks = walked["checks"].as_array().unwrap();
    checks
        .iter()
        .find(|check| check["check"] == name)
        .unwrap_or_else(|| panic!("no {name}: {walked:#}"))
}

pub(super) fn told(walked: &Value) -> Vec<(&str, &str, &str)> {
    let checks = walked["checks"].as_array().unwrap().iter();
    checks
        .map(|check| {
            (
                check["check"].as_str().unwrap(),
                check["state"].as_str().unwrap(),
                check["statement"]["code"].as_str().unwrap(),
            )
        })
        .collect()
}

/// What a check says, as state, code of the finding and code of the remedy.
pub(super) fn said<'a>(walked: &'a Value, name: &str) -> (&'a str, &'a str, Option<&'a str>) {
    let check = check(walked, name);
    (
        check["state"].as_str().unwrap(),
        check["statement"]["code"].as_str().unwrap(),
        check["remedyStatement"]["code"].as_str(),
    )
}

pub(super) fn arg<'a>(statement: &'a Value, name: &str) -> Option<&'a str> {
    let args = statement["args"].as_array()?;
    args.iter().find(|arg| arg["name"] == name)?["value"].as_str()
}

/// The form of `dingtalk` as a caller gives it.
pub(super) fn form(dingtalk: &TestDingTalk) -> Value {
    let patch = dingtalk.settings();
    let mut form = json!({
        "agentId": dingtalk.config.agent_id.to_string(),
        "appKey": dingtalk.config.app_key,
        "appSecret": dingtalk.config.app_secret,
    });
    for (api, url) in patch.urls {
        form[api.field()] = json!(url);
    }
    form
}

pub(super) async fn nothing_was_sent(dingtalk: &TestDingTalk) {
    let messages = dingtalk.control("messages").await;
    assert_eq!(messages["tasks"], json!([]), "{messages:#}");
}
