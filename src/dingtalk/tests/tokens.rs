//! Tokens: fetched once, renewed once, never shown.

use super::*;

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
