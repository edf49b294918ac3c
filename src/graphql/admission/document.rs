//! A document that fits the schema: parsed, counted and validated, with the normal forms of its operations as far as
//! they don't depend on variables. All of it holds for every caller and for all variables, so that it can be kept.

use std::{
    borrow::Borrow,
    hash::{Hash, Hasher},
    mem::size_of,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use async_graphql::{
    Name, Positioned,
    parser::types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet},
};
use async_graphql_value::Value;

use super::{Limits, Types, normal};

/// A valid document. Made by [`super::Documents`].
#[derive(Debug)]
pub struct Document {
    text: Box<str>,
    pub(super) parsed: ExecutableDocument,
    /// Of each operation, made when it first runs; `None` inside: its shape depends on variables.
    forms: Vec<(Option<Name>, OnceLock<Option<normal::Template>>)>,
    /// It will be asked again: its forms are worth making.
    is_kept: AtomicBool,
    /// Bytes of what the parser made of it.
    parsed_bytes: usize,
}

impl Document {
    pub(super) fn new(text: &str, parsed: ExecutableDocument) -> Self {
        let names = parsed.operations.iter().map(|(name, _)| name.cloned());
        Self {
            text: text.into(),
            parsed_bytes: bytes_of(&parsed),
            forms: names.map(|name| (name, OnceLock::new())).collect(),
            parsed,
            is_kept: AtomicBool::new(false),
        }
    }

    /// The same, where it comes again.
    pub(super) fn keep(self: Arc<Self>) -> Arc<Self> {
        self.is_kept.store(true, Ordering::Relaxed);
        self
    }

    /// As it was sent.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The form of an operation of a document that comes again, where its shape is the same for all variables.
    pub(super) fn template(
        &self,
        name: Option<&str>,
        operation: &Positioned<OperationDefinition>,
        types: &Types,
        limits: &Limits,
    ) -> Option<&normal::Template> {
        if !self.is_kept.load(Ordering::Relaxed) {
            return None;
        }
        let (_, form) = self.forms.iter().find(|(own, _)| own.as_deref() == name)?;
        let most = self.parsed_bytes * FORMS / self.forms.len().max(1);
        let template = || normal::template(&self.parsed, operation, types, limits);
        form.get_or_init(|| template().filter(|template| of_set(template.selections()) <= most))
            .as_ref()
    }

    /// Bytes that it takes in memory at most, its forms included.
    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>() + self.text.len() + self.parsed_bytes * (1 + FORMS)
    }
}

/// The forms of all operations together may be so many times as large as what the parser made. A fragment that stands
/// in many places can come to far more: such a form is made anew each time.
const FORMS: usize = 2;

fn bytes_of(parsed: &ExecutableDocument) -> usize {
    let operations = parsed.operations.iter().map(|(_, operation)| {
        let variables = operation.node.variable_definitions.len() * 256;
        size_of::<OperationDefinition>() + variables + of_set(&operation.node.selection_set.node)
    });
    let fragments = parsed.fragments.values();
    let fragments = fragments.map(|fragment| size_of_val(fragment) + of_set(&fragment.node.selection_set.node));
    operations.sum::<usize>() + fragments.sum::<usize>()
}

/// The heap of a name: its text is shared, and counted each time.
const NAME: usize = 40;

// Recursion follows brackets, which the meter has bounded.
fn of_set(set: &SelectionSet) -> usize {
    let below: usize = set.items.iter().map(|item| of_selection(&item.node)).sum();
    set.items.capacity() * size_of::<Positioned<Selection>>() + below
}

fn of_selection(selection: &Selection) -> usize {
    let directives = selection.directives().len() * 256;
    directives
        + match selection {
            Selection::Field(field) => of_field(&field.node),
            Selection::FragmentSpread(_) => NAME,
            Selection::InlineFragment(inline) => NAME + of_set(&inline.node.selection_set.node),
        }
}

fn of_field(field: &Field) -> usize {
    let arguments = field.arguments.capacity() * size_of::<(Positioned<Name>, Positioned<Value>)>();
    let values: usize = field
        .arguments
        .iter()
        .map(|(_, value)| NAME + of_value(&value.node))
        .sum();
    NAME * 2 + arguments + values + of_set(&field.selection_set.node)
}

fn of_value(value: &Value) -> usize {
    match value {
        Value::String(text) => text.capacity(),
        Value::List(items) => items.capacity() * size_of::<Value>() + items.iter().map(of_value).sum::<usize>(),
        Value::Object(fields) => fields
            .values()
            .map(|value| 2 * size_of::<Value>() + NAME + of_value(value))
            .sum(),
        _ => NAME,
    }
}

/// A document as a key: by its text, to the letter.
#[derive(Debug, Clone)]
pub(super) struct ByText(pub(super) Arc<Document>);

impl Borrow<str> for ByText {
    fn borrow(&self) -> &str {
        self.0.text()
    }
}

impl PartialEq for ByText {
    fn eq(&self, other: &Self) -> bool {
        self.0.text == other.0.text
    }
}

impl Eq for ByText {}

impl Hash for ByText {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.text().hash(state);
    }
}
