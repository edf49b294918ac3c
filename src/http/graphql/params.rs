//! The parameters of a GraphQL request: `query`, `operationName`, `variables`, `extensions`, from JSON or a query
//! string. A document may be named instead of sent: by `extensions.persistedQuery`, `documentId`, `id` or `doc_id`.

use async_graphql::{Name, Value, Variables};

use super::{persisted::Asked, wishes::Wishes};
use crate::graphql::admission::{Code, Limits, Refusal, measure_json};

const NO_OBJECT: &str = "the body has to be a JSON object with `query`, `variables` and `operationName`";

/// The parameters that name a document: that of GraphQL over HTTP, Apollo's and Relay's.
const IDS: [&str; 3] = ["documentId", "id", "doc_id"];

/// The parameters, checked for their types only.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::http) struct Params {
    pub(in crate::http) asked: Asked,
    pub(in crate::http) operation_name: Option<String>,
    pub(in crate::http) variables: Variables,
    pub(in crate::http) wishes: Wishes,
}

impl Params {
    /// From the payload of a WebSocket's `subscribe`.
    pub(in crate::http) fn from_json(payload: serde_json::Value) -> Result<Self, Refusal> {
        Value::from_json(payload).map_or_else(|_| Err(Refusal::bad_request(NO_OBJECT)), Self::from_body)
    }

    /// From a JSON body, measured before it is parsed.
    pub(in crate::http) fn from_slice(body: &[u8], limits: &Limits) -> Result<Self, Refusal> {
        measure_json(body, 0, limits)?;
        let body = serde_json::from_slice(body).map_err(|error| {
            let place = format!("line {}, column {}", error.line(), error.column());
            Refusal::new(Code::BadRequest, format!("the body is not valid JSON at {place}"))
        })?;
        Self::from_body(body)
    }

    /// From a JSON body. It is read into the library's own values at once: a thousand objects need not be made twice.
    fn from_body(body: Value) -> Result<Self, Refusal> {
        let mut body = match body {
            Value::Object(body) => body,
            Value::List(_) => {
                return Err(Refusal::bad_request(
                    "batches of requests are not supported: send them one by one",
                ));
            }
            _ => return Err(Refusal::bad_request(NO_OBJECT)),
        };

        let extensions = object(body.swap_remove("extensions"), "extensions")?;
        let mut text_of = |name: &str| match body.swap_remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Refusal::bad_request(format!("`{name}` has to be a string"))),
        };

        let query = text_of("query")?;
        let operation_name = text_of("operationName")?;
        let mut id = None;
        for name in IDS {
            // Beside a document it may be anything, say a number that the client counts by.
            if query.is_none() && id.is_none() {
                id = text_of(name)?;
            }
        }
        let hash = Asked::hash_of(&extensions)?;
        if query.is_none() && id.is_none() && hash.is_none() {
            return Err(Refusal::bad_request("`query` is missing"));
        }

        Ok(Self {
            asked: Asked { query, hash, id },
            operation_name,
            variables: object(body.swap_remove("variables"), "variables")?,
            wishes: Wishes::of(&extensions)?,
        })
    }

    /// From the URL of a GET: `variables` and `extensions` are JSON texts. The first of a repeated name counts.
    pub(in crate::http) fn from_query_string(query: &str, limits: &Limits) -> Result<Self, Refusal> {
        let mut body = Vec::new();

        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let value = match name.as_ref() {
                "query" => Value::String(value.into_owned()),
                // Clients that write every parameter send empty ones.
                "operationName" | "variables" | "extensions" if value.is_empty() => Value::Null,
                "operationName" => Value::String(value.into_owned()),
                "variables" | "extensions" => {
                    measure_json(format!("{{\"{name}\":{value}}}").as_bytes(), 0, limits)?;
                    serde_json::from_str(&value)
                        .map_err(|_| Refusal::bad_request(format!("`{name}` has to be a JSON object")))?
                }
                name if IDS.contains(&name) => Value::String(value.into_owned()),
                _ => continue,
            };
            body.push((Name::new(name), value));
        }

        // The last one is the first that was given.
        Self::from_body(Value::Object(body.into_iter().rev().collect()))
    }
}

fn object(value: Option<Value>, name: &str) -> Result<Variables, Refusal> {
    match value {
        None | Some(Value::Null) => Ok(Variables::default()),
        Some(object @ Value::Object(_)) => Ok(Variables::from_value(object)),
        Some(_) => Err(Refusal::bad_request(format!("`{name}` has to be a JSON object"))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_types_of_the_parameters_are_checked_by_name() {
        let message = |body| Params::from_json(body).expect_err("refused").message;

        assert!(message(json!([{"query": "{a}"}])).contains("batches"));
        assert!(message(json!("x")).contains("JSON object"));
        assert!(message(json!({})).contains("`query`"));
        assert!(message(json!({"query": 1})).contains("`query`"));
        assert!(message(json!({"query": "{a}", "operationName": 1})).contains("`operationName`"));
        assert!(message(json!({"query": "{a}", "variables": []})).contains("`variables`"));
        assert!(message(json!({"query": "{a}", "extensions": "x"})).contains("`extensions`"));
        assert!(message(json!({"documentId": 7})).contains("`documentId`"));
        for (extensions, word) in [
            (json!({"persistedQuery": {"version": 1}}), "sha256Hash"),
            (json!({"persistedQuery": {"version": 2, "sha256Hash": "00"}}), "version"),
            (json!({"persistedQuery": "00"}), "persistedQuery"),
            (json!({"maxStaleness": "soon"}), "maxStaleness"),
            (json!({"maxStaleness": -1}), "maxStaleness"),
            (json!({"mirror": "yes"}), "mirror"),
            (json!({"cost": 1}), "cost"),
        ] {
            let told = message(json!({"query": "{a}", "extensions": extensions}));
            assert!(told.contains(word), "{extensions}: {told}");
        }

        let params =
            Params::from_json(json!({"query": "{a}", "variables": null, "operationName": null, "extra": 1, "id": 5}));
        assert_eq!(params.map(|p| p.variables.len()), Ok(0));
    }

    #[test]
    fn a_query_string_carries_all_parameters() {
        let params = Params::from_query_string(
            "query=query%20Q%7Ba%7D&operationName=Q&variables=%7B%22a%22%3A1%7D&x=y",
            &Limits::default(),
        )
        .expect("parameters");
        assert_eq!(params.asked.query.as_deref(), Some("query Q{a}"));
        assert_eq!(params.operation_name.as_deref(), Some("Q"));
        assert_eq!(params.variables["a"], Value::from(1));

        let twice = Params::from_query_string("query={a}&query={b}", &Limits::default()).expect("parameters");
        assert_eq!(
            twice.asked.query.as_deref(),
            Some("{a}"),
            "the first of a repeated name counts"
        );
        assert!(Params::from_query_string("query={a}&variables={", &Limits::default()).is_err());
        assert!(
            Params::from_query_string("query={a}&variables=&operationName=&extensions=", &Limits::default()).is_ok()
        );
        assert!(Params::from_query_string("", &Limits::default()).is_err());

        let named = Params::from_query_string("documentId=abc", &Limits::default()).expect("parameters");
        assert_eq!(named.asked.id.as_deref(), Some("abc"));
    }
}
