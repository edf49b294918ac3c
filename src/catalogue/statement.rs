//! Something that is said: a code with the values of its arguments.

use std::fmt;

pub(super) mod render;
mod value;

pub use value::Value;

use self::render::render;
use super::entry::{self, Entry};

/// Something that is said: a code with the values of its arguments. Shown, it is the English sentence.
#[derive(Clone, PartialEq, Eq)]
pub struct Statement {
    entry: &'static Entry,
    values: Vec<Value>,
}

impl Statement {
    /// `values` are those of the entry's first arguments, in their order; the others are absent.
    pub(super) fn new(entry: &'static Entry, mut values: Vec<Value>) -> Self {
        values.resize(entry.arguments.len(), Value::Absent);
        Self { entry, values }
    }

    /// The same with another value of the argument `name`, where it has that one.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        let at = self.entry.arguments.iter().position(|it| *it == name);
        if let Some(slot) = at.and_then(|at| self.values.get_mut(at)) {
            *slot = value.into();
        }
        self
    }

    /// A sentence that nothing but its text is known of. Only what was stored, or comes from elsewhere, is one.
    pub fn other(text: impl Into<String>) -> Self {
        Self::new(&entry::OTHER, vec![Value::Text(text.into())])
    }

    /// Several statements as one: the first, and behind it the others. Of none it is one that says nothing.
    pub fn several(statements: impl IntoIterator<Item = Self>) -> Self {
        let both = |first: Self, rest: Self| Self::new(&entry::SEVERAL, vec![first.into(), rest.into()]);
        let all: Vec<Self> = statements.into_iter().collect();
        let all = all.into_iter().rev().reduce(|rest, first| both(first, rest));
        all.unwrap_or_else(|| Self::other(""))
    }

    /// The statement of `entry` with those of `values` that it has an argument for; the others are absent.
    pub fn pick(entry: &'static Entry, values: &[(&str, Value)]) -> Self {
        let value = |name: &&str| values.iter().find(|(it, _)| it == name).map(|(_, value)| value.clone());
        let values = entry.arguments.iter().map(|name| value(name).unwrap_or(Value::Absent));
        Self::new(entry, values.collect())
    }

    /// Its code.
    pub const fn code(&self) -> &'static str {
        self.entry.code
    }

    /// What it says, as the catalogue has it.
    pub const fn entry(&self) -> &'static Entry {
        self.entry
    }

    /// Whether nothing but its text is known.
    pub fn is_other(&self) -> bool {
        self.is(&entry::OTHER)
    }

    /// Whether it says this.
    pub fn is(&self, entry: &'static Entry) -> bool {
        std::ptr::eq(self.entry, entry)
    }

    /// Whether the English sentence has `words` in it.
    pub fn contains(&self, words: &str) -> bool {
        self.to_string().contains(words)
    }

    /// The value of an argument.
    pub fn value(&self, name: &str) -> Option<&Value> {
        let at = self.entry.arguments.iter().position(|it| *it == name)?;
        self.values.get(at).filter(|value| **value != Value::Absent)
    }

    /// The arguments that it was given, by name.
    pub fn arguments(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        let given = self.entry.arguments.iter().copied().zip(&self.values);
        given.filter(|(_, value)| **value != Value::Absent)
    }
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        render(self.entry.template, self, f)
    }
}

impl fmt::Debug for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({self})", self.entry.code)
    }
}

impl std::hash::Hash for Statement {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (self.entry.code, &self.values).hash(state);
    }
}

impl PartialOrd for Statement {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Statement {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.entry.code, &self.values).cmp(&(other.entry.code, &other.values))
    }
}
