//! Documents that are named instead of sent, and documents that come again.

use aws_lc_rs::digest::{SHA256, digest};
use dingmirror::http::{HttpConfig, PersistedDocuments, TrustedDocuments};
use serde_json::{Value, json};

use crate::edge_support::{TestServer, answer, code};

fn hash(text: &str) -> String {
    hex::encode(digest(&SHA256, text.as_bytes()))
}

fn persisted(hash: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } })
}

async fn with(automatic: bool, trusted: Option<(&[(&str, &str)], bool)>) -> TestServer {
    let trusted = trusted.map(|(documents, is_required)| {
        let documents = documents
            .iter()
            .map(|(id, text)| ((*id).to_owned(), (*text).to_owned()));
        TrustedDocuments::new(documents, is_required)
    });
    TestServer::with(HttpConfig {
        persisted: PersistedDocuments { automatic, trusted },
        ..HttpConfig::default()
    })
    .await
}

/// What a request to a WebSocket comes to.
async fn over_socket(server: &TestServer, payload: Value) -> Value {
    let mut socket = server.ready_socket().await;
    socket
        .say(json!({"id": "1", "type": "subscribe", "payload": payload}))
        .await;
    socket.hear().await
}

#[tokio::test]
async fn a_document_is_registered_by_its_hash_and_asked_for_by_it_on_every_transport() {
    let server = TestServer::start().await;
    let text = "query Say($text: String!) { echo(text: $text) }";
    let by_hash = json!({"extensions": persisted(&hash(text)), "variables": {"text": "hi"}});

    let (status, unknown) = answer(server.post(&by_hash)).await;
    assert_eq!((status, code(&unknown)), (200, "PERSISTED_QUERY_NOT_FOUND"));
    assert_eq!(unknown["errors"][0]["message"], "PersistedQueryNotFound");
    let unknown = over_socket(&server, by_hash.clone()).await;
    assert_eq!(
        (&unknown["type"], &unknown["payload"][0]["message"]),
        (&json!("error"), &json!("PersistedQueryNotFound"))
    );

    let mut both = by_hash.clone();
    both["query"] = text.into();
    assert_eq!(answer(server.post(&both)).await, (200, json!({"data": {"echo": "hi"}})));
    assert_eq!(
        answer(server.post(&by_hash)).await,
        (200, json!({"data": {"echo": "hi"}}))
    );
    let told = over_socket(&server, by_hash).await;
    assert_eq!(told["payload"], json!({"data": {"echo": "hi"}}), "{told}");

    let get = server.client.get(server.url("/graphql")).query(&[
        ("extensions", persisted(&hash(text)).to_string()),
        ("variables", json!({"text": "by GET"}).to_string()),
    ]);
    assert_eq!(answer(get).await, (200, json!({"data": {"echo": "by GET"}})));
}

#[tokio::test]
async fn a_hash_of_another_text_is_refused_and_registers_nothing() {
    let server = TestServer::start().await;
    let (good, other) = ("{ hello }", "{ whoami }");
    let wrong = json!({"query": other, "extensions": persisted(&hash(good))});
    let (status, told) = answer(server.post(&wrong)).await;
    assert_eq!((status, code(&told)), (400, "BAD_REQUEST"), "{told}");
    assert!(
        told["errors"][0]["message"]
            .as_str()
            .unwrap()
            .contains("provided sha does not match query")
    );

    let by_hash = json!({"extensions": persisted(&hash(good))});
    assert_eq!(
        code(&answer(server.post(&by_hash)).await.1),
        "PERSISTED_QUERY_NOT_FOUND"
    );

    // What does not fit the schema is not registered either.
    let unfit = "{ nowhere }";
    let both = json!({"query": unfit, "extensions": persisted(&hash(unfit))});
    assert_eq!(code(&answer(server.post(&both)).await.1), "GRAPHQL_VALIDATION_FAILED");
    let by_hash = json!({"extensions": persisted(&hash(unfit))});
    assert_eq!(
        code(&answer(server.post(&by_hash)).await.1),
        "PERSISTED_QUERY_NOT_FOUND"
    );
    server.still_answers().await;
}

#[tokio::test]
async fn a_server_without_them_says_so() {
    let server = with(false, None).await;
    let both = json!({"query": "{ hello }", "extensions": persisted(&hash("{ hello }"))});
    assert_eq!(
        answer(server.post(&both)).await,
        (200, json!({"data": {"hello": "hello"}}))
    );

    let (status, told) = answer(server.post(&json!({"extensions": persisted(&hash("{ hello }"))}))).await;
    assert_eq!((status, code(&told)), (200, "PERSISTED_QUERY_NOT_SUPPORTED"));
    assert_eq!(told["errors"][0]["message"], "PersistedQueryNotSupported");
}

#[tokio::test]
async fn a_preferred_list_answers_by_id_and_lets_others_through() {
    let listed = [("greeting", "{ hello }"), ("broken", "{ nowhere }")];
    let server = with(true, Some((&listed, false))).await;
    let hello = json!({"data": {"hello": "hello"}});

    for name in ["documentId", "id", "doc_id"] {
        assert_eq!(
            answer(server.post(&json!({name: "greeting"}))).await,
            (200, hello.clone()),
            "{name}"
        );
        let get = server.client.get(server.url(&format!("/graphql?{name}=greeting")));
        assert_eq!(answer(get).await, (200, hello.clone()), "{name}");
    }
    let apollo = json!({"extensions": persisted("greeting")});
    assert_eq!(answer(server.post(&apollo)).await, (200, hello));

    assert_eq!(
        code(&answer(server.post(&json!({"documentId": "broken"}))).await.1),
        "GRAPHQL_VALIDATION_FAILED"
    );
    assert_eq!(
        code(&answer(server.post(&json!({"documentId": "other"}))).await.1),
        "PERSISTED_QUERY_NOT_FOUND"
    );
    server.still_answers().await;
}

