//! GraphQL over HTTP: media types, status codes, parameters, tokens, faults.

use std::time::Duration;

use dingmirror::http::HttpConfig;
use serde_json::{Value, json};

use crate::edge_support::{GRAPHQL, TestServer, answer, code};

const JSON: &str = "application/json";

async fn ask(server: &TestServer, accept: &str, body: &str) -> (u16, Value) {
    answer(
        server
            .client
            .post(server.url("/graphql"))
            .header("content-type", JSON)
            .header("accept", accept)
            .body(body.to_owned()),
    )
    .await
}

/// The body, the status for the new media type, the status for JSON, the code.
const STATUS: [(&str, u16, u16, &str); 16] = [
    (r#"{"query":"{ hello }"}"#, 200, 200, ""),
    (r#"{"query":"{ nullable }"}"#, 200, 200, "UPSTREAM_FAILED"),
    (r#"{"query":"{ required }"}"#, 200, 200, "UPSTREAM_FAILED"),
    (r#"{"query":"{ bareFailure }"}"#, 200, 200, "BAD_USER_INPUT"),
    (r#"{"query":"{ hello"}"#, 400, 200, "GRAPHQL_PARSE_FAILED"),
    (r#"{"query":"{ nowhere }"}"#, 422, 200, "GRAPHQL_VALIDATION_FAILED"),
    (
        r#"{"query":"{ hello }","operationName":"Q"}"#,
        422,
        200,
        "GRAPHQL_VALIDATION_FAILED",
    ),
    (
        r#"{"query":"query Q($t:String!){ echo(text:$t) }"}"#,
        422,
        200,
        "BAD_USER_INPUT",
    ),
    (
        r#"{"query":"query Q($t:String!){ echo(text:$t) }","variables":{"t":1}}"#,
        422,
        200,
        "BAD_USER_INPUT",
    ),
    (r#"{"query":"{ panic }"}"#, 500, 500, "INTERNAL_ERROR"),
    (r#"{"query":"#, 400, 400, "BAD_REQUEST"),
    (r#"{"qeury":"{ hello }"}"#, 400, 400, "BAD_REQUEST"),
    (r#"{"query":{"a":1}}"#, 400, 400, "BAD_REQUEST"),
    (r#"{"query":"{ hello }","variables":"x"}"#, 400, 400, "BAD_REQUEST"),
    (r#"{"query":"{ hello }","extensions":[]}"#, 400, 400, "BAD_REQUEST"),
    (
        r#"{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"00"}}}"#,
        200,
        200,
        "PERSISTED_QUERY_NOT_FOUND",
    ),
];

#[tokio::test]
async fn the_status_tells_what_happened_and_old_clients_get_200_for_what_they_can_read() {
    let server = TestServer::start().await;
    for (body, new, old, expected) in STATUS {
        for (accept, status) in [(GRAPHQL, new), (JSON, old), ("*/*", old)] {
            let (found, answer) = ask(&server, accept, body).await;
            assert_eq!((found, code(&answer)), (status, expected), "{accept} {body}: {answer}");
            let ran = answer["errors"].is_null() || answer["errors"][0]["path"].is_array();
            assert_eq!(
                answer.as_object().unwrap().contains_key("data"),
                ran,
                "{accept} {body}: {answer}"
            );
        }
    }

    let (_, missing) = ask(&server, JSON, STATUS[15].0).await;
    assert_eq!(
        missing["errors"][0]["message"], "PersistedQueryNotFound",
        "Apollo's clients look for these very words"
    );
    server.still_answers().await;
}

#[tokio::test]
async fn the_media_type_is_negotiated_and_named_with_its_charset() {
    let server = TestServer::start().await;
    for (accept, kind) in [
        (None, "application/json; charset=utf-8"),
        (Some("*/*"), "application/json; charset=utf-8"),
        (Some(GRAPHQL), "application/graphql-response+json; charset=utf-8"),
        (
            Some("application/graphql-response+json, application/json;q=0.9"),
            "application/graphql-response+json; charset=utf-8",
        ),
        (
            Some("application/graphql-response+json;q=0.1, application/json;q=0.9"),
            "application/json; charset=utf-8",
        ),
    ] {
        let mut request = server
            .client
            .post(server.url("/graphql"))
            .header("content-type", JSON)
            .body(r#"{"query":"{ hello }"}"#);
        if let Some(accept) = accept {
            request = request.header("accept", accept);
        }
        let response = request.send().await.unwrap();
        let headers = response.headers();
        assert_eq!(headers["content-type"], kind, "{accept:?}");
        assert_eq!(headers["cache-control"], "no-store");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        let vary: Vec<_> = headers.get_all("vary").iter().map(|v| v.to_str().unwrap()).collect();
        assert!(vary.join(",").contains("accept"), "{vary:?}");
    }

    let (status, body) = ask(&server, "text/html", r#"{"query":"{ hello }"}"#).await;
    assert_eq!((status, code(&body)), (406, "BAD_REQUEST"));
}

#[tokio::test]
async fn other_methods_are_told_which_ones_there_are() {
    let server = TestServer::start().await;
    let response = server.client.put(server.url("/graphql")).send().await.unwrap();
    assert_eq!(response.status(), 405);
    let allow = response.headers()["allow"].to_str().unwrap();
    assert!(allow.contains("GET") && allow.contains("POST"), "{allow}");

    let options = server
        .client
        .request(reqwest::Method::OPTIONS, server.url("/graphql"))
        .send()
        .await
        .unwrap();
    assert_eq!(options.status(), 204);
    let head = server
        .client
        .head(server.url("/graphql?query=%7Bhello%7D"))
        .send()
        .await
        .unwrap();
    assert_eq!(head.status(), 200);

    let look = server
        .client
        .get(server.url("/graphql"))
        .header("accept", "text/html,*/*;q=0.8")
        .send()
        .await
        .unwrap();
    assert_eq!(
        (look.status().as_u16(), &look.headers()["location"]),
        (303, &"/graphiql".parse().unwrap())
    );

    let (status, body) = answer(server.client.get(server.url("/nowhere"))).await;
    assert_eq!((status, code(&body)), (404, "NOT_FOUND"));
}

#[tokio::test]
async fn a_token_tells_who_calls_and_a_bad_one_is_refused_with_a_challenge() {
    let server = TestServer::start().await;
    let who = json!({"query": "{ whoami }"});
    let good = server.token(Duration::from_secs(60));

    assert_eq!(answer(server.post(&who)).await.1["data"]["whoami"], Value::Null);
    assert_eq!(
        answer(server.post(&who).bearer_auth(&good)).await.1["data"]["whoami"],
        "tester"
    );
    let lower = server.post(&who).header("authorization", format!("bearer {good}"));
    assert_eq!(answer(lower).await.1["data"]["whoami"], "tester");

    for wrong in ["Bearer x.y.z", "Bearer", "Basic dXNlcjpwYXNz", &format!("JWT {good}")] {
        for accept in [GRAPHQL, JSON] {
            let request = server
                .client
                .post(server.url("/graphql"))
                .header("content-type", JSON)
                .header("accept", accept)
                .header("authorization", wrong)
                .body(who.to_string());
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), 401, "{wrong}");
            let challenge = response.headers()["www-authenticate"].to_str().unwrap();
            assert!(
                challenge.starts_with("Bearer ") && challenge.contains("invalid_token"),
                "{challenge}"
            );
            let body: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
            assert_eq!(code(&body), "UNAUTHENTICATED");
        }
    }
}

#[tokio::test]
async fn a_panic_is_an_answer_with_the_request_id_and_a_figure() {
    let server = TestServer::start().await;
    let body = json!({"query": "query Bad { panic }"});
    let response = server
        .post(&body)
        .header("x-request-id", "abc-123")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 500);
    assert_eq!(response.headers()["x-request-id"], "abc-123");
    let text = response.text().await.unwrap();
    assert!(
        !text.contains("made for the test"),
        "the panic's text stays here: {text}"
    );
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(answer["errors"][0]["extensions"]["requestId"], "abc-123");

    let odd = server
        .post(&body)
        .header("x-request-id", "<script>")
        .send()
        .await
        .unwrap();
    assert_eq!(odd.headers()["x-request-id"].len(), 36, "an odd id is replaced");

    let figures = server
        .client
        .get(server.url("/metrics"))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(figures.contains("dingmirror_http_panics_total 2"), "{figures}");
    server.still_answers().await;
}

#[tokio::test]
async fn what_takes_too_long_ends() {
    let server = TestServer::with(HttpConfig {
        request_timeout: Duration::from_millis(100),
        ..HttpConfig::default()
    })
    .await;
    let (status, body) = server.query("{ slow(seconds: 100) }").await;
    assert_eq!((status, code(&body)), (504, "TIMEOUT"));
    server.still_answers().await;
}

#[tokio::test]
async fn errors_are_few_and_short() {
    let server = TestServer::start().await;
    let unknown: String = (0..900).map(|n| format!("unknown{n} ")).collect();
    let (status, body) = server.query(&format!("{{ {unknown} }}")).await;
    assert_eq!((status, code(&body)), (422, "GRAPHQL_VALIDATION_FAILED"));
    assert_eq!(body["errors"].as_array().unwrap().len(), 20);
    let long = format!("query($t: Int = \"{}\") {{ echo(text: $t) }}", "y".repeat(30_000));
    let (_, body) = server.query(&long).await;
    assert!(body.to_string().len() < 10_000);
}

/// RFC 9112, 3.2, and RFC 9110, 8.4.1.
#[tokio::test]
async fn a_request_names_its_host_once_and_codings_have_no_case() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let server = TestServer::start().await;
    for (head, status) in [
        ("GET /livez HTTP/1.1\r\n", "400"),
        ("GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n", "400"),
        ("GET /livez HTTP/1.1\r\nHost: a b\r\n", "400"),
        ("GET /livez HTTP/1.1\r\nHost: a\r\n", "200"),
        ("GET /livez HTTP/1.1\r\nHost:\r\n", "200"),
        ("GET /livez HTTP/1.0\r\n", "200"),
    ] {
        let mut stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
        let request = format!("{head}Connection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let told = answer.split(' ').nth(1).unwrap_or_default();
        assert_eq!(told, status, "{head:?}: {answer}");
    }

    for (coding, status) in [("Identity", 200), ("identity", 200), ("gzip", 415)] {
        let request = server
            .post(&json!({"query": "{ hello }"}))
            .header("content-encoding", coding);
        assert_eq!(request.send().await.unwrap().status(), status, "{coding}");
    }
}
