//! The parameters of a GraphQL request: `query`, `operationName`, `variables`, `extensions`, from JSON or a query
//! string.

use async_graphql::{Name, Value, Variables};

use crate::graphql::admission::{Code, Limits, Refusal, measure_json};

const NO_OBJECT: &str = "the body has to be a JSON object with `query`, `variables` and `operationName`";

/// The parameters, checked for their types only.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::http) struct Params {
    pub(in crate::http) query: String,
    pub(in crate::http) operation_name: Option<String>,
    pub(in crate::http) variables: Variables,
}

impl Params {
    /// From the payload of a WebSocket's `subscribe`.
    pub(in crate::http) fn from_json(payload: serde_json::Value) -> Result<Self, Refusal> {
        Value::from_json(payload).map_or_else(|_| Err(bad(NO_OBJECT)), Self::from_body)
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
            Value::List(_) => return Err(bad("batches of requests are not supported: send them one by one")),
            _ => return Err(bad(NO_OBJECT)),
        };

        let extensions = object(body.swap_remove("extensions"), "extensions")?;
        let query = match body.swap_remove("query") {
            Some(Value::String(query)) => query,
            None | Some(Value::Null) if extensions.contains_key("persistedQuery") => return Err(not_persisted()),
            None | Some(Value::Null) => return Err(bad("`query` is missing")),
            Some(_) => return Err(bad("`query` has to be a string")),
        };
        let operation_name = match body.swap_remove("operationName") {
            None | Some(Value::Null) => None,
            Some(Value::String(name)) => Some(name),
            Some(_) => return Err(bad("`operationName` has to be a string")),
        };

        Ok(Self {
            query,
            operation_name,
            variables: object(body.swap_remove("variables"), "variables")?,
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
                    serde_json::from_str(&value).map_err(|_| bad(&format!("`{name}` has to be a JSON object")))?
                }
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
        Some(_) => Err(bad(&format!("`{name}` has to be a JSON object"))),
    }
}

fn bad(message: &str) -> Refusal {
    Refusal::new(Code::BadRequest, message)
}

/// Apollo's clients look for this very text, and then send the whole document.
fn not_persisted() -> Refusal {
    Refusal::new(Code::NotFound, "PersistedQueryNotFound")
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
        assert_eq!(
            message(json!({"extensions": {"persistedQuery": {"version": 1}}})),
            "PersistedQueryNotFound"
        );

        let params = Params::from_json(json!({"query": "{a}", "variables": null, "operationName": null, "extra": 1}));
        assert_eq!(params.map(|p| p.variables.len()), Ok(0));
    }

    #[test]
    fn a_query_string_carries_all_parameters() {
        let params = Params::from_query_string(
            "query=query%20Q%7Ba%7D&operationName=Q&variables=%7B%22a%22%3A1%7D&x=y",
            &Limits::default(),
        )
        .expect("parameters");
        assert_eq!(params.query, "query Q{a}");
        assert_eq!(params.operation_name.as_deref(), Some("Q"));
        assert_eq!(params.variables["a"], Value::from(1));

        let twice = Params::from_query_string("query={a}&query={b}", &Limits::default()).expect("parameters");
        assert_eq!(twice.query, "{a}", "the first of a repeated name counts");
        assert!(Params::from_query_string("query={a}&variables={", &Limits::default()).is_err());
        assert!(
            Params::from_query_string("query={a}&variables=&operationName=&extensions=", &Limits::default()).is_ok()
        );
        assert!(Params::from_query_string("", &Limits::default()).is_err());
    }
}
