//! Texts in columns, without NUL: Postgres refuses it, and SQLite takes it.

use std::fmt;

use sea_orm::Value;

use super::{AsText, text_column};
use crate::{
    catalogue::Statement,
    directory::{SharedText, UserId},
};

/// A text without NUL, which nobody means: it is left out where the text is made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct CleanText(String);

impl CleanText {
    /// A text that may be missing.
    pub(crate) fn of<T: AsRef<str> + ?Sized>(text: Option<&T>) -> Option<Self> {
        text.map(|text| Self::from(text.as_ref()))
    }

    /// A statement, as it is stored.
    pub(crate) fn said(statement: &Statement) -> Self {
        Self::from(statement.stored())
    }

    /// A statement that may be missing.
    pub(crate) fn said_of(statement: Option<&Statement>) -> Option<Self> {
        statement.map(Self::said)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for CleanText {
    fn from(text: String) -> Self {
        if text.contains('\0') {
            Self(text.replace('\0', ""))
        } else {
            Self(text)
        }
    }
}

impl<T: AsRef<str> + ?Sized> From<&T> for CleanText {
    fn from(text: &T) -> Self {
        Self::from(text.as_ref().to_owned())
    }
}

impl From<CleanText> for String {
    fn from(text: CleanText) -> Self {
        text.0
    }
}

impl From<CleanText> for Statement {
    fn from(text: CleanText) -> Self {
        Self::read(text.0)
    }
}

impl From<CleanText> for SharedText {
    fn from(text: CleanText) -> Self {
        text.0.into()
    }
}

impl From<CleanText> for UserId {
    fn from(text: CleanText) -> Self {
        text.0.into()
    }
}

impl fmt::Display for CleanText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsText for CleanText {
    fn text(&self) -> String {
        self.0.clone()
    }

    fn of_text(text: String) -> Result<Self, String> {
        // As it stands there.
        Ok(Self(text))
    }

    fn into_text(self) -> String {
        self.0
    }
}

text_column!([] CleanText);

/// The statement with U+FFFD in the place of every NUL in its texts, which Postgres refuses. A [`CleanText`] has none;
/// a text that is looked for finds nothing with it, as it should: no stored text has a NUL.
pub(crate) fn storable(mut statement: sea_orm::Statement) -> sea_orm::Statement {
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

    #[test]
    fn nul_never_reaches_a_column() {
        assert_eq!(CleanText::from("a\0b").as_str(), "ab");
        assert_eq!(CleanText::of(Some("a\0b")).unwrap().into_text(), "ab");
    }
}
