//! What a value of an answer takes, in bytes, counted as it is made.

use async_graphql::Value;

/// An entry of an object in memory, beside its key and its value's text: name, hash, place, value.
const ENTRY: usize = 112;
/// A value in memory, beside its text.
const VALUE: usize = 72;

/// An error with its path, its words and its extensions.
pub(super) const ERROR: usize = 1_024;

/// The bytes of what a field or a list item came to. What is below an object or a list of the schema was counted when
/// it was made itself; a scalar is counted whole, whatever it holds.
pub(super) fn of(value: &Value, is_scalar: bool) -> usize {
    match value {
        Value::Object(_) | Value::List(_) if is_scalar => whole(value),
        Value::Object(fields) => fields.keys().map(|key| ENTRY + key.len()).sum(),
        Value::List(items) => items.len() * VALUE,
        leaf => text(leaf),
    }
}

/// Without recursion: a scalar may hold anything.
fn whole(value: &Value) -> usize {
    let (mut left, mut bytes) = (vec![value], 0);
    while let Some(value) = left.pop() {
        bytes += match value {
            Value::Object(fields) => {
                left.extend(fields.values());
                fields.keys().map(|key| ENTRY + key.len()).sum()
            }
            Value::List(items) => {
                left.extend(items);
                items.len() * VALUE
            }
            leaf => text(leaf),
        };
    }
    bytes
}

fn text(leaf: &Value) -> usize {
    match leaf {
        Value::String(text) => text.len(),
        Value::Enum(name) => name.len(),
        // A part of the answer that is written down already.
        Value::Binary(bytes) => bytes.len(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn value(json: serde_json::Value) -> Value {
        Value::from_json(json).unwrap()
    }

    #[test]
    fn a_scalar_is_counted_whole_and_an_object_of_the_schema_without_what_was_counted_before() {
        let raw = value(json!({"name": "x".repeat(1_000), "list": ["y".repeat(500)]}));
        assert!(of(&raw, true) > 1_500 + 3 * VALUE);
        assert!(of(&raw, false) < 500);
        assert_eq!(of(&value(json!("x".repeat(70))), false), 70);
        assert_eq!(of(&value(json!([1, 2, 3])), false), 3 * VALUE);
    }
}
