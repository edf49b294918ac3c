//! What an operation costs, told in the extensions of its answer: to whom, when, and that it is what is judged.

use aws_lc_rs::digest::{SHA256, digest};
use dingmirror::auth::Permission;
use serde_json::{Value, json};

use crate::{
    edge_support::{self, answer},
    support::{
        database::TestDatabase,
        server::{TestDingTalk, TestServer},
    },
};

const READER: &[Permission] = &[Permission::DirectoryRead];
const DEPARTMENTS: &str = "{ departments(first: 500) { nodes { name } } }";
/// Beyond the limit by itself.
const ROWS: &str = "messages(first: 500) { nodes { recipients(first: 500) { nodes { state } } } }";

/// What a document costs as a caller with these permissions is told; without any, one without a token.
async fn cost(server: &TestServer, permissions: &[Permission], document: &str) -> Value {
    let mut request = server.http.post(format!("{}/graphql", server.base));
    if !permissions.is_empty() {
        request = request.bearer_auth(server.token(permissions));
    }
    let request = request.json(&json!({ "query": document, "extensions": { "cost": true } }));
    let mut told: Value = request.send().await.unwrap().json().await.unwrap();
    match told.pointer_mut("/errors/0/extensions/cost") {
        None => told["extensions"]["cost"].take(),
        Some(refused) => refused.take(),
    }
}

async fn post(server: &TestServer, body: &Value) -> Value {
    let request = server.http.post(format!("{}/graphql", server.base));
    let request = request.bearer_auth(server.token(READER)).json(body);
    request.send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn an_answer_tells_what_it_cost_to_whom_asks_and_a_refusal_tells_everybody() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(60, 12).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;
    let departments = server.data("{ mirror { departmentCount } }", json!({})).await;
    let departments = departments["mirror"]["departmentCount"].as_u64().unwrap();

    // The list, its nodes and their names: what is there, and not the whole page.
    let told = json!({
        "requested": 1 + 2 * departments,
        "allowed": 100_000,
        "costliestField": "departments.nodes.name",
    });
    // From the second time on the document is at hand.
    for _ in 0..3 {
        assert_eq!(cost(&server, READER, DEPARTMENTS).await, told);
    }
    for extensions in [
        Value::Null,
        json!({}),
        json!({ "cost": false }),
        json!({ "cost": null }),
    ] {
        let silent = post(&server, &json!({ "query": DEPARTMENTS, "extensions": extensions })).await;
        assert!(silent["data"]["departments"].is_object(), "{silent}");
        assert!(silent.get("extensions").is_none(), "{extensions}: {silent}");
    }

    // An answer in which a field failed has it as well, beside how the mirror stands.
    let body = json!({
        "query": "{ users(first: 3) { nodes { email } } }",
        "extensions": { "cost": true, "mirror": true },
    });
    let failed = post(&server, &body).await;
    assert_eq!(failed["errors"][0]["extensions"]["code"], "FORBIDDEN", "{failed}");
    assert_eq!(failed["extensions"]["cost"]["requested"], 7, "{failed}");
    assert!(failed["extensions"]["mirror"]["revision"].is_string(), "{failed}");

    // What is refused says so in the error, asked or not, and no more than that.
    for extensions in [json!({}), json!({ "cost": true })] {
        let body = json!({ "query": format!("{{ {ROWS} }}"), "extensions": extensions });
        let refused = post(&server, &body).await;
        let error = &refused["errors"][0]["extensions"];
        assert_eq!(
            (&error["limit"], &error["allowed"]),
            (&json!("complexity"), &told["allowed"])
        );
        assert!(error["cost"].as_u64() > Some(100_000), "{refused}");
        assert!(refused.get("extensions").is_none(), "{refused}");
    }

    server.stop().await;
}

#[tokio::test]
async fn the_values_of_variables_count_each_time() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(20, 4).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;
    let cost = async |query: &str, variables: Value| {
        let body = json!({ "query": query, "variables": variables, "extensions": { "cost": true } });
        let request = server.http.post(format!("{}/graphql", server.base));
        let request = request.bearer_auth(server.admin_token()).json(&body);
        let told: Value = request.send().await.unwrap().json().await.unwrap();
        assert!(told.get("errors").is_none(), "{told}");
        told["extensions"]["cost"]["requested"].as_u64().unwrap()
    };

    // Its normal form is kept from the second time on, and that of one with a condition is made each time.
    let pages = "query ($n: Int) { messages(first: $n) { nodes { id } } }";
    let depends = "query ($n: Int, $more: Boolean!) { messages(first: $n) { nodes { id state @include(if: $more) } } }";
    for _ in 0..3 {
        let few = cost(pages, json!({ "n": 10 })).await;
        assert_eq!(
            cost(pages, json!({ "n": 110 })).await - few,
            200,
            "a node and its id for each row"
        );
        assert_eq!(cost(depends, json!({ "n": 10, "more": false })).await, few);
        assert_eq!(cost(depends, json!({ "n": 10, "more": true })).await, few + 10);
    }
    server.stop().await;
}

