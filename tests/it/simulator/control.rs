//! The control API over HTTP.

use serde_json::{Value, json};

use super::support::{Platform, small, start};

async fn ask(platform: &Platform, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
    let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
    let mut request = platform.http.request(method, format!("{}{path}", platform.base));
    if let Some(body) = body {
        request = request.json(&body);
    }
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn the_index_lists_the_endpoints() {
    let platform = start(small()).await;
    for path in ["/control", "/control/"] {
        let (status, index) = ask(&platform, "GET", path, None).await;
        assert_eq!(status, 200);
        assert!(index["endpoints"].as_object().unwrap().len() > 10);
    }
}

#[tokio::test]
async fn whatever_is_wrong_with_a_request_is_answered_with_a_sentence() {
    let platform = start(small()).await;
    for (method, path, body, part) in [
        (
            "PUT",
            "/control/scope",
            json!({"authed_dept": [2]}),
            "authed_dept: there is no department 2",
        ),
        (
            "PUT",
            "/control/scope",
            json!({"authed_user": ["x"]}),
            "authed_user: there is no",
        ),
        (
            "PUT",
            "/control/permissions",
            json!({"points": ["root"]}),
            "points: \"root\" is unknown",
        ),
        (
            "PUT",
            "/control/permissions",
            json!({"mobil": true}),
            "unknown field `mobil`",
        ),
        (
            "PUT",
            "/control/limits",
            json!({"rate_limit_per_second": -1}),
            "invalid value",
        ),
        (
            "POST",
            "/control/faults",
            json!({"kind": "nonsense"}),
            "unknown variant",
        ),
        (
            "POST",
            "/control/faults",
            json!({"kind": "busy", "cuont": 1}),
            "cuont: no rule has such a key",
        ),
        (
            "POST",
            "/control/faults",
            json!({"kind": "busy", "api": "user/get"}),
            "api: ",
        ),
        (
            "POST",
            "/control/edits",
            json!({"edit": "hire", "department": [1]}),
            "unknown field `department`",
        ),
        (
            "POST",
            "/control/edits",
            json!({"edit": "leave", "userid": "x"}),
            "edit 0: userid: there is no \"x\"",
        ),
        (
            "POST",
            "/control/edits",
            json!({"edit": "remove_department", "dept_id": 1}),
            "the root can't be removed",
        ),
        (
            "POST",
            "/control/edits",
            json!({"edit": "create_department", "parent_id": 1, "name": "a-b"}),
            "name: ",
        ),
        ("POST", "/control/churn", json!({"count": 1_000_000}), "count: at most"),
        (
            "PUT",
            "/control/push",
            json!({"url": "http://x/", "token": "t", "aes_key": "short"}),
            "aes_key: ",
        ),
        (
            "POST",
            "/control/messages/read",
            json!({"task_id": 1, "userid": "x"}),
            "no such receiver",
        ),
    ] {
        let (status, answer) = ask(&platform, method, path, Some(body)).await;
        let reason = answer["error"].as_str().unwrap_or_default();
        assert_eq!(status, 400, "{method} {path}: {answer}");
        assert!(reason.contains(part), "{method} {path}: {reason}");
    }

    let (status, answer) = ask(&platform, "POST", "/control/edits", None).await;
    assert_eq!(status, 400);
    assert!(answer["error"].as_str().unwrap().contains("not JSON"));
    assert_eq!(ask(&platform, "DELETE", "/control/faults?id=x", None).await.0, 400);
    assert_eq!(ask(&platform, "GET", "/control/nowhere", None).await.0, 404);
    assert_eq!(ask(&platform, "PATCH", "/control/scope", None).await.0, 405);
}

#[tokio::test]
async fn a_reset_brings_back_the_company_of_the_start() {
    let mut platform = start(small()).await;
    let before = platform.control.directory();
    let (status, churned) = ask(&platform, "POST", "/control/churn", Some(json!({"count": 50}))).await;
    assert_eq!((status, churned["made"].as_array().unwrap().len()), (200, 50));
    platform.control.add_faults(json!({"kind": "busy"})).unwrap();
    platform.control.set_scope(json!({"authed_dept": []})).unwrap();
    assert_ne!(platform.control.directory(), before);

    ask(&platform, "POST", "/control/reset", None).await;
    assert_eq!(platform.control.directory(), before);
    assert_eq!(platform.control.faults(), json!({"rules": []}));
    assert_eq!(
        platform.call("/topapi/user/listadmin", json!({})).await["sub_code"],
        "40014"
    );
    platform.sign_in().await;
    assert_eq!(platform.call("/topapi/user/listadmin", json!({})).await["errcode"], 0);
}

#[tokio::test]
async fn who_left_is_told_by_the_new_api_in_pages() {
    let platform = start(small()).await;
    let directory = platform.control.directory();
    for index in 10..13 {
        platform
            .control
            .edit(json!({"edit": "leave", "userid": directory["users"][index]["userid"]}))
            .unwrap();
    }

    let get = |token: &str, next: &str| {
        let query = format!("startTime=2020-01-01T00:00:00Z&maxResults=2&nextToken={next}");
        let url = format!("{}/v1.0/contact/empLeaveRecords?{query}", platform.base);
        platform
            .http
            .get(url)
            .header("x-acs-dingtalk-access-token", token)
            .send()
    };

    let page: Value = get(&platform.token, "0").await.unwrap().json().await.unwrap();
    assert_eq!(page["records"][0]["userId"], directory["users"][10]["userid"]);
    assert_eq!(page["nextToken"], "2");
    let page: Value = get(&platform.token, "2").await.unwrap().json().await.unwrap();
    assert_eq!(
        (page["records"].as_array().unwrap().len(), page["nextToken"].clone()),
        (1, json!("0"))
    );

    let refused = get("wrong", "0").await.unwrap();
    assert_eq!(refused.status(), 400);
    assert_eq!(refused.json::<Value>().await.unwrap()["code"], "InvalidAuthentication");
}

#[tokio::test]
async fn a_code_may_be_refused_by_the_gateway_too() {
    let platform = start(small()).await;
    let rule = json!({"kind": "errcode", "code": 60020, "msg": "访问ip不在白名单之中", "wrapped": true});
    platform.control.add_faults(rule).unwrap();
    let refused = platform.call("/topapi/user/listadmin", json!({})).await;
    assert_eq!(
        (refused["errcode"].clone(), refused["sub_code"].clone()),
        (json!(88), json!("60020"))
    );
}

#[tokio::test]
async fn a_shutdown_ends_everything_soon_slow_answers_and_streams_included() {
    use dingmirror::simulator::Simulator;

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let shutdown = tokio_util::sync::CancellationToken::new();
    let simulator = Simulator::start(small(), listener, shutdown.clone()).await;
    let url = simulator.base_url().join("gettoken").unwrap();
    simulator
        .control()
        .add_faults(json!({"kind": "slow", "ms": 600_000}))
        .unwrap();

    let asked = tokio::spawn(reqwest::get(url));
    let struck = |faults: Value| faults["rules"][0]["struck"].as_u64() > Some(0);
    while !struck(simulator.control().faults()) {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }

    shutdown.cancel();
    tokio::time::timeout(std::time::Duration::from_secs(3), simulator.stopped())
        .await
        .expect("it ends");
    asked.await.unwrap().expect("the answer was given before the end");
}
