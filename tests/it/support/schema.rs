//! The schema as its introspection tells it.

use dingmirror::graphql::schema_builder;
use serde_json::Value;

const INTROSPECTION: &str = "{ __schema { types {
    kind name description
    fields(includeDeprecated: true) { name description type { ...T } args { name description type { ...T } defaultValue } }
    inputFields { name description type { ...T } defaultValue }
    enumValues(includeDeprecated: true) { name description }
    possibleTypes { name }
} } }
fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

/// All types but those of the introspection itself.
pub async fn types() -> Vec<Value> {
    // A schema of its own, without the limits for strangers' documents.
    let answer = schema_builder()
        .limit_depth(100)
        .limit_complexity(usize::MAX)
        .finish()
        .execute(INTROSPECTION)
        .await;
    assert!(answer.errors.is_empty(), "{:?}", answer.errors);

    let data = answer.data.into_json().unwrap();
    let own = |it: &&Value| !name(it).starts_with("__");
    list(&data["__schema"]["types"]).iter().filter(own).cloned().collect()
}

/// The elements, or none where there is no list.
pub fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The name of a type or field that has one.
pub fn name(value: &Value) -> &str {
    value["name"].as_str().unwrap()
}
