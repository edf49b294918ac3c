//! Who may see what: tokens, scope and permissions; and that edits show at once.

use serde_json::{Value, json};

use super::support::{small, start};

#[tokio::test]
async fn names_come_before_tokens_and_tokens_before_everything_else() {
    let mut platform = start(small()).await;
    let body = platform.get("/topapi/v2/user/notexist").await;
    assert_eq!(body["errcode"], 22);
    assert_eq!(
        body["sub_msg"],
        "不合法ApiName，ApiName = dingtalk.oapi.v2.user.notexist"
    );
    assert!(body.get("sub_code").is_none());
    assert_eq!(
        platform.get("/nowhere").await,
        json!({"errcode": 404, "errmsg": "请求的URI地址不存在"})
    );

    let body = platform.get("/topapi/v2/user/get").await;
    assert_eq!(
        (body["errcode"].clone(), body["sub_code"].clone()),
        (json!(88), json!("40000"))
    );

    platform.control.expire_tokens();
    let body = platform.call("/topapi/v2/user/get", json!({})).await;
    assert_eq!(
        (body["errcode"].clone(), body["sub_code"].clone()),
        (json!(88), json!("40014"))
    );
    assert_eq!(
        body["errmsg"],
        "ding talk error[subcode=40014,submsg=不合法的access_token]"
    );

    let plain = platform.get("/auth/scopes?access_token=wrong").await;
    assert_eq!(plain, json!({"errcode": 40014, "errmsg": "不合法的access_token"}));
    let bad = platform.get("/gettoken?appkey=a&appsecret=b").await;
    assert_eq!(bad, json!({"errcode": 40096, "errmsg": "不合法的appKey或appSecret"}));
    assert_eq!(
        platform.get("/gettoken").await,
        json!({"errcode": 40035, "errmsg": "缺少参数 corpid or appkey"})
    );

    platform.sign_in().await;
    assert_eq!(
        platform.call("/topapi/v2/user/get", json!({"userid": "nobody"})).await["errcode"],
        60121
    );
}

#[tokio::test]
async fn the_new_api_gives_the_same_token_and_refuses_with_real_statuses() {
    let platform = start(small()).await;
    let url = format!("{}/v1.0/oauth2/accessToken", platform.base);
    let config = small();
    let right = json!({"appKey": config.app_key, "appSecret": config.app_secret});
    let body: Value = platform
        .http
        .post(&url)
        .json(&right)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(body, json!({"accessToken": platform.token, "expireIn": 7200}));

    let wrong = json!({"appKey": config.app_key, "appSecret": "no"});
    let refused = platform.http.post(&url).json(&wrong).send().await.unwrap();
    assert_eq!(refused.status(), 400);
    assert_eq!(
        refused.json::<Value>().await.unwrap()["code"],
        "invalidClientIdOrSecret"
    );

    let requests = platform.get("/control/token-requests").await;
    assert_eq!(
        (requests["total"].clone(), requests["issued"].clone()),
        (json!(3), json!(1))
    );
}

#[tokio::test]
async fn a_restricted_app_sees_its_subtree_and_the_calls_without_scope_still_answer() {
    let platform = start(small()).await;
    let truth = platform.control.directory();
    let division = truth["departments"]
        .as_array()
        .unwrap()
        .iter()
        .find(|d| d["parent_id"] == 1)
        .unwrap();
    let dept_id = division["dept_id"].clone();
    let boss = truth["users"][0]["userid"].clone();

    platform
        .control
        .set_scope(json!({"authed_dept": [dept_id], "authed_user": []}))
        .unwrap();
    let scopes = platform
        .get(&format!("/auth/scopes?access_token={}", platform.token))
        .await;
    assert_eq!(
        scopes["auth_org_scopes"],
        json!({"authed_dept": [dept_id], "authed_user": []})
    );
    assert!(scopes.get("request_id").is_none());

    assert_eq!(
        platform
            .call("/topapi/v2/department/listsub", json!({"dept_id": 1}))
            .await["errcode"],
        50004
    );
    assert_eq!(
        platform
            .call("/topapi/v2/department/listsub", json!({"dept_id": dept_id}))
            .await["errcode"],
        0
    );
    assert_eq!(
        platform.call("/topapi/v2/user/get", json!({"userid": boss})).await["errcode"],
        50002
    );
    let page = json!({"dept_id": 1, "cursor": 0, "size": 10});
    assert_eq!(platform.call("/topapi/v2/user/list", page).await["errcode"], 50004);
    for (api, body) in [
        ("/topapi/user/listid", json!({"dept_id": 1})),
        ("/topapi/v2/department/listsubid", json!({"dept_id": 1})),
        ("/topapi/v2/department/listparentbydept", json!({"dept_id": 1})),
        ("/topapi/v2/department/listparentbyuser", json!({"userid": boss})),
        ("/topapi/user/count", json!({"only_active": false})),
        ("/topapi/user/listadmin", json!({})),
    ] {
        assert_eq!(platform.call(api, body).await["errcode"], 0, "{api}");
    }

    platform
        .control
        .set_scope(json!({"authed_dept": [dept_id], "authed_user": [boss]}))
        .unwrap();
    assert_eq!(
        platform.call("/topapi/v2/user/get", json!({"userid": boss})).await["errcode"],
        0
    );
}

