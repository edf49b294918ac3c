//! Enums in columns of text.

use serde::{Serialize, de::DeserializeOwned};

use super::{AsText, text_column};

/// A value of an enum, as the text that is its serde name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Named<T>(pub(in crate::store) T);

impl<T: Serialize + DeserializeOwned> AsText for Named<T> {
    fn text(&self) -> String {
        match serde_json::to_value(&self.0) {
            Ok(serde_json::Value::String(name)) => name,
            _ => unreachable!("unit variants serialise as their name"),
        }
    }

    fn of_text(text: String) -> Result<Self, String> {
        let value = serde_json::from_value(serde_json::Value::String(text));
        value.map(Self).map_err(|error| error.to_string())
    }
}

text_column!([T: Serialize + DeserializeOwned] Named<T>);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::{GoneCause, RecordState};

    #[test]
    fn enums_stand_under_their_serde_names() {
        assert_eq!(Named(GoneCause::OutOfScope).text(), "OUT_OF_SCOPE");
        assert_eq!(Named::of_text("HELD".to_owned()).unwrap(), Named(RecordState::Held));
        assert!(Named::<RecordState>::of_text("NEW".to_owned()).is_err());
    }
}
