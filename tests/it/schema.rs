//! The contract: every element described, numbers that fit, Relay's shapes, and the committed text.

use std::path::Path;

use dingmirror::graphql::sdl;
use serde_json::Value;

use crate::support::schema::{list, name, types};

fn shown(kind: &Value) -> String {
    match kind["kind"].as_str().unwrap() {
        "NON_NULL" => format!("{}!", shown(&kind["ofType"])),
        "LIST" => format!("[{}]", shown(&kind["ofType"])),
        _ => name(kind).to_owned(),
    }
}

#[tokio::test]
async fn everything_is_described() {
    const BUILT_IN: [&str; 5] = ["Int", "Float", "String", "Boolean", "ID"];
    let mut bare = Vec::new();
    let mut check = |it: &Value, path: String| {
        if it["description"].as_str().unwrap_or_default().trim().is_empty() {
            bare.push(path);
        }
    };

    for kind in types().await {
        let of = name(&kind);
        if !BUILT_IN.contains(&of) {
            check(&kind, of.to_owned());
        }
        for field in list(&kind["fields"]) {
            check(field, format!("{of}.{}", name(field)));
            for argument in list(&field["args"]) {
                check(argument, format!("{of}.{}({})", name(field), name(argument)));
            }
        }
        for part in list(&kind["inputFields"]).iter().chain(list(&kind["enumValues"])) {
            check(part, format!("{of}.{}", name(part)));
        }
    }

    assert!(bare.is_empty(), "without a description: {bare:#?}");
}

#[tokio::test]
async fn no_key_or_order_of_dingtalks_is_an_int_of_32_bits() {
    let mut narrow = Vec::new();
    for kind in types().await {
        let fields = list(&kind["fields"]);
        let arguments = fields.iter().flat_map(|field| list(&field["args"]));
        for part in fields.iter().chain(arguments).chain(list(&kind["inputFields"])) {
            let wide = name(part).ends_with("Id") || ["id", "order", "revision"].contains(&name(part));
            if wide && shown(&part["type"]).contains("Int") && !shown(&part["type"]).contains("BigInt") {
                narrow.push(format!("{}.{}", name(&kind), name(part)));
            }
        }
    }
    assert!(narrow.is_empty(), "make these a BigInt or an ID: {narrow:?}");
}

/// The library refuses a variable that is left out where the type is not null, default or not; GraphQL allows it.
#[tokio::test]
async fn whatever_has_a_default_may_be_null() {
    let mut strict = Vec::new();
    for kind in types().await {
        let arguments = list(&kind["fields"]).iter().flat_map(|field| list(&field["args"]));
        for part in arguments.chain(list(&kind["inputFields"])) {
            if !part["defaultValue"].is_null() && part["type"]["kind"] == "NON_NULL" {
                strict.push(format!("{}.{}", name(&kind), name(part)));
            }
        }
    }
    assert!(strict.is_empty(), "make these an Option: {strict:?}");
}

#[tokio::test]
async fn every_connection_has_relays_shape() {
    let types = types().await;
    let field = |of: &str, wanted: &str| {
        let kind = types.iter().find(|kind| name(kind) == of)?;
        let field = list(&kind["fields"]).iter().find(|field| name(field) == wanted)?;
        Some(shown(&field["type"]))
    };

    let mut seen = 0;
    for connection in types.iter().map(name).filter(|it| it.ends_with("Connection")) {
        let edge = connection.replace("Connection", "Edge");
        let node = connection.replace("Connection", "");
        seen += 1;
        let found = ["edges", "nodes", "pageInfo"].map(|it| field(connection, it).unwrap());
        assert_eq!(
            found,
            [format!("[{edge}!]!"), format!("[{node}!]!"), "PageInfo!".into()]
        );
        // A letter is in most names: hits of a search are not counted.
        assert!(
            connection == "SearchHitConnection" || field(connection, "totalCount").unwrap().starts_with("Int"),
            "{connection}"
        );
        assert_eq!(field(&edge, "cursor").as_deref(), Some("String!"));
        assert_eq!(field(&edge, "node"), Some(format!("{node}!")));
    }
    assert!(seen >= 4);

    for kind in &types {
        for field in list(&kind["fields"])
            .iter()
            .filter(|it| shown(&it["type"]).contains("Connection"))
        {
            let has = |wanted: &str| list(&field["args"]).iter().any(|it| name(it) == wanted);
            assert!(has("first") && has("after"), "{}.{}", name(kind), name(field));
            let is_search = shown(&field["type"]).starts_with("SearchHit");
            assert_eq!(
                has("last") && has("before"),
                !is_search,
                "{}.{}",
                name(kind),
                name(field)
            );
        }
    }
}

#[test]
fn the_committed_schema_is_the_codes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema.graphql");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed.trim() == sdl().trim(),
        "schema.graphql is not what the code says: run `make schema` and read the difference"
    );
}