#[tokio::test]
async fn permissions_leave_fields_out_and_reach_a_new_token_only() {
    let mut platform = start(small()).await;
    let truth = platform.control.directory();
    let person = truth["users"]
        .as_array()
        .unwrap()
        .iter()
        .find(|p| p["email"].as_str().is_some_and(|e| !e.is_empty()));
    let userid = person.unwrap()["userid"].clone();
    platform
        .control
        .set_permissions(json!({"mobile": false, "personal": false, "points": ["qyapi_get_member"]}))
        .unwrap();
    let get = json!({"userid": userid});
    let before = platform.call("/topapi/v2/user/get", get.clone()).await;
    assert!(before["result"]["mobile"].is_string() && before["result"]["email"].is_string());

    platform.control.expire_tokens();
    platform.sign_in().await;
    let after = platform.call("/topapi/v2/user/get", get).await["result"].take();
    for field in [
        "mobile",
        "state_code",
        "email",
        "org_email",
        "extension",
        "remark",
        "work_place",
    ] {
        assert!(after.get(field).is_none(), "{field} is left out, not null");
    }

    let refused = platform.call("/topapi/v2/department/get", json!({"dept_id": 1})).await;
    assert_eq!(refused["sub_code"], "60011");
    assert!(
        refused["sub_msg"]
            .as_str()
            .unwrap()
            .contains("[qyapi_get_department_list]"),
        "{refused}"
    );
}

#[tokio::test]
async fn edits_show_at_once_and_bad_ones_name_the_field() {
    let platform = start(small()).await;
    let post = |body: Value| {
        let request = platform
            .http
            .post(format!("{}/control/edits", platform.base))
            .json(&body);
        async move {
            let response = request.send().await.unwrap();
            (response.status().as_u16(), response.json::<Value>().await.unwrap())
        }
    };

    let (status, made) = post(json!({"edit": "create_department", "parent_id": 1, "name": "新部门"})).await;
    assert_eq!(status, 200, "{made}");
    let dept_id = made["results"][0]["dept_id"].clone();
    let (_, hired) = post(
        json!([{"edit": "hire", "departments": [dept_id], "userid": "007", "name": "詹姆斯"},
        {"edit": "update_user", "userid": "007", "fields": {"title": "特工", "email": null, "leader": [dept_id]}}]),
    )
    .await;
    assert_eq!(hired["results"][0]["userid"], "007");
    let got = platform.call("/topapi/v2/user/get", json!({"userid": "007"})).await["result"].take();
    assert_eq!((got["title"].clone(), got.get("email")), (json!("特工"), None));

    let (_, removed) = post(json!({"edit": "remove_department", "dept_id": dept_id})).await;
    assert_eq!(removed["results"][0]["dept_ids"], json!([dept_id]));
    let got = platform.call("/topapi/v2/user/get", json!({"userid": "007"})).await["result"].take();
    assert_eq!(got["dept_id_list"], json!([1]));
    post(json!({"edit": "leave", "userid": "007"})).await;
    assert_eq!(
        platform.call("/topapi/v2/user/get", json!({"userid": "007"})).await["errcode"],
        60121
    );

    let (status, refused) = post(json!({"edit": "hire", "departments": [12]})).await;
    assert_eq!(
        (status, refused["error"].as_str()),
        (400, Some("edit 0: departments: there is no department 12"))
    );

    let types: Vec<Value> = platform.control.events(0)["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["event_type"].clone())
        .collect();
    assert_eq!(
        types,
        [
            "org_dept_create",
            "user_add_org",
            "user_modify_org",
            "user_modify_org",
            "user_modify_org",
            "org_dept_remove",
            "user_leave_org"
        ]
    );
}
