//! Subscriptions as server-sent events.

use std::time::Duration;

use dingmirror::http::HttpConfig;
use serde_json::json;

use crate::edge_support::TestServer;

fn subscribe(server: &TestServer, document: &str) -> reqwest::RequestBuilder {
    server
        .post(&json!({ "query": document }))
        .header("accept", "text/event-stream")
}

fn events(server: &TestServer, document: &str) -> reqwest::RequestBuilder {
    server
        .client
        .post(server.url("/graphql"))
        .header("content-type", "application/json")
        .header("accept", "text/event-stream")
        .body(json!({ "query": document }).to_string())
}

#[tokio::test]
async fn a_subscription_arrives_as_events_and_ends_with_complete() {
    let server = TestServer::start().await;
    let response = events(&server, "subscription { ticks(count: 2) }")
        .send()
        .await
        .unwrap();

    assert_eq!(response.status(), 200);
    assert!(
        response.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/event-stream")
    );
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert_eq!(
        response.text().await.unwrap(),
        "event: next\ndata: {\"data\":{\"ticks\":0}}\n\nevent: next\ndata: {\"data\":{\"ticks\":1}}\n\n\
         event: complete\ndata: \n\n"
    );
}

#[tokio::test]
async fn queries_refusals_and_faults_are_events_too() {
    let server = TestServer::start().await;
    let text = |document: &'static str| {
        let request = events(&server, document);
        async move { request.send().await.unwrap().text().await.unwrap() }
    };

    assert!(
        text("{ hello }")
            .await
            .starts_with("event: next\ndata: {\"data\":{\"hello\":\"hello\"}}\n\nevent: complete")
    );
    for (document, code) in [
        ("{ nowhere }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ hello", "GRAPHQL_PARSE_FAILED"),
        ("subscription { broken }", "INTERNAL_ERROR"),
    ] {
        let answer = text(document).await;
        assert!(
            answer.contains(code) && answer.contains("event: complete"),
            "{document}: {answer}"
        );
    }

    let accepts_both = subscribe(&server, "{ hello }")
        .header("accept", "application/json;q=0.5")
        .send()
        .await
        .unwrap();
    assert_eq!(accepts_both.status(), 200);
    server.still_answers().await;
}

#[tokio::test]
async fn a_silent_stream_says_that_it_lives_and_ends_with_the_token_or_the_server() {
    let server = TestServer::with(HttpConfig {
        event_keep_alive: Duration::from_millis(20),
        ..HttpConfig::default()
    })
    .await;

    // Over by its own words; the leeway is the same as over HTTP and WebSocket.
    let token = server.token_with(r#""exp":1799999973"#);
    let expiring = events(&server, "subscription { forever }").bearer_auth(token).send();
    let text = expiring.await.unwrap().text().await.unwrap();
    assert!(text.contains("\n:\n") || text.contains("\n: \n"), "{text}");
    assert!(
        text.contains("UNAUTHENTICATED") && text.contains("event: complete"),
        "{text}"
    );

    let open = events(&server, "subscription { forever }").send().await.unwrap();
    server.shutdown.cancel();
    let text = tokio::time::timeout(Duration::from_secs(10), open.text())
        .await
        .unwrap()
        .unwrap();
    assert!(!text.contains("complete"), "clients shall come back: {text}");
}

#[tokio::test]
async fn without_an_event_stream_a_subscription_is_refused_in_words() {
    let server = TestServer::start().await;
    let (status, body) = server.query("subscription { ticks(count: 1) }").await;
    assert_eq!(status, 400);
    assert!(body["errors"][0]["message"].as_str().unwrap().contains("/graphql/ws"));
}

#[tokio::test]
async fn a_source_that_fails_is_an_error_without_data() {
    let server = TestServer::start().await;
    for document in ["subscription { closed }", "subscription { failing }"] {
        let text = events(&server, document).send().await.unwrap().text().await.unwrap();
        assert!(text.contains("UPSTREAM_FAILED") && !text.contains("null"), "{text}");
        assert!(text.ends_with("event: complete\ndata: \n\n"), "{text}");
    }
}
