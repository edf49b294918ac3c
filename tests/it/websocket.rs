//! The points of the `graphql-transport-ws` protocol, and what keeps a connection from costing too much.

use std::time::Duration;

use dingmirror::http::{HttpConfig, WebSocketConfig};
use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::edge_support::{TestServer, answer};

async fn with(websocket: WebSocketConfig) -> TestServer {
    TestServer::with(HttpConfig {
        websocket,
        ..HttpConfig::default()
    })
    .await
}

#[tokio::test]
async fn another_subprotocol_is_closed_with_4406() {
    let server = TestServer::start().await;
    let mut none = server.socket_with(&[]).await.unwrap();
    assert_eq!(none.closed().await.0, 4406);
}

#[tokio::test]
async fn init_is_acknowledged() {
    TestServer::start().await.ready_socket().await;
}

#[tokio::test]
async fn a_second_init_is_closed_with_4429() {
    let server = TestServer::start().await;
    let mut socket = server.ready_socket().await;
    socket.say(json!({"type": "connection_init"})).await;
    assert_eq!(socket.closed().await.0, 4429);
}

#[tokio::test]
async fn without_init_it_is_closed_with_4408() {
    let server = with(WebSocketConfig {
        init_timeout: Duration::from_millis(50),
        ..WebSocketConfig::default()
    })
    .await;
    let mut socket = server.socket().await;
    assert_eq!(
        socket.closed().await,
        (4408, "Connection initialisation timeout".to_owned())
    );
}

#[tokio::test]
async fn subscribing_before_the_ack_is_closed_with_4401() {
    let server = TestServer::start().await;
    let mut socket = server.socket().await;
    socket.subscribe("1", "{ hello }").await;
    assert_eq!(socket.closed().await.0, 4401);
}

#[tokio::test]
async fn messages_outside_of_the_protocol_are_closed_with_4400() {
    let server = TestServer::start().await;
    for message in [
        Message::text("no JSON"),
        Message::text("[]"),
        Message::text("{}"),
        Message::text(json!({"type": "start", "id": "1"}).to_string()),
        Message::text(json!({"type": "subscribe", "payload": {"query": "{hello}"}}).to_string()),
        Message::text(json!({"type": "subscribe", "id": "1"}).to_string()),
        Message::text(json!({"type": "subscribe", "id": "1", "payload": {}}).to_string()),
        Message::text(json!({"type": "subscribe", "id": "1", "payload": {"query": 1}}).to_string()),
        Message::text(
            json!({"type": "subscribe", "id": "1", "payload": {"query": "{hello}", "variables": 1}}).to_string(),
        ),
        Message::text(json!({"type": "complete"}).to_string()),
        Message::binary(vec![1, 2, 3]),
    ] {
        let mut socket = server.ready_socket().await;
        socket.send(message.clone()).await;
        let (code, reason) = socket.closed().await;
        assert_eq!(code, 4400, "{message:?}");
        assert!(!reason.is_empty());
    }
    server.still_answers().await;
}

#[tokio::test]
async fn ping_is_answered_with_pong_and_pong_with_nothing() {
    let server = TestServer::start().await;
    let mut socket = server.socket().await;
    socket.say(json!({"type": "ping"})).await;
    assert_eq!(socket.hear().await, json!({"type": "pong"}));
    let mut socket = server.ready_socket().await;
    socket.say(json!({"type": "pong"})).await;
    socket.say(json!({"type": "ping", "payload": {"a": 1}})).await;
    assert_eq!(socket.hear().await, json!({"type": "pong", "payload": {"a": 1}}));
}

#[tokio::test]
async fn queries_mutations_and_subscriptions_run() {
    let server = TestServer::start().await;
    let mut socket = server.ready_socket().await;
    for (document, answers) in [
        ("{ hello }", vec![json!({"hello": "hello"})]),
        ("mutation { add(by: 2) }", vec![json!({"add": 2})]),
        (
            "subscription { ticks(count: 2) }",
            vec![json!({"ticks": 0}), json!({"ticks": 1})],
        ),
    ] {
        socket.subscribe("same", document).await;
        for data in answers {
            let next = json!({"id": "same", "type": "next", "payload": {"data": data}});
            assert_eq!(socket.hear().await, next, "{document}");
        }
        assert_eq!(
            socket.hear().await,
            json!({"id": "same", "type": "complete"}),
            "{document}"
        );
    }
}

