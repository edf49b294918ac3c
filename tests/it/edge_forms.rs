//! What a web page of somebody else could make a browser send, and what else may change nothing.

use serde_json::json;

use crate::edge_support::{TestServer, answer, code};

const ADD: &str = "mutation { add(by: 1) }";

async fn count(server: &TestServer) -> i64 {
    let (_, body) = server.query("mutation { add(by: 0) }").await;
    body["data"]["add"].as_i64().unwrap()
}

#[tokio::test]
async fn forms_and_simple_requests_run_nothing() {
    let server = TestServer::start().await;
    let body = json!({ "query": ADD }).to_string();
    let multipart = format!(
        "--x\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n{body}\r\n--x\r\n\
         Content-Disposition: form-data; name=\"map\"\r\n\r\n{{}}\r\n--x--\r\n"
    );
    let form = format!(
        "query={}",
        url::form_urlencoded::byte_serialize(ADD.as_bytes()).collect::<String>()
    );

    for (content_type, body) in [
        (Some("text/plain"), body.clone()),
        (Some("text/plain;charset=UTF-8"), body.clone()),
        (Some("application/x-www-form-urlencoded"), body.clone()),
        (Some("application/x-www-form-urlencoded"), form),
        (Some("multipart/form-data; boundary=x"), multipart),
        (Some("application/graphql"), ADD.to_owned()),
        (Some("application/jsonp"), body.clone()),
        (Some("application/json; charset=utf-16"), body.clone()),
        (Some("text/plain, application/json"), body.clone()),
        (Some(""), body.clone()),
        (None, body.clone()),
    ] {
        let mut request = server.client.post(server.url("/graphql")).body(body);
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        let (status, answer) = answer(request).await;
        assert_eq!(
            (status, code(&answer)),
            (415, "BAD_REQUEST"),
            "{content_type:?}: {answer}"
        );
    }

    let (status, _) = answer(
        server
            .client
            .post(server.url("/graphql"))
            .header("content-type", "Application/JSON ; charset=\"UTF-8\"")
            .body(json!({"query": "{ hello }"}).to_string()),
    )
    .await;
    assert_eq!(status, 200);
    assert_eq!(count(&server).await, 0);
}

#[tokio::test]
async fn a_get_reads_and_never_changes() {
    let server = TestServer::start().await;
    let get = |pairs: &[(&str, &str)]| {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        server.client.get(server.url(&format!("/graphql?{query}")))
    };

    let response = get(&[("query", ADD)]).send().await.unwrap();
    assert_eq!(response.status(), 405);
    assert_eq!(response.headers()["allow"], "POST");
    let both = "query Read { hello } mutation Change { add(by: 1) }";
    assert_eq!(
        answer(get(&[("query", both), ("operationName", "Change")])).await.0,
        405
    );
    let events = get(&[("query", ADD)])
        .header("accept", "text/event-stream")
        .send()
        .await
        .unwrap();
    assert_eq!(events.status(), 405);

    let (status, body) = answer(get(&[("query", both), ("operationName", "Read")])).await;
    assert_eq!((status, body), (200, json!({"data": {"hello": "hello"}})));
    let (status, body) = answer(get(&[
        ("query", "query($text: String!) { echo(text: $text) }"),
        ("variables", r#"{"text":"é"}"#),
    ]))
    .await;
    assert_eq!((status, body), (200, json!({"data": {"echo": "é"}})));
    let (status, body) = answer(get(&[("query", "{ hello }"), ("variables", "{")])).await;
    assert_eq!((status, code(&body)), (400, "BAD_REQUEST"));
    assert_eq!(count(&server).await, 0);
}

#[tokio::test]
async fn batches_are_refused_in_words() {
    let server = TestServer::start().await;
    let batch: Vec<_> = (0..10).map(|_| json!({ "query": ADD })).collect();
    let (status, body) = answer(server.post(&json!(batch))).await;
    assert_eq!((status, code(&body)), (400, "BAD_REQUEST"));
    assert!(body["errors"][0]["message"].as_str().unwrap().contains("batch"));
    assert_eq!(count(&server).await, 0);
}

#[tokio::test]
async fn only_listed_origins_are_let_in() {
    let server = TestServer::with(dingmirror::http::HttpConfig {
        allowed_origins: vec!["https://wiki.example.com".to_owned()],
        ..Default::default()
    })
    .await;

    for (origin, let_in) in [("https://wiki.example.com", true), ("https://evil.example", false)] {
        let preflight = server
            .client
            .request(reqwest::Method::OPTIONS, server.url("/graphql"))
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .send()
            .await
            .unwrap();
        assert_eq!(
            preflight.headers().contains_key("access-control-allow-origin"),
            let_in,
            "{origin}"
        );
        assert_eq!(
            preflight.headers().contains_key("access-control-allow-headers"),
            let_in,
            "{origin}"
        );
        if let_in {
            let said = |name: &str| {
                preflight
                    .headers()
                    .get(name)
                    .map(|it| it.to_str().unwrap().to_lowercase())
            };
            assert_eq!(preflight.status(), 204);
            assert_eq!(said("access-control-allow-origin").as_deref(), Some(origin));
            assert_eq!(said("access-control-allow-methods").as_deref(), Some("get,post"));
            assert_eq!(said("access-control-max-age").as_deref(), Some("600"));
            assert_eq!(said("access-control-allow-credentials"), None);
            let headers = said("access-control-allow-headers").unwrap();
            for header in [
                "authorization",
                "content-type",
                "graphql-require-preflight",
                "x-request-id",
            ] {
                assert!(headers.split(',').any(|it| it.trim() == header), "{headers}");
            }
        }

        let call = server
            .post(&json!({"query": "{ hello }"}))
            .header("origin", origin)
            .send()
            .await
            .unwrap();
        assert_eq!(call.status(), 200);
        assert_eq!(
            call.headers().contains_key("access-control-allow-origin"),
            let_in,
            "{origin}"
        );
        assert_eq!(
            call.headers().contains_key("access-control-expose-headers"),
            let_in,
            "{origin}"
        );
        // A cache keeps answers apart by origin, and not by what preflights alone say.
        let varies = call.headers().get_all("vary").iter();
        let varies: Vec<_> = varies.flat_map(|it| it.to_str().unwrap().split(", ")).collect();
        assert_eq!(varies.contains(&"origin"), let_in, "{varies:?}");
        assert!(!varies.contains(&"access-control-request-method"), "{varies:?}");
    }
}
