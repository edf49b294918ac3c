//! A document runs as the specification says, on every transport.

use serde_json::{Value, json};

use crate::edge_support::{GRAPHQL, TestServer, answer, code};

async fn run(server: &TestServer, query: &str, variables: Value) -> Value {
    answer(server.post(&json!({"query": query, "variables": variables})))
        .await
        .1
}

/// What the counter says: an answer of its own mutation, which adds nothing.
async fn count(server: &TestServer) -> Value {
    run(server, "mutation { add(by: 0) }", json!({})).await["data"]["add"].clone()
}

#[tokio::test]
async fn defaults_of_variables_hold_in_directives() {
    let server = TestServer::start().await;
    let skip = "mutation($dry: Boolean = true) { add(by: 1) @skip(if: $dry) }";
    assert_eq!(run(&server, skip, json!({})).await, json!({"data": {}}));
    assert_eq!(count(&server).await, 0);
    assert_eq!(
        run(&server, skip, json!({"dry": false})).await,
        json!({"data": {"add": 1}})
    );

    for include in [
        "mutation($go: Boolean = true) { add(by: 1) @include(if: $go) }",
        "mutation($go: Boolean = true) { ... @include(if: $go) { add(by: 1) } }",
        "mutation($go: Boolean = true) { ...F @include(if: $go) } fragment F on Counter { add(by: 1) }",
    ] {
        let before = count(&server).await.as_i64();
        let answer = run(&server, include, json!({})).await;
        assert_eq!(answer["data"]["add"].as_i64(), before.map(|n| n + 1), "{include}");
        assert_eq!(run(&server, include, json!({"go": false})).await, json!({"data": {}}));
    }
}

#[tokio::test]
async fn a_mutation_selected_twice_runs_once() {
    let server = TestServer::start().await;
    for (runs, document) in [
        "mutation { add(by: 1) add(by: 1) }",
        "mutation { ...A ...B } fragment A on Counter { add(by: 1) } fragment B on Counter { add(by: 1) }",
        "mutation { ...A ... { ...A } add(by: 1) } fragment A on Counter { add(by: 1) }",
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(
            run(&server, document, json!({})).await,
            json!({"data": {"add": runs + 1}}),
            "{document}"
        );
    }

    let twice = "mutation { a: add(by: 1) b: add(by: 1) }";
    assert_eq!(run(&server, twice, json!({})).await, json!({"data": {"a": 4, "b": 5}}));
}

#[tokio::test]
async fn one_field_cannot_mean_two_things() {
    let server = TestServer::start().await;
    let (status, body) = server.query("{ x: hello x: whoami }").await;
    assert_eq!((status, code(&body)), (422, "GRAPHQL_VALIDATION_FAILED"));

    let conflict = "mutation { add(by: 1) ...A } fragment A on Counter { add(by: 2) }";
    assert_eq!(
        code(&run(&server, conflict, json!({})).await),
        "GRAPHQL_VALIDATION_FAILED"
    );
    assert_eq!(count(&server).await, 0);

    let skipped = "{ hello nowhere @skip(if: true) }";
    assert_eq!(code(&server.query(skipped).await.1), "GRAPHQL_VALIDATION_FAILED");
}

