//! The client against a scripted server.

use std::{sync::Arc, time::Duration};

use super::{
    testing::{Say, Wire},
    *,
};
use crate::{
    clock::Clock,
    directory::{DeptId, UserId},
    settings::Api,
};

const TASK: Say = Say::Json(r#"{"errcode":0,"task_id":256271667526,"request_id":"4jzllmte0wau"}"#);
const USER: Say = Say::Json(r#"{"errcode":0,"result":{"userid":"u","name":"n","dept_id_list":[1]}}"#);
const EXPIRED: Say =
    Say::Json(r#"{"errcode":88,"sub_code":"40014","sub_msg":"不合法的access_token","errmsg":"ding talk error"}"#);
const THROTTLED: Say = Say::Json(r#"{"errcode":88,"sub_code":"90018","sub_msg":"qps","errmsg":"ding talk error"}"#);
const BUSY: Say = Say::Json(r#"{"errcode":-1,"errmsg":"系统繁忙"}"#);

fn user(id: &str) -> UserId {
    UserId::from(id)
}

async fn get_user(wire: &Wire) -> Result<crate::directory::UserFacts, Error> {
    wire.session().user_get(&user("u")).await
}

async fn send(wire: &Wire) -> Result<i64, Error> {
    wire.session()
        .async_send(
            &[user("a"), user("b")],
            r#"{"msgtype":"text","text":{"content":"你好 1.0"}}"#,
        )
        .await
}

#[tokio::test]
async fn fifty_calls_at_once_fetch_one_token_and_renew_it_once() {
    let wire = Wire::start(std::iter::repeat_n(EXPIRED, 50).chain([USER])).await;
    let session = wire.session();
    let calls = (0..50).map(|_| {
        let session = session.clone();
        tokio::spawn(async move { session.user_get(&user("u")).await.is_ok() })
    });
    for call in calls.collect::<Vec<_>>() {
        assert!(call.await.expect("no panic"));
    }
    assert_eq!(wire.tokens_issued(), 2);
    assert_eq!(wire.heard().len(), 100);
    assert!(
        wire.heard()[99].0.ends_with("/topapi/v2/user/get?access_token=TOKEN2"),
        "{:?}",
        wire.heard()[99]
    );
}

#[tokio::test]
async fn a_token_refused_again_after_its_renewal_is_an_error_without_the_token_in_it() {
    let wire = Wire::start([Say::Json(r#"{"errcode":40014,"errmsg":"bad TOKEN1 and TOKEN2"}"#)]).await;
    let error = get_user(&wire).await.expect_err("refused");
    assert_eq!(
        (error.kind, error.code.as_deref(), wire.heard().len()),
        (ErrorKind::BadToken, Some("40014"), 2)
    );
    assert!(!format!("{error} {error:?}").contains("TOKEN2"), "{error}");
}

#[tokio::test]
async fn wrong_credentials_are_told_once_and_not_hammered() {
    let wire = Wire::start([USER]).await;
    wire.token_says(Some(Say::Json(
        r#"{"errcode":40096,"errmsg":"不合法的appKey或appSecret s3cr3t+&="}"#,
    )));
    let session = wire.session();
    for _ in 0..5 {
        let error = session.user_get(&user("u")).await.expect_err("refused");
        assert_eq!((error.kind, error.api), (ErrorKind::BadCredentials, Api::GetToken));
        assert!(
            error.message.contains("appSecret") && !error.message.contains("s3cr3t"),
            "{error}"
        );
    }
    assert_eq!((wire.tokens_issued(), wire.heard().len()), (1, 0));
    tokio::time::sleep(Duration::from_millis(120)).await;
    wire.token_says(None);
    session.user_get(&user("u")).await.expect("mended");
}

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
async fn a_message_is_sent_byte_for_byte_and_its_task_told() {
    let wire = Wire::start([TASK]).await;
    assert_eq!(send(&wire).await.expect("a task"), 256_271_667_526);
    let body = r#"{"agent_id":836390886,"userid_list":"a,b","msg":{"msgtype":"text","text":{"content":"你好 1.0"}}}"#;
    assert_eq!(wire.heard()[0].1, body);
}

#[tokio::test]
async fn a_message_is_repeated_only_where_it_provably_did_not_arrive() {
    for refused in [THROTTLED, EXPIRED, Say::Json(r#"{"errcode":90002,"errmsg":"qps"}"#)] {
        let wire = Wire::start([refused, TASK]).await;
        send(&wire).await.expect("a task at the second attempt");
        assert_eq!(wire.heard().len(), 2);
    }
    for open in [
        BUSY,
        Say::Json(r#"{"errcode":15,"sub_code":"isp.top-remote-connection-timeout"}"#),
        Say::Json(r#"{"errcode":0,"task_id""#),
        Say::Json(r#"{"errcode":0}"#),
        Say::Text(502, "<html>Bad Gateway</html>"),
        Say::Slow(Duration::from_secs(2), "{}"),
        Say::Broken,
    ] {
        let wire = Wire::start([open, TASK]).await;
        let error = send(&wire).await.expect_err("nobody knows");
        assert_eq!(
            (error.kind, wire.heard().len()),
            (ErrorKind::OutcomeUnknown, 1),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_message_that_found_no_connection_or_no_token_was_not_sent() {
    let wire = Wire::start([TASK]).await;
    wire.token_says(Some(Say::Text(503, "")));
    assert_eq!(send(&wire).await.expect_err("no token").kind, ErrorKind::NotSent);
    assert!(wire.heard().is_empty());

    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("bound")
        .port();
    wire.token_says(None);
    let mut connection = wire.connection();
    connection.urls.insert(
        Api::AsyncSend,
        format!("http://127.0.0.1:{closed}/x").parse().expect("a URL"),
    );
    let session = wire.client(Clock::system()).with(Arc::new(connection));
    let error = session
        .async_send(&[user("a")], "{}")
        .await
        .expect_err("nobody listens");
    assert_eq!(error.kind, ErrorKind::NotSent);
    assert!(
        error.message.contains("asyncSendUrl") && !error.message.contains("TOKEN"),
        "{error}"
    );
}

#[tokio::test]
async fn what_would_reach_somebody_else_is_refused_before_it_is_sent() {
    let wire = Wire::start([TASK]).await;
    let session = wire.session();
    for (users, msg) in [
        (vec![], "{}"),
        (vec![user("a,b")], "{}"),
        (vec![user("")], "{}"),
        (vec![user("a"); 101], "{}"),
        (vec![user("a")], r#"{},"to_all_user":true"#),
        (vec![user("a")], r#"{}} "#),
    ] {
        assert_eq!(
            session.async_send(&users, msg).await.expect_err("refused").kind,
            ErrorKind::BadRequest
        );
    }
    assert!(wire.heard().is_empty());
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
        Say::Json(r#"{"errcode":0,"result":{"userid":"011505184066774889","exclusive_account_userid_list":[]}}"#),
    ])
    .await;
    let session = wire.session();
    assert_eq!(
        session.user_get_by_mobile("13800000000").await.expect("an answer"),
        None
    );
    assert_eq!(
        session.user_get_by_mobile("13800000000").await.expect("an answer"),
        Some(user("011505184066774889"))
    );
}
