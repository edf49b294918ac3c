//! What codes do to the calls beside the one that met them, and opening a stream.

use super::*;
use crate::dingtalk::class::Class;

#[tokio::test]
async fn a_throttle_rests_what_dingtalk_counts_together() {
    for (code, others_rest) in [("90018", false), ("90004", true), ("90001", true), ("45009", false)] {
        let body: &'static str = Box::leak(format!(r#"{{"errcode":88,"sub_code":"{code}"}}"#).into_boxed_str());
        let wire = Wire::start([Say::Json(body), USER]).await;
        let client = wire.client(Clock::system());
        let session = client.with(Arc::new(wire.connection()));
        session.user_get(&user("u")).await.expect("at last");
        let full = client.rate(Api::GetToken).max(client.rate(Api::AuthScopes)).max(1000.0);
        assert!(client.rate(Api::UserGet) < full, "{code}");
        assert_eq!(client.rate(Api::DepartmentGet) < full, others_rest, "{code}");
    }
}

#[tokio::test]
async fn opening_a_stream_is_judged_by_the_code_and_tells_dingtalks_words() {
    use ErrorKind::*;
    for (status, body, kind, hint) in [
        (
            401,
            r#"{"code":"authFailed","message":"鉴权失败"}"#,
            BadCredentials,
            "鉴权失败",
        ),
        (
            400,
            r#"{"code":"app.notPublished","message":"应用未发布"}"#,
            Refused,
            "publish a version",
        ),
        (
            403,
            r#"{"code":"Forbidden.AccessDenied.QpsLimitForAppkeyAndApi","message":"qps"}"#,
            Throttled,
            "throttles",
        ),
        (
            403,
            r#"{"code":"Forbidden.AccessDenied.IpNotInWhiteList","message":"ip"}"#,
            IpNotAllowed,
            "服务器出口IP",
        ),
        (
            403,
            r#"{"code":"Forbidden.AccessDenied.AccessTokenPermissionDenied","message":"{requiredScopes=[qyapi_x]}"}"#,
            MissingPermission,
            "qyapi_x",
        ),
        (
            403,
            r#"{"code":"Forbidden.AccessDenied.ApiCountLimitForOrg","message":"quota"}"#,
            QuotaExhausted,
            "quota",
        ),
        (503, r#"{"code":"serviceBusy","message":"busy"}"#, Unavailable, "busy"),
        (
            403,
            r#"{"code":"some.new.word","message":"new words"}"#,
            UnknownCode,
            "new words",
        ),
        (403, "<html>x5</html>", Banned, "firewall"),
        (403, "<html><center>nginx</center>", WrongUrl, "proxy in between"),
        (200, r#"{"status":1111,"wait":5,"punish":"deny"}"#, Banned, "firewall"),
        (200, "{}", Undecodable, "no endpoint"),
        // The old API's form, which a gateway in front of both uses for either.
        (
            200,
            r#"{"errcode":404,"errmsg":"请求的URI地址不存在"}"#,
            WrongUrl,
            "请求的URI地址不存在",
        ),
        (
            200,
            r#"{"errcode":88,"sub_code":"90018","sub_msg":"qps"}"#,
            Throttled,
            "throttles",
        ),
        (
            200,
            r#"{"errcode":88,"sub_code":"60020","sub_msg":"访问ip不在白名单之中"}"#,
            IpNotAllowed,
            "服务器出口IP",
        ),
        (200, r#"{"errcode":-1,"errmsg":"系统繁忙"}"#, Unavailable, "系统繁忙"),
    ] {
        let wire = Wire::start([Say::Text(status, body)]).await;
        let Err(error) = wire.session().stream_open().await else {
            panic!("it was opened: {body}")
        };

        assert_eq!(error.kind, kind, "{body}");
        assert!(error.message.contains(hint), "{error}");
        assert_eq!(
            error.retry_after.is_some(),
            matches!(error.class(), Class::Throttled | Class::Banned),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_ban_that_one_kind_of_call_meets_is_every_kinds() {
    let page = Say::Text(403, "<html>x5</html>");
    let wire = Wire::start([page.clone(), USER]).await;
    let session = wire.session();
    assert_eq!(get_user_by(&session).await, Some(ErrorKind::Banned));
    let opened = session.stream_open().await.err().map(|error| error.kind);
    assert_eq!((opened, wire.heard().len()), (Some(ErrorKind::Banned), 1));

    let wire = Wire::start([page, USER]).await;
    let session = wire.session();
    assert!(session.stream_open().await.is_err());
    assert_eq!(get_user_by(&session).await, Some(ErrorKind::Banned));
    assert_eq!(wire.heard().len(), 1, "nothing is asked during the ban");
}

async fn get_user_by(session: &Session) -> Option<ErrorKind> {
    session.user_get(&user("u")).await.err().map(|error| error.kind)
}

#[tokio::test]
async fn whatever_gettoken_says_its_words_are_told_and_nothing_was_sent() {
    for (body, kind) in [
        (
            r#"{"errcode":40035,"errmsg":"缺少参数 corpid or appkey"}"#,
            ErrorKind::NoToken,
        ),
        (
            r#"{"errcode":987654,"errmsg":"缺少参数 corpid or appkey"}"#,
            ErrorKind::NoToken,
        ),
        (
            r#"{"code":"new.word","message":"缺少参数 corpid or appkey"}"#,
            ErrorKind::NoToken,
        ),
        (
            r#"{"errcode":50005,"errmsg":"缺少参数 corpid or appkey"}"#,
            ErrorKind::Refused,
        ),
        (
            r#"{"errcode":40014,"errmsg":"缺少参数 corpid or appkey"}"#,
            ErrorKind::BadCredentials,
        ),
        (
            r#"{"errcode":-1,"errmsg":"缺少参数 corpid or appkey"}"#,
            ErrorKind::NotSent,
        ),
    ] {
        let wire = Wire::start([TASK]).await;
        wire.token_says(Some(Say::Json(body)));
        let error = send(&wire).await.expect_err("no token");

        assert_eq!((error.kind, error.api), (kind, Api::GetToken), "{body}");
        assert!(error.message.contains("缺少参数"), "{error}");
        assert!(wire.heard().is_empty());
    }
}
