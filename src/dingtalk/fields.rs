//! Values of DingTalk's objects, read tolerantly.
//!
//! Real traffic is properly typed, but the documentation shows numbers, booleans and whole arrays as text, and single
//! objects where arrays belong. A missing key and `null` are "not said". No number goes through a float.

use serde_json::{Map, Value};

use super::lenient;

pub(super) type Object = Map<String, Value>;

/// Text; a number or boolean as its digits.
pub(super) fn text(object: &Object, key: &str) -> Option<String> {
    object.get(key).and_then(as_text)
}

/// Text that isn't empty: for ids.
pub(super) fn id(object: &Object, key: &str) -> Option<String> {
    text(object, key).filter(|text| !text.is_empty())
}

/// A whole number, also as text.
pub(super) fn integer(object: &Object, key: &str) -> Option<i64> {
    object.get(key).and_then(as_integer)
}

/// A boolean, also as text or as 0 and 1.
pub(super) fn boolean(object: &Object, key: &str) -> Option<bool> {
    match object.get(key)? {
        Value::Bool(value) => Some(*value),
        Value::Number(number) => number.as_i64().map(|number| number != 0),
        Value::String(text) => match text.trim() {
            "true" | "True" | "TRUE" | "1" => Some(true),
            "false" | "False" | "FALSE" | "0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// Whole numbers; `None` where the key is missing or holds something else. What isn't a number is left out.
pub(super) fn integers(object: &Object, key: &str) -> Option<Vec<i64>> {
    Some(list(object.get(key)?)?.iter().filter_map(as_integer).collect())
}

/// Texts that aren't empty, each once, in their order; `None` where the key is missing or holds something else.
pub(super) fn texts(object: &Object, key: &str) -> Option<Vec<String>> {
    let mut seen = std::collections::HashSet::new();
    let texts = list(object.get(key)?)?.into_iter().filter_map(|value| as_text(&value));
    Some(
        texts
            .filter(|text| !text.is_empty() && seen.insert(text.clone()))
            .collect(),
    )
}

/// Objects; `None` where the key is missing or holds something else. What isn't an object is left out.
pub(super) fn objects(object: &Object, key: &str) -> Option<Vec<Object>> {
    Some(
        list(object.get(key)?)?
            .into_iter()
            .filter_map(|value| as_object(&value))
            .collect(),
    )
}

/// An object, also as JSON in text.
pub(super) fn object(object: &Object, key: &str) -> Option<Object> {
    object.get(key).and_then(as_object)
}

fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

fn as_integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number
            .as_i64()
            .or_else(|| number.to_string().strip_suffix(".0")?.parse().ok()),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn as_object(value: &Value) -> Option<Object> {
    match value {
        Value::Object(object) => Some(object.clone()),
        Value::String(text) if text.trim_start().starts_with('{') => match lenient::value(text.as_bytes()) {
            Ok(Value::Object(object)) => Some(object),
            _ => None,
        },
        _ => None,
    }
}

/// An array, an array in text, or a single value that stands for an array of one.
fn list(value: &Value) -> Option<Vec<Value>> {
    match value {
        Value::Array(values) => Some(values.clone()),
        Value::Null => None,
        Value::String(text) if text.trim_start().starts_with('[') => match lenient::value(text.as_bytes()) {
            Ok(Value::Array(values)) => Some(values),
            _ => None,
        },
        Value::String(text) if text.is_empty() => Some(Vec::new()),
        other => Some(vec![other.clone()]),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: Value) -> Object {
        value.as_object().cloned().expect("an object")
    }

    #[test]
    fn numbers_beyond_2_to_the_53_stay_exact_as_numbers_and_as_text() {
        let object = map(serde_json::from_str(r#"{"a":176294576350761513,"b":"179997318850453161"}"#).expect("JSON"));
        assert_eq!(integer(&object, "a"), Some(176_294_576_350_761_513));
        assert_eq!(integer(&object, "b"), Some(179_997_318_850_453_161));
    }

    #[test]
    fn booleans_come_as_booleans_text_and_digits() {
        let object = map(json!({"a": true, "b": "true", "c": "0", "d": 1, "e": null, "f": "perhaps"}));
        let read = ["a", "b", "c", "d", "e", "f", "missing"].map(|key| boolean(&object, key));
        assert_eq!(
            read,
            [Some(true), Some(true), Some(false), Some(true), None, None, None]
        );
    }

    #[test]
    fn lists_come_as_arrays_as_text_and_as_a_single_value() {
        let object = map(
            json!({"a": [2, "3", null, "x"], "b": "[2,3,4]", "c": 7, "d": null, "e": {"k": 1}, "f": ["u", "u", ""]}),
        );
        assert_eq!(integers(&object, "a"), Some(vec![2, 3]));
        assert_eq!(integers(&object, "b"), Some(vec![2, 3, 4]));
        assert_eq!(integers(&object, "c"), Some(vec![7]));
        assert_eq!(integers(&object, "d"), None);
        assert_eq!(objects(&object, "e").map(|list| list.len()), Some(1));
        assert_eq!(texts(&object, "f"), Some(vec!["u".to_owned()]));
    }
}
