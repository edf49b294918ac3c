//! Statements at rest: in columns of the database, and in what a run keeps.
//!
//! A statement is stored as JSON, `{"args":{"user":"0113"},"code":"KEY_FOUND"}`, in a text. What only its text is known
//! of is stored as that text, as the versions before the catalogue stored every sentence; so whatever stands in a
//! column can be read.

use std::{collections::HashMap, sync::LazyLock};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value as Json, json};

use super::{Statement, Value, all, entry::Entry};

/// How a stored statement begins. No sentence does.
const BEGINNING: &str = "{\"args\":{";

impl Statement {
    /// The text to store.
    pub fn stored(&self) -> String {
        if self.is_other() {
            self.to_string()
        } else {
            self.json().to_string()
        }
    }

    /// What was stored. Anything can be: what isn't known by its code is said as it stands there.
    pub fn read(text: impl Into<String>) -> Self {
        let text = text.into();
        if !text.starts_with(BEGINNING) {
            return Self::other(text);
        }
        serde_json::from_str::<Map<String, Json>>(&text)
            .ok()
            .and_then(|object| of_object(&object))
            .unwrap_or_else(|| Self::other(text))
    }

    /// `{"args": {…}, "code": …}`.
    pub fn json(&self) -> Json {
        let args = self.arguments().map(|(name, value)| {
            let value = match value {
                Value::Absent => Json::Null,
                Value::Text(text) => json!(text),
                Value::Number(number) => json!(number),
                Value::Statement(statement) => statement.json(),
            };
            (name.to_owned(), value)
        });
        // Keys are sorted: `BEGINNING` goes by that.
        json!({ "args": Json::Object(args.collect()), "code": self.code() })
    }
}

fn of_object(object: &Map<String, Json>) -> Option<Statement> {
    let code = object.get("code")?.as_str()?;
    let args = object.get("args")?.as_object()?;
    match known(code) {
        Some(entry) => {
            let values = entry
                .arguments
                .iter()
                .map(|name| args.get(*name).map_or(Value::Absent, value));
            Some(Statement::new(entry, values.collect()))
        }
        // A newer version wrote it, and perhaps serves beside this one.
        None => {
            let told = args.iter().map(|(name, it)| format!("{name}: {}", value(it).text()));
            let told: Vec<String> = told.collect();
            Some(Statement::other(format!("{code} ({})", told.join(", "))))
        }
    }
}

fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Absent,
        Json::String(text) => Value::Text(text.clone()),
        Json::Number(number) => number
            .as_i64()
            .map_or_else(|| Value::Text(number.to_string()), Value::Number),
        Json::Object(object) => of_object(object).map_or_else(|| Value::Text(json.to_string()), Value::from),
        Json::Bool(_) | Json::Array(_) => Value::Text(json.to_string()),
    }
}

fn known(code: &str) -> Option<&'static Entry> {
    static KNOWN: LazyLock<HashMap<&str, &Entry>> = LazyLock::new(|| all().map(|entry| (entry.code, entry)).collect());
    KNOWN.get(code).copied()
}

/// As the text that is stored: so that lists of statements are lists of texts, as they were.
impl Serialize for Statement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.stored())
    }
}

impl<'de> Deserialize<'de> for Statement {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::read)
    }
}
