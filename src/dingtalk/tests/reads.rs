//! Reading: patient, tolerant, never in circles.

use super::*;

#[tokio::test]
async fn throttling_slows_down_and_does_not_fail() {
    let wire = Wire::start([THROTTLED, THROTTLED, THROTTLED, THROTTLED, THROTTLED, USER]).await;
    let client = wire.client(Clock::system());
    client
        .with(Arc::new(wire.connection()))
        .user_get(&user("u"))
        .await
        .expect("at last");

    let stats = client.stats();
    assert_eq!(
        (stats.throttled, stats.calls[&Api::UserGet], stats.calls[&Api::GetToken]),
        (5, 6, 1)
    );
}

#[tokio::test]
async fn reads_are_repeated_after_every_kind_of_passing_trouble() {
    for trouble in [
        BUSY,
        Say::Json(r#"{"errcode":15,"sub_code":"isp.top-remote-connection-timeout","errmsg":"timeout"}"#),
        Say::Json(r#"{"errcode":88,"sub_code":"","sub_msg":"","errmsg":"ding talk error[subcode=,submsg=]"}"#),
        Say::Json(r#"{"errcode":0,"result":{"userid":"u","na"#),
        Say::Text(502, "<html>Bad Gateway</html>"),
        Say::Slow(Duration::from_secs(2), "{}"),
        Say::Broken,
    ] {
        let wire = Wire::start([trouble.clone(), trouble, USER]).await;
        get_user(&wire).await.expect("a user after two failures");
        assert_eq!(wire.heard().len(), 3);
    }
}

#[tokio::test]
async fn a_ban_page_silences_the_client_for_a_while() {
    for page in [
        Say::Text(200, "<html>x5</html>"),
        Say::Json(r#"{"status":1111,"wait":5,"source":"x5","punish":"deny"}"#),
    ] {
        let wire = Wire::start([page, USER]).await;
        let session = wire.session();
        for _ in 0..3 {
            let error = session.user_get(&user("u")).await.expect_err("banned");
            assert_eq!(error.kind, ErrorKind::Banned);
            assert!(error.retry_after.is_some());
        }

        assert_eq!(wire.heard().len(), 1, "nothing is asked during the ban");
        tokio::time::sleep(Duration::from_millis(170)).await;
        session.user_get(&user("u")).await.expect("the ban is over");
    }
}

#[tokio::test]
async fn missing_lists_are_empty_only_where_empty_is_legal() {
    let wire = Wire::start([Say::Json(r#"{"errcode":"0","errmsg":"ok"}"#)]).await;
    let session = wire.session();
    assert!(session.department_list_sub(DeptId(5)).await.expect("a leaf").is_empty());
    assert!(session.user_list_id(DeptId(5)).await.expect("nobody").is_empty());
    assert_eq!(session.user_list(DeptId(5), 0).await.expect("nobody").next_cursor, None);
    assert_eq!(
        session.get_send_result(1).await.expect("under way"),
        SendResult::default()
    );

    for error in [
        session.auth_scopes().await.err(),
        session.department_get(DeptId(5)).await.err(),
        session.user_get(&user("u")).await.err(),
        session.user_count(false).await.err(),
        session.user_get_by_mobile("13800000000").await.err(),
        session.get_send_progress(1).await.err(),
    ] {
        assert_eq!(error.expect("a result belongs there").kind, ErrorKind::Undecodable);
    }
}

#[tokio::test]
async fn paging_ends_and_never_runs_in_circles() {
    let page = |body: &'static str| async move {
        let wire = Wire::start([Say::Json(body)]).await;
        wire.session()
            .user_list(DeptId(9), 100)
            .await
            .map(|page| page.next_cursor)
            .map_err(|error| error.kind)
    };

    assert_eq!(
        page(r#"{"errcode":0,"result":{"has_more":true,"next_cursor":200,"list":[]}}"#).await,
        Ok(Some(200))
    );
    assert_eq!(
        page(r#"{"errcode":0,"result":{"has_more":"true","next_cursor":"200","list":[]}}"#).await,
        Ok(Some(200))
    );
    assert_eq!(
        page(r#"{"errcode":0,"result":{"has_more":false,"next_cursor":200,"list":[]}}"#).await,
        Ok(None)
    );
    assert_eq!(
        page(r#"{"errcode":0,"result":{"has_more":false,"list":[]}}"#).await,
        Ok(None)
    );
    assert_eq!(page(r#"{"errcode":0,"result":{"list":[]}}"#).await, Ok(None));

    for stuck in [
        r#"{"errcode":0,"result":{"has_more":true,"list":[]}}"#,
        r#"{"errcode":0,"result":{"has_more":true,"next_cursor":100,"list":[]}}"#,
        r#"{"errcode":0,"result":{"has_more":true,"next_cursor":0,"list":[]}}"#,
        r#"{"errcode":0,"result":{"has_more":false,"list":[{"name":"no userid"}]}}"#,
        r#"{"errcode":0,"result":{"has_more":false,"list":["u"]}}"#,
    ] {
        assert_eq!(page(stuck).await, Err(ErrorKind::Undecodable), "{stuck}");
    }
}

#[tokio::test]
async fn errors_name_the_field_or_the_permission() {
    for (body, kind, hint) in [
        (
            r#"{"errcode":22,"errmsg":"Invalid method"}"#,
            ErrorKind::WrongUrl,
            "departmentListSubUrl",
        ),
        (
            r#"{"errcode":404,"errmsg":"请求的URI地址不存在"}"#,
            ErrorKind::WrongUrl,
            "departmentListSubUrl",
        ),
        (
            r#"{"errcode":88,"sub_code":"60011","sub_msg":"没有调用该接口的权限"}"#,
            ErrorKind::MissingPermission,
            "qyapi_get_department_list",
        ),
        (
            r#"{"errcode":50004,"errmsg":"请求的部门id不在授权范围内"}"#,
            ErrorKind::OutOfScope,
            "contact scope",
        ),
        (
            r#"{"errcode":60003,"errmsg":"部门不存在"}"#,
            ErrorKind::NotFound,
            "department",
        ),
    ] {
        let wire = Wire::start([Say::Json(body)]).await;
        let error = wire
            .session()
            .department_list_sub(DeptId(1))
            .await
            .expect_err("refused");
        assert_eq!((error.kind, wire.heard().len()), (kind, 1));
        assert!(error.message.contains(hint), "{error}");
    }

    let wire = Wire::start([]).await;
    let mut connection = wire.connection();
    connection.urls.remove(&Api::UserList);
    connection.agent_id = None;
    let session = wire.client(Clock::system()).with(Arc::new(connection));
    assert!(!session.is_configured(Api::UserList));
    let error = session.user_list(DeptId(1), 0).await.expect_err("no URL");
    assert!(
        error.kind == ErrorKind::NotConfigured && error.message.contains("userListUrl"),
        "{error}"
    );
    let error = session.async_send(&[user("a")], "{}").await.expect_err("no agentId");
    assert!(
        error.kind == ErrorKind::NotConfigured && error.message.contains("agentId"),
        "{error}"
    );
}

#[tokio::test]
async fn nobody_with_that_mobile_is_no_error() {
    let wire = Wire::start([
        Say::Json(r#"{"errcode":60121,"errmsg":"找不到该用户"}"#),
        Say::Json(r#"{"errcode":40104,"errmsg":"无效手机号"}"#),
        Say::Json(r#"{"errcode":60103,"errmsg":"手机号码不合法"}"#),
        Say::Json(r#"{"errcode":0,"result":{"userid":"011505184066774889","exclusive_account_userid_list":[]}}"#),
    ])
    .await;
    let session = wire.session();

    for _ in 0..3 {
        let found = session.user_get_by_mobile("13800000000").await.expect("an answer");
        assert_eq!(found, None);
    }
    assert_eq!(
        session.user_get_by_mobile("13800000000").await.expect("an answer"),
        Some(user("011505184066774889"))
    );
}

#[tokio::test]
async fn compressed_answers_are_read_and_endless_ones_are_not() {
    let long = r#"{"errcode":0,"errmsg":"ok","result":{"userid_list":["011505184066774889","011505184066774888","manager4220"]}}"#;
    let wire = Wire::start([Say::Json(long), Say::Huge]).await;
    let session = wire.session();
    assert_eq!(session.user_list_id(DeptId(1)).await.expect("a list").len(), 3);
    assert_eq!(
        session.user_list_id(DeptId(1)).await.expect_err("too much").kind,
        ErrorKind::Undecodable
    );
}

#[tokio::test]
async fn a_redirect_is_not_followed_because_the_token_would_go_along() {
    let elsewhere = Wire::start([USER]).await;
    let wire = Wire::start([Say::Redirect(format!(
        "http://127.0.0.1:{}/topapi/v2/user/get",
        elsewhere.port
    ))])
    .await;
    assert_eq!(
        get_user(&wire).await.expect_err("no answer").kind,
        ErrorKind::Undecodable
    );
    assert!(elsewhere.heard().is_empty());
}
