//! UUIDs in columns of text.

use std::fmt;

use serde::{Serialize, Serializer};
use uuid::Uuid;

use super::{AsText, text_column};

/// A UUID in its usual form, of small letters with hyphens: so the texts sort as the ids do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct UuidText(pub(in crate::store) Uuid);

impl From<Uuid> for UuidText {
    fn from(id: Uuid) -> Self {
        Self(id)
    }
}

impl From<&Uuid> for UuidText {
    fn from(id: &Uuid) -> Self {
        Self(*id)
    }
}

impl From<UuidText> for Uuid {
    fn from(id: UuidText) -> Self {
        id.0
    }
}

impl fmt::Display for UuidText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// As in its column: a list of them is one parameter.
impl Serialize for UuidText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl AsText for UuidText {
    fn text(&self) -> String {
        self.0.to_string()
    }

    fn of_text(text: String) -> Result<Self, String> {
        Uuid::parse_str(&text).map(Self).map_err(|error| error.to_string())
    }
}

text_column!([] UuidText);
