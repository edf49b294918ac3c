//! The variables: depth and size, without recursion.

use async_graphql::{Value, Variables};

use super::{Limits, Refusal};

/// Refuses variables that are too deep or too many.
///
/// # Errors
/// Names the limit.
pub fn measure(variables: &Variables, limits: &Limits) -> Result<(), Refusal> {
    let mut left: Vec<(usize, &Value)> = variables.values().map(|value| (1, value)).collect();
    let (mut values, mut bytes) = (0_usize, 0_usize);
    while let Some((depth, value)) = left.pop() {
        values += 1;
        if depth > limits.variable_depth {
            return Err(Refusal::limit(
                "variableDepth",
                "the variables are nested too deep",
                limits.variable_depth,
            ));
        }
        // What waits counts already: a list of too many items isn't walked first.
        if values + left.len() > limits.variable_values {
            return Err(Refusal::limit(
                "variableValues",
                "the variables have too many values",
                limits.variable_values,
            ));
        }

        match value {
            Value::List(items) => left.extend(items.iter().map(|item| (depth + 1, item))),
            Value::Object(fields) => {
                bytes = fields.keys().fold(bytes, |sum, name| sum.saturating_add(name.len()));
                left.extend(fields.values().map(|item| (depth + 1, item)));
            }
            Value::String(text) => bytes = bytes.saturating_add(text.len()),
            _ => {}
        }

        if bytes > limits.variable_bytes {
            return Err(Refusal::limit(
                "variableBytes",
                "the variables have too many bytes of text",
                limits.variable_bytes,
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn limit(value: serde_json::Value) -> Option<&'static str> {
        measure(&Variables::from_json(value), &Limits::default())
            .err()
            .and_then(|refusal| refusal.limit)
    }

    #[test]
    fn depth_values_and_bytes_are_bounded() {
        assert_eq!(limit(json!({"a": {"b": [1, "x", null]}})), None);

        let mut deep = json!(1);
        for _ in 0..60 {
            deep = json!([deep]);
        }
        assert_eq!(limit(json!({ "a": deep })), Some("variableDepth"));
        assert_eq!(limit(json!({ "a": vec![1; 30_000] })), Some("variableValues"));
        assert_eq!(limit(json!({ "a": "x".repeat(2_000_000) })), Some("variableBytes"));
    }

    #[test]
    fn a_thousand_identities_fit() {
        let one = json!({"username": "u", "userKey": "k", "accountId": "a", "email": "e", "displayName": "d"});
        assert_eq!(limit(json!({ "identities": vec![one; 1_000] })), None);
    }
}