#[tokio::test]
async fn a_failed_field_is_next_and_a_failed_request_is_error() {
    let server = TestServer::start().await;
    let mut socket = server.ready_socket().await;
    socket.subscribe("1", "{ nullable }").await;
    let next = socket.hear().await;
    assert_eq!(next["type"], "next");
    assert_eq!(next["payload"]["data"], json!({"nullable": null}));
    assert_eq!(socket.hear().await["type"], "complete");

    for (document, code) in [
        ("{ nowhere }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ hello", "GRAPHQL_PARSE_FAILED"),
        ("subscription { nowhere }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ panic }", "INTERNAL_ERROR"),
    ] {
        socket.subscribe("1", document).await;
        let error = socket.hear().await;
        assert_eq!(
            (&error["type"], &error["id"]),
            (&json!("error"), &json!("1")),
            "{document}"
        );
        assert_eq!(error["payload"][0]["extensions"]["code"], code, "{document}");
    }
    socket.subscribe("1", "{ hello }").await;
    assert_eq!(
        socket.hear().await["type"],
        "next",
        "an error frees the id, and no complete follows it"
    );
}

#[tokio::test]
async fn a_duplicate_id_is_closed_with_4409() {
    let server = TestServer::start().await;
    let mut socket = server.ready_socket().await;
    socket.subscribe("x", "subscription { forever }").await;
    socket.hear().await;
    socket.subscribe("x", "subscription { forever }").await;
    assert_eq!(
        socket.closed().await,
        (4409, "Subscriber for x already exists".to_owned())
    );
}

#[tokio::test]
async fn complete_stops_an_operation_and_frees_its_id() {
    let server = TestServer::start().await;
    let mut socket = server.ready_socket().await;
    for _ in 0..3 {
        socket.subscribe("x", "subscription { forever }").await;
        assert_eq!(socket.hear().await["payload"]["data"]["forever"], 1);
        socket.say(json!({"id": "x", "type": "complete"})).await;
    }
    socket.say(json!({"id": "nobody", "type": "complete"})).await;
    socket.say(json!({"type": "ping"})).await;
    assert_eq!(
        socket.hear().await,
        json!({"type": "pong"}),
        "a stopped operation says nothing more"
    );
}

#[tokio::test]
async fn a_panic_in_a_stream_ends_that_operation_only() {
    let server = TestServer::start().await;
    let mut socket = server.ready_socket().await;
    socket.subscribe("1", "subscription { broken }").await;
    assert_eq!(socket.hear().await["payload"]["data"]["broken"], 1);
    let error = socket.hear().await;
    assert_eq!(error["payload"][0]["extensions"]["code"], "INTERNAL_ERROR");
    assert!(error["payload"][0]["extensions"]["requestId"].is_string());
    socket.subscribe("1", "{ hello }").await;
    assert_eq!(socket.hear().await["type"], "next");
}

#[tokio::test]
async fn the_token_comes_with_init_or_the_upgrade_and_a_bad_one_is_closed_with_4403() {
    let server = TestServer::start().await;
    let token = server.token(Duration::from_secs(60));
    let bearer = format!("Bearer {token}");
    for payload in [
        json!({"authorization": bearer}),
        json!({"Authorization": bearer}),
        json!({"token": token}),
    ] {
        let mut socket = server.socket().await;
        socket.say(json!({"type": "connection_init", "payload": payload})).await;
        assert_eq!(socket.hear().await["type"], "connection_ack");
        socket.subscribe("1", "{ whoami }").await;
        assert_eq!(socket.hear().await["payload"]["data"]["whoami"], "tester");
    }

    let headers = [
        ("sec-websocket-protocol", "graphql-transport-ws"),
        ("authorization", bearer.as_str()),
    ];
    let mut socket = server.socket_with(&headers).await.unwrap();
    socket.say(json!({"type": "connection_init"})).await;
    socket.hear().await;
    socket.subscribe("1", "{ whoami }").await;
    assert_eq!(socket.hear().await["payload"]["data"]["whoami"], "tester");

    for wrong in ["Bearer nonsense", "Basic dXNlcjpwYXNz"] {
        let mut socket = server.socket().await;
        socket
            .say(json!({"type": "connection_init", "payload": {"authorization": wrong}}))
            .await;
        assert_eq!(socket.closed().await.0, 4403);
    }
}