#[tokio::test]
async fn all_escapes_of_characters_are_read() {
    let server = TestServer::start().await;
    let (_, body) = server.query(r#"{ echo(text: "a\ud83d\ude00b\u{1F600}") }"#).await;
    assert_eq!(body, json!({"data": {"echo": "a😀b😀"}}));
    let (status, body) = server.query(r#"{ echo(text: "\ud83d") }"#).await;
    assert_eq!((status, code(&body)), (400, "GRAPHQL_PARSE_FAILED"));
}

#[tokio::test]
async fn an_absent_variable_leaves_the_default_of_the_argument() {
    let server = TestServer::start().await;
    let document = "query($n: Int) { children(first: $n) { hello } }";
    let length = |body: Value| body["data"]["children"].as_array().map(Vec::len);
    assert_eq!(length(run(&server, document, json!({})).await), Some(100));
    assert_eq!(length(run(&server, document, json!({"n": 2})).await), Some(2));

    // Null is given, and wrong: an error of the field.
    let document = "query($n: Int = 1) { hello numbers(count: $n) }";
    let body = run(&server, document, json!({"n": null})).await;
    assert_eq!(body["errors"][0]["path"], json!(["numbers"]), "{body}");
    assert_eq!((code(&body), &body["data"]), ("BAD_USER_INPUT", &Value::Null));

    // Where the cost of a field depends on it, it is the same.
    let document = "query($n: Int) { children(first: $n) { hello } }";
    let body = run(&server, document, json!({"n": null})).await;
    assert_eq!(body["errors"][0]["path"], json!(["children"]), "{body}");
    assert_eq!((code(&body), &body["data"]), ("BAD_USER_INPUT", &Value::Null));
}

#[tokio::test]
async fn the_wrong_argument_of_one_field_leaves_its_siblings_alone() {
    let server = TestServer::start().await;
    let document = "query($n: Int = 1) { hello item { ok } nullable }";
    assert_eq!(
        code(&run(&server, document, json!({})).await),
        "GRAPHQL_VALIDATION_FAILED"
    );

    let body = run(
        &server,
        "query($n: Int!) { hello numbers(count: $n) }",
        json!({"n": "x"}),
    )
    .await;
    assert!(body.get("data").is_none(), "{body}");
    assert_eq!(code(&body), "BAD_USER_INPUT");
    assert!(
        body["errors"][0]["message"].as_str().unwrap().contains("`$n`"),
        "{body}"
    );
}

#[tokio::test]
async fn several_mistakes_are_told_at_once() {
    let server = TestServer::start().await;
    let (_, body) = server.query("{ nowhere hello { x } helo }").await;
    let messages: Vec<_> = body["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["message"].as_str().unwrap())
        .collect();
    assert_eq!(messages.len(), 3, "{body}");
    assert!(messages[2].contains("`hello`"), "{messages:?}");
}

#[tokio::test]
async fn the_cost_of_what_is_too_complex_is_told_with_the_limit() {
    let server = TestServer::start().await;
    let (_, body) = server
        .query("{ children(first: 500) { children(first: 500) { hello } } }")
        .await;
    assert_eq!(body["errors"][0]["extensions"]["limit"], "complexity");
    let message = body["errors"][0]["message"].as_str().unwrap();
    // 500 times one child with 500 times one field.
    assert!(message.contains("250501") && message.contains("100000"), "{message}");
}

#[tokio::test]
async fn it_is_the_same_by_get_and_over_a_socket() {
    let server = TestServer::start().await;
    let document = "query A($no: Boolean = true) { hello @skip(if: $no) echo(text: \"x\") } query B { hello }";
    let request = server
        .client
        .get(server.url("/graphql"))
        .query(&[("query", document), ("operationName", "A")])
        .header("accept", GRAPHQL);
    assert_eq!(answer(request).await.1, json!({"data": {"echo": "x"}}));

    let mut socket = server.ready_socket().await;
    let payload = json!({"query": document, "operationName": "A"});
    socket
        .say(json!({"id": "1", "type": "subscribe", "payload": payload}))
        .await;
    assert_eq!(
        socket.hear().await,
        json!({"id": "1", "type": "next", "payload": {"data": {"echo": "x"}}})
    );
    assert_eq!(socket.hear().await["type"], "complete");

    // Merged, a subscription has one root field.
    socket
        .subscribe("2", "subscription { ticks(count: 1) ticks(count: 1) }")
        .await;
    assert_eq!(socket.hear().await["payload"], json!({"data": {"ticks": 0}}));
    assert_eq!(socket.hear().await["type"], "complete");
    socket
        .subscribe("3", "subscription { ticks(count: 1) @skip(if: true) }")
        .await;
    assert_eq!(socket.hear().await["type"], "error");
}

/// 2.1.2: a carriage return by itself ends a line.
#[tokio::test]
async fn a_lone_carriage_return_ends_a_line() {
    let server = TestServer::start().await;
    for (document, line, column) in [
        ("{hello\rnowhere}", 2, 1),
        ("{hello\r\n nowhere}", 2, 2),
        ("{hello\r\r  nowhere}", 3, 3),
        ("{hello\r  $}", 2, 3),
        ("{hello\r ]", 2, 2),
        ("{hello #\r ]", 2, 2),
        ("{hello\r echo(text: \"é\") ]", 2, 18),
        ("{hello\r echo(text: \"é\\ud83d\")}", 2, 15),
    ] {
        let (_, body) = server.query(document).await;
        let place = &body["errors"][0]["locations"][0];
        assert_eq!(*place, json!({"line": line, "column": column}), "{document:?}: {body}");
    }

    let (_, body) = server.query("{hello # x } \r whoami}").await;
    assert_eq!(body, json!({"data": {"hello": "hello", "whoami": null}}));
    let (_, body) = server.query("{echo(text: \"\"\"\r  a\r   b\r\"\"\")}").await;
    assert_eq!(body, json!({"data": {"echo": "a\n b"}}));
}

#[tokio::test]
async fn a_wrong_default_is_told_once() {
    let server = TestServer::start().await;
    let document =
        |ty: &str, default: &str| format!("query($a: {ty} = {default}) {{ children(first: $a) {{ hello }} }}");

    for (ty, default, told) in [
        (
            "Int",
            "\"x\"",
            "the default of the variable `$a`: no value of `Int`, a whole number of 32 bits",
        ),
        (
            "Int!",
            "null",
            "the default of the variable `$a`: null, where `Int!` is wanted",
        ),
    ] {
        let (_, body) = server.query(&document(ty, default)).await;
        assert_eq!(body["errors"][0]["message"], told, "{body}");
    }

    let (_, body) = server
        .query("query($a: [[Int!]!]! = [[1, \"x\"]]) { matrix(of: $a) }")
        .await;
    let told = "the default of the variable `$a[0][1]`: no value of `Int`, a whole number of 32 bits";
    assert_eq!(body["errors"][0]["message"], told, "{body}");
}

/// 2.9.1 and 3.5: `-0` is a whole number, and whatever whole number is an ID.
#[tokio::test]
async fn whole_numbers_are_what_the_specification_says() {
    let server = TestServer::start().await;
    let big = "123456789012345678901234567890";

    for (document, data) in [
        ("{children(first: -0) {hello}}".to_owned(), json!({"children": []})),
        (
            "query($n: Int = -0) {children(first: $n) {hello}}".to_owned(),
            json!({"children": []}),
        ),
        ("{matrix(of: [[-0, 1,-0]])}".to_owned(), json!({"matrix": 1})),
        (format!("{{sameId(id: {big})}}"), json!({"sameId": big})),
        (format!("{{sameId(id: -{big})}}"), json!({"sameId": format!("-{big}")})),
        (
            format!("query($i: ID = {big}) {{sameId(id: $i)}}"),
            json!({"sameId": big}),
        ),
        (
            "{sameId(id: 18446744073709551616)}".to_owned(),
            json!({"sameId": "18446744073709551616"}),
        ),
        (
            "{sameId(id: 18446744073709551615)}".to_owned(),
            json!({"sameId": "18446744073709551615"}),
        ),
        ("{sameId(id: \"-0\")}".to_owned(), json!({"sameId": "-0"})),
        // What no number of 64 bits can hold keeps its digits.
        (format!("{{json(of: {{a: [{big}]}})}}"), json!({"json": {"a": [big]}})),
    ] {
        let (_, body) = server.query(&document).await;
        assert_eq!(body, json!({"data": data}), "{document}");
    }

    for document in [
        "{children(first: -0.0) {hello}}",
        "{children(first: -00) {hello}}",
        "{children(first: 123456789012345678901234567890) {hello}}",
        "{echo(text: 123456789012345678901234567890)}",
        "{sameId(id: 1e30)}",
        "{hello @skip(if: 123456789012345678901234567890)}",
    ] {
        let (status, body) = server.query(document).await;
        assert!(
            matches!(status, 400 | 422) && body.get("data").is_none(),
            "{document}: {body}"
        );
    }
}

#[tokio::test]
async fn a_whole_number_in_a_body_is_exact_or_refused() {
    let server = TestServer::start().await;
    let post = |of: &str| {
        let body = format!(r#"{{"query":"query($of:JSON!){{json(of:$of)}}","variables":{{"of":{of}}}}}"#);
        answer(server.post(&Value::Null).body(body))
    };

    for exact in [
        "18446744073709551615",
        "-9223372036854775808",
        "0",
        "1.5",
        "[-0.0]",
        "1e300",
        "\"10000000000000000000000000\"",
    ] {
        let (_, body) = post(exact).await;
        assert_eq!(
            body["data"]["json"].to_string(),
            serde_json::from_str::<Value>(exact).unwrap().to_string()
        );
    }

    for lossy in [
        "18446744073709551616",
        "-9223372036854775809",
        "{\"a\":[1,10000000000000000000000000000000]}",
    ] {
        let (status, body) = post(lossy).await;
        assert_eq!((status, code(&body)), (400, "BAD_REQUEST"), "{lossy}: {body}");
        let told = body["errors"][0]["message"].as_str().unwrap();
        assert!(told.contains("64 bits") && told.contains("text"), "{told}");
    }
}

/// 2.8: no fragment has the name `on`.
#[tokio::test]
async fn on_is_no_fragments_name() {
    let server = TestServer::start().await;
    for document in [
        "fragment on on Query {hello} {...on}",
        "{...on}",
        "{hello ... on @include(if: true) {hello}}",
        "{... # x\n on, }",
        "fragment on on Query {hello} {hello}",
    ] {
        let (status, body) = server.query(document).await;
        assert_eq!(
            (status, code(&body)),
            (400, "GRAPHQL_PARSE_FAILED"),
            "{document}: {body}"
        );
    }

    for document in [
        "{...on Query{hello}}",
        "{... # on\n on Query {hello}}",
        "{on: hello ...onward} fragment onward on Query {on: hello}",
        "fragment fragment on Query {hello} {...fragment}",
    ] {
        let (status, body) = server.query(document).await;
        assert_eq!(status, 200, "{document}: {body}");
    }
}
