//! Events over the stream, by a client that knows only the protocol text.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::support::{Platform, small, start};

type Socket = WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>;

async fn open(platform: &Platform, secret: &str, accept: &str) -> reqwest::Response {
    let body = json!({"clientId": small().app_key, "clientSecret": secret, "ua": "test/1",
        "subscriptions": [{"type": "EVENT", "topic": "*"}]});
    let url = format!("{}/v1.0/gateway/connections/open", platform.base);
    platform
        .http
        .post(url)
        .header("accept", accept)
        .json(&body)
        .send()
        .await
        .unwrap()
}

async fn address(platform: &Platform) -> String {
    let opened: Value = open(platform, &small().app_secret, "application/json")
        .await
        .json()
        .await
        .unwrap();
    format!(
        "{}?ticket={}",
        opened["endpoint"].as_str().unwrap(),
        opened["ticket"].as_str().unwrap()
    )
}

async fn connect(platform: &Platform) -> Socket {
    connect_async(address(platform).await).await.unwrap().0
}

/// The next frame with its data parsed, or `None` when the connection ends.
async fn next(socket: &mut Socket) -> Option<(Value, Value)> {
    loop {
        match timeout(Duration::from_secs(5), socket.next())
            .await
            .expect("a frame within five seconds")
        {
            Some(Ok(Message::Text(text))) => {
                let frame: Value = serde_json::from_str(&text).unwrap();
                let data = serde_json::from_str(frame["data"].as_str().unwrap()).unwrap();
                return Some((frame, data));
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            _ => return None,
        }
    }
}

async fn acknowledge(socket: &mut Socket, frame: &Value, code: u16, data: Value) {
    let headers = json!({"messageId": frame["headers"]["messageId"], "contentType": "application/json"});
    let answer = json!({"code": code, "message": "OK", "headers": headers, "data": data.to_string()});
    socket.send(Message::text(answer.to_string())).await.unwrap();
}

#[tokio::test]
async fn opening_needs_the_secret_and_answers_in_json_unless_xml_is_preferred() {
    let platform = start(small()).await;
    let refused = open(&platform, "wrong", "application/json").await;
    assert_eq!(refused.status(), 401);
    assert_eq!(refused.json::<Value>().await.unwrap()["code"], "authFailed");

    for (accept, is_xml) in [
        ("*/*", false),
        ("application/json", false),
        ("application/json, text/plain, */*", false),
        ("application/json;q=0.5, application/xml;q=0.4", false),
        ("application/json;q=0.4, application/xml;q=0.5", true),
        ("application/xml", true),
        ("text/xml, */*;q=0.1", true),
        ("application/json, application/xml", false),
    ] {
        let text = open(&platform, &small().app_secret, accept).await.text().await.unwrap();
        assert_eq!(text.contains("<ticket>"), is_xml, "{accept}: {text}");
    }

    let address = address(&platform).await;
    let _socket = connect_async(&address).await.unwrap();
    assert!(
        connect_async(&address).await.is_err(),
        "a ticket is good for one connection"
    );
}

#[tokio::test]
async fn an_event_comes_again_until_it_is_acknowledged_with_success() {
    let platform = start(small()).await;
    platform
        .control
        .set_events(json!({"redeliver_ms": [10, 10, 10], "ack_timeout_ms": 200}))
        .unwrap();
    let mut socket = connect(&platform).await;
    platform
        .control
        .edit(json!({"edit": "create_department", "parent_id": 1, "name": "新部门", "dept_id": 4711}))
        .unwrap();

    let (first, data) = next(&mut socket).await.unwrap();
    assert_eq!(
        (first["type"].clone(), first["headers"]["eventType"].clone()),
        (json!("EVENT"), json!("org_dept_create"))
    );
    assert_eq!(data["deptId"], json!([4711]));
    assert!(first["headers"]["eventBornTime"].is_string());

    acknowledge(&mut socket, &first, 200, json!({"status": "LATER"})).await;
    let (second, _) = next(&mut socket).await.unwrap();
    assert_eq!(second["headers"]["eventId"], first["headers"]["eventId"]);
    acknowledge(&mut socket, &second, 500, json!({})).await;
    let (third, _) = next(&mut socket).await.unwrap();
    // Not acknowledged at all.
    let (fourth, data) = next(&mut socket).await.unwrap();
    assert_eq!(fourth["headers"]["messageId"], third["headers"]["messageId"]);
    // The official Python SDK echoes the data instead of a status; that counts as success.
    acknowledge(&mut socket, &fourth, 200, data).await;

    let outcomes = || {
        let deliveries = platform.control.events(0)["deliveries"].take();
        deliveries
            .as_array()
            .unwrap()
            .iter()
            .map(|d| d["outcome"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    for _ in 0..100 {
        if outcomes().len() == 4 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(
        outcomes(),
        [
            "acknowledged with code 200",
            "acknowledged with code 500",
            "not acknowledged in time",
            "ok"
        ]
    );
}

#[tokio::test]
async fn the_server_pings_and_says_goodbye_before_it_closes() {
    let platform = start(small()).await;
    platform
        .control
        .set_events(json!({"ping_ms": 20, "close_after_ms": 100}))
        .unwrap();
    let mut socket = connect(&platform).await;

    let (ping, data) = next(&mut socket).await.unwrap();
    assert_eq!(
        (ping["type"].clone(), ping["headers"]["topic"].clone()),
        (json!("SYSTEM"), json!("ping"))
    );
    assert!(data["opaque"].is_string());
    acknowledge(&mut socket, &ping, 200, data).await;

    assert_eq!(platform.control.disconnect_streams(), json!({"told": 1}));
    let (mut frame, mut data) = next(&mut socket).await.unwrap();
    while frame["headers"]["topic"] == "ping" {
        (frame, data) = next(&mut socket).await.unwrap();
    }
    assert_eq!(frame["headers"]["topic"], "disconnect");
    assert!(data["reason"].is_string());
    assert!(next(&mut socket).await.is_none());
    assert_eq!(platform.control.events(0)["connections"], 0);
}

#[tokio::test]
async fn events_ignore_the_scope_and_a_cascade_is_one_event() {
    let platform = start(small()).await;
    let mut socket = connect(&platform).await;
    let make = |parent_id: i64, dept_id: i64| json!({"edit": "create_department", "parent_id": parent_id, "name": "新", "dept_id": dept_id});
    platform
        .control
        .edit(json!([make(1, 51), make(51, 52), make(52, 53)]))
        .unwrap();
    platform.control.set_scope(json!({"authed_dept": [52]})).unwrap();
    platform
        .control
        .edit(json!({"edit": "remove_department", "dept_id": 51}))
        .unwrap();

    for _ in 0..4 {
        let (frame, data) = next(&mut socket).await.unwrap();
        acknowledge(&mut socket, &frame, 200, json!({"status": "SUCCESS"})).await;
        if frame["headers"]["eventType"] == "org_dept_remove" {
            assert_eq!(data["deptId"], json!([51, 52, 53]));
        }
    }
}

#[tokio::test]
async fn a_close_is_answered_before_the_line_is_cut() {
    let platform = start(small()).await;
    let mut socket = connect(&platform).await;
    let frame = tokio_tungstenite::tungstenite::protocol::CloseFrame {
        code: tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode::Normal,
        reason: "done".into(),
    };

    socket.send(Message::Close(Some(frame.clone()))).await.unwrap();
    let answer = loop {
        match timeout(Duration::from_secs(5), socket.next()).await.expect("an answer") {
            Some(Ok(Message::Close(answer))) => break answer,
            Some(Ok(_)) => {}
            other => panic!("the line was cut without a word: {other:?}"),
        }
    };
    assert_eq!(answer.map(|it| it.code), Some(frame.code));
}