#[tokio::test]
async fn a_required_list_refuses_everything_else_on_every_transport() {
    let server = with(
        true,
        Some((
            &[("greeting", "{ hello }"), ("on", "subscription { ticks(count: 1) }")],
            true,
        )),
    )
    .await;
    let hello = json!({"data": {"hello": "hello"}});
    assert_eq!(
        answer(server.post(&json!({"documentId": "greeting"}))).await,
        (200, hello.clone())
    );
    assert_eq!(
        answer(server.post(&json!({"query": "{ hello }"}))).await,
        (200, hello),
        "to the letter"
    );
    assert_eq!(
        over_socket(&server, json!({"id": "on"})).await["payload"],
        json!({"data": {"ticks": 0}})
    );

    for other in [
        json!({"query": "{hello}"}),
        json!({"query": "{ __schema { queryType { name } } }"}),
        json!({"query": "mutation { add(by: 1) }"}),
        json!({"documentId": "other"}),
        json!({"extensions": persisted(&hash("{ hello }"))}),
        json!({"query": "{ whoami }", "extensions": persisted(&hash("{ whoami }"))}),
    ] {
        let (status, told) = answer(server.post(&other)).await;
        assert_eq!((status, code(&told)), (403, "DOCUMENT_NOT_TRUSTED"), "{other}: {told}");
        let told = over_socket(&server, other.clone()).await;
        assert_eq!(
            told["payload"][0]["extensions"]["code"], "DOCUMENT_NOT_TRUSTED",
            "{other}: {told}"
        );
    }
}

#[tokio::test]
async fn a_document_that_comes_again_depends_on_its_variables_as_the_first_did() {
    let server = TestServer::start().await;
    let ask = |query: &'static str, variables: Value| {
        let request = server.post(&json!({"query": query, "variables": variables}));
        async { answer(request).await.1 }
    };

    for round in 0..4 {
        let query = "query($text: String!, $on: Boolean = true) { echo(text: $text) hello @include(if: $on) }";
        assert_eq!(
            ask(query, json!({"text": format!("{round}")})).await,
            json!({"data": {"echo": format!("{round}"), "hello": "hello"}})
        );
        assert_eq!(
            ask(query, json!({"text": "x", "on": false})).await,
            json!({"data": {"echo": "x"}})
        );

        let query = "query($text: String = \"unsaid\", $id: ID!) { echo(text: $text) sameId(id: $id) }";
        assert_eq!(
            ask(query, json!({"id": round})).await,
            json!({"data": {"echo": "unsaid", "sameId": format!("{round}")}})
        );
        assert_eq!(code(&ask(query, json!({})).await), "BAD_USER_INPUT", "{round}");
        assert_eq!(code(&ask(query, json!({"id": 1, "text": 5})).await), "BAD_USER_INPUT");

        // What a list costs depends on a variable, and so does what is large.
        let query = "query($n: Int!) { children(first: $n) { children(first: $n) { hello } } }";
        assert!(ask(query, json!({"n": 3})).await["errors"].is_null(), "{round}");
        let told = ask(query, json!({"n": 500})).await;
        let extensions = &told["errors"][0]["extensions"];
        assert_eq!(extensions["limit"], "complexity", "{told}");
        assert_eq!(
            (&extensions["cost"], &extensions["allowed"]),
            (&json!(250_501), &json!(100_000))
        );
        assert_eq!(extensions["costliestField"], "children.children.hello");

        let query = "query($of: JSON!) { a: json(of: $of) b: json(of: $of) }";
        assert!(
            ask(query, json!({"of": {"a": [1, 2]}})).await["errors"].is_null(),
            "{round}"
        );
        let many = ask(query, json!({"of": vec![1; 15_000]})).await;
        assert_eq!(many["errors"][0]["extensions"]["limit"], "usedValues", "{many}");
    }
}

#[tokio::test]
async fn a_flood_of_documents_changes_nothing_for_others() {
    let server = TestServer::start().await;
    let token = server.token(std::time::Duration::from_secs(600));
    for n in 0..400 {
        let document = format!("{{ a{}: hello }}", n % 200);
        let request = server.post(&json!({"query": document}));
        let request = if n % 3 == 0 {
            request.bearer_auth(&token)
        } else {
            request
        };
        assert_eq!(answer(request).await.0, 200);
        assert_eq!(
            code(&server.query(&format!("{{ a{n}: nowhere }}")).await.1),
            "GRAPHQL_VALIDATION_FAILED"
        );
    }
    server.still_answers().await;
}

#[tokio::test]
async fn a_token_that_is_shown_again_is_looked_at_again() {
    let server = TestServer::start().await;
    // The leeway of half a minute is over in a second.
    let token = server.token_with(r#""exp":1799999971,"permissions":["directory:read"]"#);
    let ask = || answer(server.post(&json!({"query": "{ whoami }"})).bearer_auth(&token));
    for _ in 0..3 {
        assert_eq!(ask().await, (200, json!({"data": {"whoami": "tester"}})));
    }

    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    let (status, told) = ask().await;
    assert_eq!((status, code(&told)), (401, "UNAUTHENTICATED"), "{told}");
}
