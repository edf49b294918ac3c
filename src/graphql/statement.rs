//! Sentences as data: a code and arguments beside the English text.

use std::borrow::Cow;

use async_graphql::{
    ContextSelectionSet, Name, OutputType, Positioned, ServerResult, Value,
    parser::types::Field,
    registry::{Deprecation, MetaEnumValue, MetaType, MetaTypeId, Registry},
};

use crate::{
    catalogue,
    graphql::walk::{Halt, Walk, WalkOutput, walked},
};

/// What the API says as a sentence, as data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement(pub(super) catalogue::Statement);

walked! {
    /// A sentence as data: say it in your reader's language by `code` and `args`, and branch on `code`.
    type Statement = Statement;

    /// Which sentence of the catalogue it is. OTHER: nothing but the text is known, because an earlier version of the
    /// server stored it, or a newer one.
    fn code(&self) -> StatementCode {
        StatementCode(self.0.code())
    }

    /// What the sentence is made with. What isn't known, or not to be told, is left out.
    #[tags("items:5")]
    fn args(&self) -> Vec<StatementArgument> {
        let args = self.0.arguments();
        args.map(|(name, value)| StatementArgument {
            name,
            value: value.clone(),
        })
        .collect()
    }

    /// The sentence in English: what stands in the field beside it.
    fn text(&self) -> String {
        self.0.to_string()
    }
}

/// What a sentence is made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementArgument {
    name: &'static str,
    value: catalogue::Value,
}

walked! {
    /// What a sentence is made with. `docs/statements.md` says what each name means.
    type StatementArgument = StatementArgument;

    /// Its name, which means the same in all sentences.
    fn name(&self) -> &str {
        self.name
    }

    /// Its value as text: numbers as plain digits, moments as RFC 3339 writes them, and of a sentence its English text.
    fn value(&self) -> Cow<'_, str> {
        self.value.text()
    }

    /// Where the value is a sentence itself, say the cause: that one as data.
    fn statement(&self) -> Option<Statement> {
        match &self.value {
            catalogue::Value::Statement(statement) => Some(Statement(catalogue::Statement::clone(statement))),
            _ => None,
        }
    }
}

/// A code of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatementCode(&'static str);

/// The values are those of the catalogue: a list of them here would be another one.
impl OutputType for StatementCode {
    fn type_name() -> Cow<'static, str> {
        "StatementCode".into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Enum, |_| MetaType::Enum {
            name: Self::type_name().into_owned(),
            description: Some(
                "What can be said, by the English sentence that each code stands for: an ICU message with its arguments. \
                 New ones may be added: treat an unknown one as `OTHER`."
                    .to_owned(),
            ),
            enum_values: catalogue::all()
                .map(|entry| (entry.code.to_owned(), value(entry)))
                .collect(),
            visible: None,
            inaccessible: false,
            tags: Vec::new(),
            rust_typename: Some(std::any::type_name::<Self>()),
            directive_invocations: Vec::new(),
            requires_scopes: Vec::new(),
        })
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        Ok(Value::Enum(Name::new(self.0)))
    }
}

impl WalkOutput for StatementCode {
    type Plan = ();

    fn plan(_: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<()> {
        Ok(())
    }

    fn write(&self, (): &(), walk: &mut Walk<'_>) -> Result<(), Halt> {
        self.0.write(&(), walk)
    }
}

fn value(entry: &catalogue::Entry) -> MetaEnumValue {
    MetaEnumValue {
        name: entry.code.to_owned(),
        description: Some(description(entry)),
        deprecation: Deprecation::NoDeprecated,
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        directive_invocations: Vec::new(),
    }
}

/// The English sentence, and the arguments that it does without.
fn description(entry: &catalogue::Entry) -> String {
    let silent = entry.silent_arguments();
    if silent.is_empty() {
        return entry.template.to_owned();
    }

    let named: Vec<String> = silent.iter().map(|name| format!("{{{name}}}")).collect();
    format!("{}\n\nIts arguments are {}, too.", entry.template, named.join(", "))
}

/// Statements as data.
pub(super) fn as_data(statements: &[catalogue::Statement]) -> Vec<Statement> {
    statements.iter().cloned().map(Statement).collect()
}

/// Statements as sentences.
pub(super) fn as_text(statements: &[catalogue::Statement]) -> Vec<String> {
    statements.iter().map(ToString::to_string).collect()
}

impl From<catalogue::Statement> for Statement {
    fn from(statement: catalogue::Statement) -> Self {
        Self(statement)
    }
}

impl From<&catalogue::Statement> for Statement {
    fn from(statement: &catalogue::Statement) -> Self {
        Self(statement.clone())
    }
}
