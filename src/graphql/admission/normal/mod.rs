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
//! All of it is a pure function of document, operation and variables. Validation needs no variables, so that it can be
//! kept with a document that comes again.

mod coerce;
mod collect;
mod literal;
mod uses;

#[cfg(test)]
mod cases;

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned, Variables,
    parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition},
};

use super::{Limits, Refusal, Types};
pub(super) use coerce::check_literal;
use uses::Uses;

/// An operation in normal form.
pub(super) struct Formed {
    pub(super) document: ExecutableDocument,
    /// Something in it computes for long at a time: a field that says so, or the conversion of large arguments.
    pub(super) is_heavy: bool,
}

/// The one operation that runs, in normal form. `known`: the caller has shown a token.
///
/// # Errors
/// A variable has a wrong value, a subscription's field is skipped, or the merged selections or their arguments are too
/// many.
pub(super) fn form(
    document: &ExecutableDocument,
    name: Option<&str>,
    operation: &Positioned<OperationDefinition>,
    variables: Variables,
    types: &Types,
    limits: &Limits,
    known: bool,
) -> Result<Formed, Refusal> {
    let values = coerce::variables(&operation.node, variables, types)?;
    let uses = Uses::new(&values, limits, known);
    let (selection_set, is_heavy) = collect::root(document, operation, (&values, uses), types, limits)?;

    let formed = Positioned::new(
        OperationDefinition {
            ty: operation.node.ty,
            variable_definitions: Vec::new(),
            directives: Vec::new(),
            selection_set,
        },
        operation.pos,
    );
    let document = ExecutableDocument {
        operations: match name {
            Some(name) => DocumentOperations::Multiple(HashMap::from([(Name::new(name), formed)])),
            None => DocumentOperations::Single(formed),
        },
        fragments: HashMap::new(),
    };
    Ok(Formed { document, is_heavy })
}
