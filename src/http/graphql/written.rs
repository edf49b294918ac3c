//! Answers as text. What a walk has written down already is put in as it is.

use async_graphql::{Response, Value};
use serde::Serialize;

/// The answer as JSON.
pub(super) fn json(response: &Response) -> serde_json::Result<Vec<u8>> {
    let mut out = Vec::with_capacity(written_already(&response.data) + 512);
    out.extend_from_slice(b"{\"data\":");
    write(&mut out, &response.data)?;

    if !response.extensions.is_empty() {
        out.extend_from_slice(b",\"extensions\":");
        plain(&mut out, &response.extensions)?;
    }
    if !response.errors.is_empty() {
        out.extend_from_slice(b",\"errors\":");
        plain(&mut out, &response.errors)?;
    }

    out.push(b'}');
    Ok(out)
}

fn plain(out: &mut Vec<u8>, value: &impl Serialize) -> serde_json::Result<()> {
    serde_json::to_writer(out, value)
}

/// No value is deeper than documents and JSON may be nested.
fn write(out: &mut Vec<u8>, value: &Value) -> serde_json::Result<()> {
    match value {
        Value::Binary(json) => out.extend_from_slice(json),
        Value::Object(fields) => {
            out.push(b'{');
            for (at, (key, value)) in fields.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                plain(out, key)?;
                out.push(b':');
                write(out, value)?;
            }
            out.push(b'}');
        }
        Value::List(items) => {
            out.push(b'[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write(out, item)?;
            }
            out.push(b']');
        }
        leaf => plain(out, leaf)?,
    }
    Ok(())
}

/// The bytes of the parts that are written down, as far as they stand on the outermost level: most of a large answer.
fn written_already(data: &Value) -> usize {
    let bytes = |value: &Value| match value {
        Value::Binary(json) => json.len(),
        _ => 0,
    };
    match data {
        Value::Object(fields) => fields.values().map(bytes).sum(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::ServerError;
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_is_written_as_serde_does_it_and_what_is_written_already_stays_as_it_is() {
        let plain = json!({"a": [1, null, {"é\"": true, "list": []}], "b": "\u{1}x", "c": 1.5});
        let mut response = Response::new(Value::from_json(plain).expect("a value"));
        response.errors.push(ServerError::new("no", None));
        let response = response.extension("errorsLeftOut", Value::from(3));
        let written = json(&response).expect("written");
        assert_eq!(String::from_utf8(written).ok(), serde_json::to_string(&response).ok());

        let part = Value::Binary(r#"{"name":"张"}"#.into());
        let object = [("list", Value::List(vec![part.clone(), Value::Null])), ("user", part)];
        let response = Response::new(Value::Object(
            object
                .into_iter()
                .map(|(k, v): (&str, _)| (async_graphql::Name::new(k), v))
                .collect(),
        ));
        let written = json(&response).expect("written");
        let expected = r#"{"data":{"list":[{"name":"张"},null],"user":{"name":"张"}}}"#;
        assert_eq!(String::from_utf8(written).as_deref(), Ok(expected));
    }
}
