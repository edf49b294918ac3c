//! Whoever shows many tokens that are refused is told to wait, and a good one is taken all the while.

use std::time::Duration;

use dingmirror::http::HttpConfig;
use serde_json::json;

use crate::edge_support::{TestServer, answer, code};

const MOST: u32 = 5;

async fn server() -> TestServer {
    TestServer::with(HttpConfig {
        refusals_a_minute: MOST,
        ..HttpConfig::default()
    })
    .await
}

#[tokio::test]
async fn beyond_so_many_refusals_a_bad_token_is_told_to_wait_and_a_good_one_is_taken() {
    let server = server().await;
    let query = json!({ "query": "{ whoami }" });
    let good = server.token(Duration::from_secs(600));
    let bad = format!("{}x", &good[..good.len() - 1]);
    let key = format!("dm_{}_{}", "0".repeat(32), "0".repeat(64));

    for number in 0..MOST {
        let shown = if number % 2 == 0 { &bad } else { &key };
        let (status, body) = answer(server.post(&query).bearer_auth(shown)).await;
        assert_eq!((status, code(&body)), (401, "UNAUTHENTICATED"), "{body}");
    }
    for shown in [&bad, &key] {
        let response = server.post(&query).bearer_auth(shown).send().await.unwrap();
        assert_eq!(response.status(), 429);
        assert!(!response.headers().contains_key("www-authenticate"));
        let wait = response.headers()["retry-after"]
            .to_str()
            .unwrap()
            .parse::<u64>()
            .unwrap();
        assert!((1..=60).contains(&wait), "{wait}");
        let body: serde_json::Value = response.json().await.unwrap();
        assert_eq!(code(&body), "RATE_LIMITED", "{body}");
    }

    // Over the other transports, too.
    let events = server
        .post(&query)
        .header("accept", "text/event-stream")
        .bearer_auth(&bad);
    assert_eq!(events.send().await.unwrap().status(), 429);
    let mut socket = server.socket().await;
    socket
        .say(json!({ "type": "connection_init", "payload": { "token": bad } }))
        .await;
    let (code_of_socket, reason) = socket.closed().await;
    assert_eq!(code_of_socket, 4403);
    assert!(reason.contains("wait"), "{reason}");

    // Who has a good token, or none, or one whose time is over, hears what they always do.
    for _ in 0..3 {
        let (status, body) = answer(server.post(&query).bearer_auth(&good)).await;
        assert_eq!((status, &body["data"]["whoami"]), (200, &json!("tester")));
    }
    let over = server.token_with(r#""exp":1799999000"#);
    let (status, body) = answer(server.post(&query).bearer_auth(&over)).await;
    assert_eq!((status, code(&body)), (401, "UNAUTHENTICATED"), "{body}");
    server.still_answers().await;
}

#[tokio::test]
async fn tokens_whose_time_is_over_are_nobodys_guesses() {
    let server = server().await;
    let query = json!({ "query": "{ whoami }" });
    let over = server.token_with(r#""exp":1799999000"#);
    for _ in 0..MOST * 3 {
        let (status, body) = answer(server.post(&query).bearer_auth(&over)).await;
        assert_eq!((status, code(&body)), (401, "UNAUTHENTICATED"), "{body}");
    }
}
