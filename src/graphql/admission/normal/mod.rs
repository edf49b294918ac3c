//! The normal form of an operation: what the library executes.
//!
//! ```text
//! validated document -> coerce (the variables' values, with defaults) -> collect (conditions settled, fragments gone,
//!   equal keys merged at every depth, values in place of variables)
//! ```
//!
//! The library executes fields with equal response keys each for itself and merges what they give, so that a mutation
//! that two fragments select runs twice (async-graphql #1840 describes it). In `@skip` and `@include` it ignores the
//! default of a variable (#1827 mends that). Where a variable is absent it takes null instead of the argument's own
//! default. Handed one operation without fragments, directives and variables, it has nothing to get wrong.
//!
//! All of it is a pure function of document, operation and variables. Validation needs no variables, and where no
//! condition has one, neither does the form but for the arguments: both are kept with a document that comes again (see
//! [`Template`]).

mod coerce;
mod collect;
mod literal;
mod template;
mod uses;

#[cfg(test)]
mod cases;

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned, Variables,
    parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition, SelectionSet},
};

use super::{Limits, Refusal, Sizes, Types, complexity};
pub(super) use coerce::check_literal;
use literal::Values;
pub(super) use template::Template;
use uses::Uses;

/// An operation in normal form.
pub(super) struct Formed {
    set: Positioned<SelectionSet>,
    /// Something in it computes for long at a time: a field that says so, or the conversion of large arguments.
    pub(super) is_heavy: bool,
    /// Nothing in it depends on anything but the snapshot and the caller's permissions.
    pub(super) is_steady: bool,
    /// It costs little with any variables, however much there is of everything.
    pub(super) is_cheap: bool,
}

impl Formed {
    /// Its selections.
    pub(super) fn set(&self) -> &SelectionSet {
        &self.set.node
    }

    /// The document that the library executes.
    pub(super) fn document(
        self,
        name: Option<&str>,
        operation: &Positioned<OperationDefinition>,
    ) -> ExecutableDocument {
        let formed = Positioned::new(
            OperationDefinition {
                ty: operation.node.ty,
                variable_definitions: Vec::new(),
                directives: Vec::new(),
                selection_set: self.set,
            },
            operation.pos,
        );
        ExecutableDocument {
            operations: match name {
                Some(name) => DocumentOperations::Multiple(HashMap::from([(Name::new(name), formed)])),
                None => DocumentOperations::Single(formed),
            },
            fragments: HashMap::new(),
        }
    }
}

/// The values of an operation's variables, defaults filled in.
///
/// # Errors
/// A value is missing, or none of its type.
pub(super) fn values(
    operation: &Positioned<OperationDefinition>,
    variables: Variables,
    types: &Types,
) -> Result<Values, Refusal> {
    coerce::variables(&operation.node, variables, types)
}

/// The one operation that runs, in normal form. `known`: the caller has shown a token.
///
/// # Errors
/// A subscription's field is skipped, or the merged selections or their arguments are too many.
pub(super) fn form(
    document: &ExecutableDocument,
    operation: &Positioned<OperationDefinition>,
    values: &Values,
    types: &Types,
    limits: &Limits,
    known: bool,
) -> Result<Formed, Refusal> {
    let uses = Uses::new(values, limits, known);
    collect::root(document, operation, (values, uses), types, limits)
}

/// The template of an operation; `None` where its shape depends on variables, or nothing is gained.
pub(super) fn template(
    document: &ExecutableDocument,
    operation: &Positioned<OperationDefinition>,
    types: &Types,
    limits: &Limits,
) -> Option<Template> {
    let none = Values::new();
    let uses = Uses::new(&none, limits, true);
    // What is refused without variables is refused with them: collecting tells why.
    let template = collect::template(document, operation, (&none, uses), types, limits).ok()??;

    let root = types.root(operation.node.ty)?;
    let is_cheap = complexity::check(&template.set.node, root, types, Sizes::UNKNOWN, limits).is_ok();
    Some(Template { is_cheap, ..template })
}