#[tokio::test]
async fn the_end_of_the_token_closes_with_4403() {
    let server = TestServer::start().await;
    let mut socket = server.socket().await;
    // Over by its own words, and taken for another three seconds: the leeway is the same as over HTTP.
    let token = server.token_with(r#""exp":1799999973"#);
    let (status, _) = answer(server.post(&json!({"query": "{ whoami }"})).bearer_auth(&token)).await;
    assert_eq!(status, 200);
    socket
        .say(json!({"type": "connection_init", "payload": {"token": token}}))
        .await;
    assert_eq!(socket.hear().await, json!({"type": "connection_ack"}));
    socket.subscribe("1", "subscription { forever }").await;
    assert_eq!(socket.hear().await["type"], "next");
    assert_eq!(
        socket.closed().await,
        (4403, "Forbidden: the token has expired".to_owned())
    );
}

#[tokio::test]
async fn pages_of_other_origins_may_not_connect() {
    let server = TestServer::start().await;
    let own = format!("http://{}", server.address);
    for (origin, may) in [(own.as_str(), true), ("https://evil.example", false), ("null", false)] {
        let headers = [("sec-websocket-protocol", "graphql-transport-ws"), ("origin", origin)];
        match (server.socket_with(&headers).await, may) {
            (Ok(_), true) => {}
            (Err(Error::Http(response)), false) => assert_eq!(response.status(), 403),
            (outcome, _) => panic!("{origin}: {:?}", outcome.map(|_| ())),
        }
    }
}

#[tokio::test]
async fn the_server_pings_and_gives_up_on_a_client_that_is_gone() {
    let server = with(WebSocketConfig {
        ping: Duration::from_millis(40),
        ..WebSocketConfig::default()
    })
    .await;
    let mut socket = server.ready_socket().await;
    let frame = tokio::time::timeout(Duration::from_secs(10), socket.0.next())
        .await
        .unwrap();
    assert!(matches!(frame, Some(Ok(Message::Ping(_)))), "{frame:?}");

    // Whoever doesn't read answers no pings.
    tokio::time::sleep(Duration::from_millis(400)).await;
    let end = tokio::time::timeout(Duration::from_secs(10), async {
        while let Some(Ok(frame)) = socket.0.next().await {
            if matches!(frame, Message::Close(_)) {
                break;
            }
        }
    });
    end.await.expect("the server ends it");
}

#[tokio::test]
async fn operations_are_bounded_per_connection_and_more_so_without_a_token() {
    let server = TestServer::start().await;
    let token = server.token(Duration::from_secs(600));
    for (payload, operations) in [(json!({ "token": token }), 50), (json!({}), 5)] {
        let mut socket = server.socket().await;
        socket.say(json!({"type": "connection_init", "payload": payload})).await;
        assert_eq!(socket.hear().await["type"], "connection_ack");
        for n in 0..operations {
            socket.subscribe(&n.to_string(), "subscription { forever }").await;
            assert_eq!(socket.hear().await["type"], "next");
        }

        socket.subscribe("one more", "subscription { forever }").await;
        let error = socket.hear().await;
        assert_eq!((&error["type"], &error["id"]), (&json!("error"), &json!("one more")));
        assert_eq!(error["payload"][0]["extensions"]["code"], "LIMIT_EXCEEDED");
        socket.say(json!({"id": "3", "type": "complete"})).await;
        socket.subscribe("one more", "{ hello }").await;
        assert_eq!(socket.hear().await["type"], "next");
    }
}

#[tokio::test]
async fn without_a_token_a_connection_on_which_nothing_runs_is_closed_whatever_it_answers_to_pings() {
    let server = with(WebSocketConfig {
        init_timeout: Duration::from_millis(600),
        ping: Duration::from_millis(250),
        ..WebSocketConfig::default()
    })
    .await;
    let mut socket = server.ready_socket().await;
    assert_eq!(socket.closed().await.0, 4403);

    // With one it stays.
    let mut socket = server.socket().await;
    let token = server.token(Duration::from_secs(600));
    socket
        .say(json!({"type": "connection_init", "payload": {"token": token}}))
        .await;
    assert_eq!(socket.hear().await["type"], "connection_ack");
    assert!(
        tokio::time::timeout(Duration::from_millis(1_500), socket.frame())
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_message_over_64_kb_is_closed_with_1009() {
    let server = TestServer::start().await;
    for bytes in [70_000, 900_000] {
        let mut socket = server.ready_socket().await;
        socket
            .subscribe("1", &format!("{{ hello }} #{}", "x".repeat(bytes)))
            .await;
        assert_eq!(socket.closed().await.0, 1009);
    }
    // Beyond what the transport reads the client may find the connection gone.
    let mut socket = server.ready_socket().await;
    let _ = socket.0.send(Message::text("x".repeat(20_000_000))).await;
    server.still_answers().await;
}

#[tokio::test]
async fn shutdown_closes_with_1012() {
    let server = TestServer::start().await;
    let mut socket = server.ready_socket().await;
    socket.subscribe("1", "subscription { forever }").await;
    socket.hear().await;
    server.shutdown.cancel();
    assert_eq!(socket.closed().await.0, 1012);
}

#[tokio::test]
async fn a_client_that_reads_too_slowly_is_told_and_dropped() {
    let server = with(WebSocketConfig {
        queue: 4,
        patience: Duration::from_millis(100),
        ..WebSocketConfig::default()
    })
    .await;
    let mut told = None;
    // On a busy machine the system's buffers may not be full in time, and once they are read from they never are.
    for _ in 0..10 {
        let mut socket = server.ready_socket().await;
        socket.subscribe("1", "subscription { flood }").await;
        // The system's buffers fill, then the queue.
        tokio::time::sleep(Duration::from_millis(600)).await;
        told = tokio::time::timeout(Duration::from_secs(3), socket.closed()).await.ok();
        if told.is_some() {
            break;
        }
    }
    assert_eq!(told.map(|(code, _)| code), Some(4008));
    server.still_answers().await;
}

#[tokio::test]
async fn a_plain_get_is_told_to_upgrade() {
    let server = TestServer::start().await;
    let response = server.client.get(server.url("/graphql/ws")).send().await.unwrap();
    assert_eq!(response.status(), 426);
    assert_eq!(response.headers()["upgrade"], "websocket");
}

/// RFC 6455, 7.4.1: 1002 for what is no WebSocket, 1007 for text that is no UTF-8, 1009 for too much.
#[tokio::test]
async fn what_is_no_websocket_is_told_as_that() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let server = TestServer::start().await;
    let masked = |first: u8, length: u8, payload: &[u8]| {
        let mut frame = vec![first, 0x80 | length, 0, 0, 0, 0];
        frame.extend_from_slice(payload);
        frame
    };
    for (what, frame, code) in [
        ("an unmasked frame", vec![0x81, 2, b'{', b'}'], 1002_u16),
        ("a reserved bit", masked(0xC1, 2, b"{}"), 1002),
        ("a reserved opcode", masked(0x83, 2, b"{}"), 1002),
        ("a fragmented ping", masked(0x09, 2, b"{}"), 1002),
        (
            "a long ping",
            [vec![0x89, 0xFE, 0, 126, 0, 0, 0, 0], vec![b'x'; 126]].concat(),
            1002,
        ),
        ("no UTF-8", masked(0x81, 2, b"\xff\xfe"), 1007),
        (
            "too much",
            [vec![0x81, 0xFF, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 0]].concat(),
            1009,
        ),
    ] {
        let mut stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
        let head = format!(
            "GET /graphql/ws HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n",
            server.address
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(stream.read_u8().await.unwrap());
        }
        stream.write_all(&frame).await.unwrap();
        let mut head = [0_u8; 4];
        let read = tokio::time::timeout(Duration::from_secs(20), stream.read_exact(&mut head)).await;
        read.expect("the server says nothing").unwrap();
        assert_eq!(head[0], 0x88, "{what} gets a close frame");
        assert_eq!(u16::from_be_bytes([head[2], head[3]]), code, "{what}");
    }
    server.still_answers().await;
}

#[tokio::test]
async fn a_token_that_is_no_text_is_refused() {
    let server = TestServer::start().await;
    for payload in [
        json!({"authorization": 5}),
        json!({"Authorization": ["Bearer x"]}),
        json!({"token": {"a": 1}}),
        json!({"authorization": true, "token": "x"}),
    ] {
        let mut socket = server.socket().await;
        socket.say(json!({"type": "connection_init", "payload": payload})).await;
        let (code, reason) = socket.closed().await;
        assert_eq!(code, 4403, "{payload}");
        assert!(reason.contains("text"), "{reason}");
    }

    for payload in [
        json!({"authorization": null}),
        json!({"token": ""}),
        json!({"other": 5}),
    ] {
        let mut socket = server.socket().await;
        socket.say(json!({"type": "connection_init", "payload": payload})).await;
        assert_eq!(socket.hear().await, json!({"type": "connection_ack"}));
    }
}

/// 6.2.3.1: a source that can't be opened is a request error; one that breaks ends the subscription with it.
#[tokio::test]
async fn a_source_that_fails_ends_its_subscription_with_an_error() {
    let server = TestServer::start().await;
    let mut socket = server.ready_socket().await;
    for (document, before) in [("subscription { closed }", 0), ("subscription { failing }", 1)] {
        socket.subscribe("1", document).await;
        for _ in 0..before {
            assert_eq!(socket.hear().await["type"], "next", "{document}");
        }
        let error = socket.hear().await;
        assert_eq!(error["type"], "error", "{document}: {error}");
        assert_eq!(error["payload"][0]["extensions"]["code"], "UPSTREAM_FAILED", "{error}");
        assert!(error["payload"][0].get("path").is_none(), "{error}");
    }
    // The id is free again, and nothing follows.
    socket.subscribe("1", "{ hello }").await;
    assert_eq!(socket.hear().await["payload"], json!({"data": {"hello": "hello"}}));
}
