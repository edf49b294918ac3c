//! Enums, lists and objects as the text that stands in a column.

use sea_orm::{Statement, Value};
use serde::{Serialize, de::DeserializeOwned};

use super::error::{StoreError, corrupt};

/// An enum's column text: the same as its serde name.
pub(super) fn name_of<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => unreachable!("unit variants serialise as their name"),
    }
}

/// The enum that a column's text names.
pub(super) fn by_name<T: DeserializeOwned>(column: &str, name: &str) -> Result<T, StoreError> {
    serde_json::from_value(serde_json::Value::String(name.to_owned())).map_err(|error| corrupt(column, error))
}

/// [`by_name`] of a column that may be empty.
pub(super) fn by_name_opt<T: DeserializeOwned>(column: &str, name: Option<&str>) -> Result<Option<T>, StoreError> {
    name.map(|name| by_name(column, name)).transpose()
}

/// JSON as text. Integers stay exact in both databases, which `jsonb` and SQLite's JSON functions would not promise.
pub(super) fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("plain values serialise")
}

/// The value of a JSON column.
pub(super) fn from_json<T: DeserializeOwned>(column: &str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| corrupt(column, error))
}

/// Postgres refuses NUL in text; SQLite takes it. Nobody means it.
pub(super) fn without_nul(text: impl Into<String>) -> String {
    let text = text.into();
    if text.contains('\0') {
        text.replace('\0', "")
    } else {
        text
    }
}

/// [`without_nul`] of an optional text.
pub(super) fn without_nul_opt<T: AsRef<str> + ?Sized>(text: Option<&T>) -> Option<String> {
    text.map(|text| without_nul(text.as_ref()))
}

/// The statement with U+FFFD in the place of every NUL in its texts, which Postgres refuses. What was cleaned before it
/// was to be stored has none; a text that is looked for finds nothing with it, as it should: no stored text has a NUL.
pub(super) fn storable(mut statement: Statement) -> Statement {
    let texts = statement.values.iter_mut().flat_map(|values| &mut values.0);
    for value in texts {
        if let Value::String(Some(text)) = value
            && text.contains('\0')
        {
            *text = text.replace('\0', "\u{fffd}");
        }
    }
    statement
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::{GoneCause, RecordState};

    #[test]
    fn enums_stand_under_their_serde_names() {
        assert_eq!(name_of(&GoneCause::OutOfScope), "OUT_OF_SCOPE");
        assert_eq!(by_name::<RecordState>("state", "HELD").unwrap(), RecordState::Held);
        assert!(matches!(
            by_name::<RecordState>("state", "NEW"),
            Err(StoreError::Corrupt(_))
        ));
    }

    #[test]
    fn nul_never_reaches_a_column() {
        assert_eq!(without_nul("a\0b"), "ab");
        assert!(
            !json(&serde_json::json!({ "a": "x\0y" })).contains('\0'),
            "JSON escapes it"
        );
        let big = serde_json::json!({ "order": 176_294_576_350_761_512_i64 });
        assert_eq!(from_json::<serde_json::Value>("raw", &json(&big)).unwrap(), big);
    }
}
