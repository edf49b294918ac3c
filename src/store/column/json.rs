//! JSON in columns of text.

use serde::{Serialize, de::DeserializeOwned};

use super::{AsText, text_column};

/// A value as JSON. Integers stay exact in both databases, which `jsonb` and SQLite's JSON functions would not promise.
/// JSON escapes NUL by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JsonText<T>(pub(in crate::store) T);

impl<T: Serialize> JsonText<T> {
    /// The JSON of a value that is no column's: one parameter for a list, say.
    pub(crate) fn json(&self) -> String {
        serde_json::to_string(&self.0).expect("plain values serialise")
    }
}

impl<T: Serialize + DeserializeOwned> AsText for JsonText<T> {
    fn text(&self) -> String {
        self.json()
    }

    fn of_text(text: String) -> Result<Self, String> {
        serde_json::from_str(&text).map(Self).map_err(|error| error.to_string())
    }
}

text_column!([T: Serialize + DeserializeOwned] JsonText<T>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_nul_and_no_rounded_number_reaches_a_column() {
        let nul = JsonText(serde_json::json!({ "a": "x\0y" }));
        assert!(!nul.text().contains('\0'), "JSON escapes it");
        let big = JsonText(serde_json::json!({ "order": 176_294_576_350_761_512_i64 }));
        assert_eq!(JsonText::of_text(big.text()).unwrap(), big);
    }
}