#[tokio::test]
async fn costs_say_nothing_of_the_companys_size_to_whom_may_not_read_it() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(60, 12).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;

    let there = server.data("{ mirror { departmentCount } }", json!({})).await;
    let there = there["mirror"]["departmentCount"].as_u64().unwrap();

    // Allowed, and refused.
    for document in [
        DEPARTMENTS.to_owned(),
        format!("{{ departments(first: 500) {{ nodes {{ name }} }} {ROWS} }}"),
    ] {
        let number = |told: Value| told.get("requested").unwrap_or(&told).as_u64().unwrap();
        let known = number(cost(&server, READER, &document).await);
        for others in [&[][..], &[Permission::MessageSend], &[Permission::DirectoryContact]] {
            let unknown = number(cost(&server, others, &document).await);
            assert_eq!(
                unknown - known,
                1_000 - 2 * there,
                "a whole page to {others:?}: {document}"
            );
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn an_answer_that_tells_its_cost_has_no_tag_and_is_no_other_ones() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(20, 4).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;
    let get = |extensions: Value, tag: Option<String>| {
        let mut request = server.http.get(format!("{}/graphql", server.base));
        request = request.bearer_auth(server.token(READER));
        request = request.query(&[("query", DEPARTMENTS), ("extensions", &extensions.to_string())]);
        if let Some(tag) = tag {
            request = request.header("if-none-match", tag);
        }
        async { request.send().await.unwrap() }
    };

    let plain = get(json!({}), None).await;
    let tag = plain.headers()["etag"].to_str().unwrap().to_owned();
    let told = get(json!({ "cost": true }), Some(tag.clone())).await;
    assert_eq!((told.status().as_u16(), told.headers().get("etag")), (200, None));
    assert_eq!(told.headers()["cache-control"], "no-store");
    let told: Value = told.json().await.unwrap();
    assert_eq!(told["extensions"]["cost"]["allowed"], 100_000, "{told}");
    assert_eq!(get(json!({}), Some(tag)).await.status(), 304);

    server.stop().await;
}

#[tokio::test]
async fn a_document_that_is_asked_for_by_its_hash_tells_its_cost() {
    let server = edge_support::TestServer::start().await;
    let text = "{ children(first: 3) { hello } }";
    let hash = hex::encode(digest(&SHA256, text.as_bytes()));
    let extensions = json!({ "persistedQuery": { "version": 1, "sha256Hash": hash }, "cost": true });
    let by_hash = json!({ "extensions": extensions });
    let both = json!({ "query": text, "extensions": extensions });

    let (_, unknown) = answer(server.post(&by_hash)).await;
    assert_eq!(unknown["errors"][0]["message"], "PersistedQueryNotFound");
    assert!(unknown.get("extensions").is_none(), "{unknown}");
    for body in [&both, &by_hash, &by_hash] {
        let (status, told) = answer(server.post(body)).await;
        assert_eq!(
            (status, &told["extensions"]["cost"]),
            (
                200,
                &json!({ "requested": 4, "allowed": 100_000, "costliestField": "children.hello" })
            )
        );
    }

    // An introspection counts like anything else.
    let schema = json!({ "query": "{ __schema { queryType { name } } }", "extensions": { "cost": true } });
    let (_, told) = answer(server.post(&schema)).await;
    assert_eq!(
        told["extensions"]["cost"],
        json!({ "requested": 3, "allowed": 100_000, "costliestField": "__schema.queryType.name" }),
        "{told}"
    );
    let (status, _) = answer(server.post(&json!({ "query": text, "extensions": { "cost": "yes" } }))).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn mutations_and_each_event_of_a_subscription_tell_it_on_every_transport() {
    let server = edge_support::TestServer::start().await;
    let body = |document: &str| json!({ "query": document, "extensions": { "cost": true } });
    let told = |field: &str| json!({ "requested": 1, "allowed": 100_000, "costliestField": field });

    let (_, added) = answer(server.post(&body("mutation { add(by: 1) }"))).await;
    assert_eq!(added["extensions"]["cost"], told("add"), "{added}");

    let mut socket = server.ready_socket().await;
    for (id, document, field, events) in [
        ("1", "{ hello }", "hello", 1),
        ("2", "subscription { ticks(count: 3) }", "ticks", 3),
    ] {
        socket
            .say(json!({ "id": id, "type": "subscribe", "payload": body(document) }))
            .await;
        for _ in 0..events {
            let event = socket.hear().await;
            assert_eq!(event["type"], "next", "{event}");
            assert_eq!(
                event["payload"]["extensions"],
                json!({ "cost": told(field) }),
                "{event}"
            );
        }
        assert_eq!(socket.hear().await["type"], "complete");
    }

    let events = server.client.post(server.url("/graphql"));
    let events = events.header("accept", "text/event-stream");
    let events = events.json(&body("subscription { ticks(count: 2) }"));
    let text = events.send().await.unwrap().text().await.unwrap();
    let data: Vec<Value> = text
        .lines()
        .filter_map(|line| serde_json::from_str(line.strip_prefix("data: {").map(|_| &line[6..])?).ok())
        .collect();
    assert_eq!(data.len(), 2, "{text}");
    for event in data {
        assert_eq!(event["extensions"]["cost"], told("ticks"), "{text}");
    }
}
