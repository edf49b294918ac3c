//! Sending: once, or provably not.

use super::*;

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
        let kind = session.async_send(&users, msg).await.expect_err("refused").kind;
        assert!(
            matches!(kind, ErrorKind::BadRequest | ErrorKind::BadRecipient),
            "{kind:?}"
        );
    }
    assert!(wire.heard().is_empty());
}
