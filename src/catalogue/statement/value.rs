//! What a sentence is made with.

use std::borrow::Cow;

use chrono::{DateTime, SecondsFormat, Utc};

use super::Statement;

/// The value of one argument.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Value {
    /// There is none: the sentence does without.
    Absent,
    /// A name, an id, a word; a moment as RFC 3339 writes it.
    Text(String),
    /// A number.
    Number(i64),
    /// A sentence of its own, say why it was refused.
    Statement(Box<Statement>),
}

impl Value {
    /// The value as text: of a sentence the English one, and nothing where there is none.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Absent => Cow::Borrowed(""),
            Self::Text(text) => Cow::Borrowed(text),
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Statement(statement) => Cow::Owned(statement.to_string()),
        }
    }

    /// The word that a `select` goes by.
    pub(super) fn keyword(&self) -> Cow<'_, str> {
        match self {
            Self::Absent => Cow::Borrowed("absent"),
            value => value.text(),
        }
    }

    /// The number that a `plural` goes by.
    pub(super) fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.parse().ok(),
            Self::Absent | Self::Statement(_) => None,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

/// Without NUL, which nobody means, and which no text of the database may have.
impl From<String> for Value {
    fn from(mut text: String) -> Self {
        if text.contains('\0') {
            text.retain(|it| it != '\0');
        }
        Self::Text(text)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        text.clone().into()
    }
}

impl From<Cow<'_, str>> for Value {
    fn from(text: Cow<'_, str>) -> Self {
        text.into_owned().into()
    }
}

impl From<bool> for Value {
    fn from(is_so: bool) -> Self {
        Self::Text(is_so.to_string())
    }
}

impl From<DateTime<Utc>> for Value {
    fn from(at: DateTime<Utc>) -> Self {
        Self::Text(at.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

impl From<Statement> for Value {
    fn from(statement: Statement) -> Self {
        Self::Statement(Box::new(statement))
    }
}

impl From<&Statement> for Value {
    fn from(statement: &Statement) -> Self {
        statement.clone().into()
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Into::into)
    }
}

macro_rules! from_numbers {
    ($($number:ty),*) => {
        $(
            impl From<$number> for Value {
                fn from(number: $number) -> Self {
                    Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
                }
            }
        )*
    };
}

from_numbers!(u8, i32, u32, i64, u64, usize);
