//! Where the null of a failed field ends up. async-graphql 7.1.0 to 7.2.1 get these wrong, hence the pinned 7.0.19.

use serde_json::{Value, json};

use crate::edge_support::TestServer;

/// The document, its `data`, and the paths of its errors.
fn table() -> Vec<(&'static str, Value, Vec<Value>)> {
    vec![
        ("{ nullable }", json!({"nullable": null}), vec![json!(["nullable"])]),
        ("{ required }", Value::Null, vec![json!(["required"])]),
        (
            "{ hello nullable }",
            json!({"hello": "hello", "nullable": null}),
            vec![json!(["nullable"])],
        ),
        ("{ hello required }", Value::Null, vec![json!(["required"])]),
        ("{ a: nullable }", json!({"a": null}), vec![json!(["a"])]),
        (
            "{ item { ok nullable } }",
            json!({"item": {"ok": 0, "nullable": null}}),
            vec![json!(["item", "nullable"])],
        ),
        (
            "{ item { ok required } }",
            json!({"item": null}),
            vec![json!(["item", "required"])],
        ),
        (
            "{ hello requiredItem { required } }",
            Value::Null,
            vec![json!(["requiredItem", "required"])],
        ),
        (
            "{ nullableInts }",
            json!({"nullableInts": [1, null, 3]}),
            vec![json!(["nullableInts", 1])],
        ),
        (
            "{ hello requiredInts }",
            json!({"hello": "hello", "requiredInts": null}),
            vec![json!(["requiredInts", 1])],
        ),
        (
            "{ item { requiredList } }",
            json!({"item": null}),
            vec![json!(["item", "requiredList", 1])],
        ),
        (
            "{ nullableItems { ok failsIfTwo } }",
            json!({"nullableItems": [{"ok": 1, "failsIfTwo": 1}, null, {"ok": 3, "failsIfTwo": 3}]}),
            vec![json!(["nullableItems", 1, "failsIfTwo"])],
        ),
        (
            "{ requiredItems { ok failsIfTwo } }",
            json!({"requiredItems": null}),
            vec![json!(["requiredItems", 1, "failsIfTwo"])],
        ),
        (
            "{ item { ok item { requiredItem { required } } } }",
            json!({"item": {"ok": 0, "item": null}}),
            vec![json!(["item", "item", "requiredItem", "required"])],
        ),
        (
            "{ nullable item { nullable ok } }",
            json!({"nullable": null, "item": {"nullable": null, "ok": 0}}),
            vec![json!(["item", "nullable"]), json!(["nullable"])],
        ),
        (
            "mutation { a: add(by: 1) fail b: add(by: 1) }",
            json!({"a": 1, "fail": null, "b": 2}),
            vec![json!(["fail"])],
        ),
    ]
}

#[tokio::test]
async fn a_failed_field_is_null_and_a_failed_required_field_takes_its_parent_along() {
    for (document, data, paths) in table() {
        let server = TestServer::start().await;
        let (status, body) = server.query(document).await;
        assert_eq!(status, 200, "{document}: {body}");
        assert!(
            body.as_object().unwrap().contains_key("data"),
            "{document}: an executed request has data"
        );
        assert_eq!(body["data"], data, "{document}");

        let errors = body["errors"].as_array().unwrap();
        let mut found: Vec<Value> = errors.iter().map(|error| error["path"].clone()).collect();
        found.sort_by_key(Value::to_string);
        assert_eq!(found, paths, "{document}");
        for error in errors {
            assert_eq!(error["extensions"]["code"], "UPSTREAM_FAILED", "{document}");
            assert!(error["locations"][0]["line"].is_u64(), "{document}");
        }
    }
}
