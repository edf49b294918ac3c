//! Tokens with times at the ends of what JSON can say: every transport says the same of them, and none of them is a
//! fault.

use serde_json::json;

use crate::edge_support::{TestServer, answer, code};

/// `exp` and other claims, and the words of the refusal; the server's clock begins at 1,800,000,000.
const TOKENS: [(&str, Option<&str>); 16] = [
    (r#""exp":1800000600"#, None),
    (r#""exp":1800000600.5"#, None),
    (r#""exp":1.8000006e9"#, None),
    (r#""exp":1800000600,"nbf":-8334601228800"#, None),
    (r#""exp":1799999999"#, None),
    (r#""exp":1799999000"#, Some("expired")),
    (r#""exp":8210266876799"#, Some("lives too long")),
    (r#""exp":1800000600000"#, Some("milliseconds")),
    (r#""exp":9223372036854775807"#, Some("lives too long")),
    (r#""exp":18446744073709551615"#, Some("lives too long")),
    (r#""exp":1e999"#, Some("lives too long")),
    (r#""exp":-9223372036854775808"#, Some("expired")),
    (r#""exp":"1800000600""#, Some("`exp` claim is wrong")),
    (r#""exp":null"#, Some("lacks the `exp` claim")),
    (r#""exp":1800000600,"nbf":8210266876799"#, Some("not valid yet")),
    (r#""exp":1800000600,"nbf":"soon""#, Some("`nbf` claim is wrong")),
];

#[tokio::test]
async fn http_events_and_websocket_agree_on_every_token() {
    let server = TestServer::start().await;
    for (claims, refused) in TOKENS {
        let token = server.token_with(claims);
        let query = json!({"query": "{ whoami }"});
        let (status, body) = answer(server.post(&query).bearer_auth(&token)).await;
        let events = server
            .client
            .post(server.url("/graphql"))
            .header("content-type", "application/json")
            .header("accept", "text/event-stream")
            .bearer_auth(&token)
            .body(json!({"query": "subscription { forever }"}).to_string());
        let events = events.send().await.unwrap().status().as_u16();
        let mut socket = server.socket().await;
        socket
            .say(json!({"type": "connection_init", "payload": {"token": token}}))
            .await;

        match refused {
            None => {
                assert_eq!((status, &body["data"]["whoami"]), (200, &json!("tester")), "{claims}");
                assert_eq!(events, 200, "{claims}");
                assert_eq!(socket.hear().await, json!({"type": "connection_ack"}), "{claims}");
            }
            Some(words) => {
                assert_eq!((status, code(&body)), (401, "UNAUTHENTICATED"), "{claims}");
                let message = body["errors"][0]["message"].as_str().unwrap();
                assert!(message.contains(words), "{claims}: {message}");
                assert_eq!(events, 401, "{claims}");
                assert_eq!(socket.closed().await.0, 4403, "{claims}");
            }
        }
    }
    server.still_answers().await;
}
