//! The normal form of an operation: what the library executes.
//!
//! ```text
//! validated document -> coerce (the variables' values, with defaults) -> collect (conditions settled, fragments gone,
//!   equal keys merged at every depth, values in place of variables)
//! ```
//!
//! The library executes fields with equal response keys each for itself and merges what they give, so that a mutation that
//! two fragments select runs twice (async-graphql #1840 describes it). In `@skip` and `@include` it ignores the default of a
//! variable (#1827 mends that). Where a variable is absent it takes null instead of the argument's own default. Handed one
//! operation without fragments, directives and variables, it has nothing to get wrong.
//!
//! All of it is a pure function of document, operation and variables. Validation needs no variables, so that it can be kept
//! with a document that comes again.

mod coerce;
mod collect;
pub(super) mod literal;

#[cfg(test)]
mod cases;

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned, Variables,
    parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition},
};

use super::{Limits, Refusal, Types};

/// The one operation that runs, in normal form.
///
/// # Errors
/// A variable has a wrong value, a subscription's field is skipped, or the merged selections are too many.
pub(super) fn form(
    document: &ExecutableDocument,
    name: Option<&str>,
    operation: &Positioned<OperationDefinition>,
    variables: Variables,
    types: &Types,
    limits: &Limits,
) -> Result<ExecutableDocument, Refusal> {
    let values = coerce::variables(&operation.node, variables, types)?;
    let selection_set = collect::root(document, operation, &values, types, limits)?;

    let formed = Positioned::new(
        OperationDefinition {
            ty: operation.node.ty,
            variable_definitions: Vec::new(),
            directives: Vec::new(),
            selection_set,
        },
        operation.pos,
    );
    Ok(ExecutableDocument {
        operations: match name {
            Some(name) => DocumentOperations::Multiple(HashMap::from([(Name::new(name), formed)])),
            None => DocumentOperations::Single(formed),
        },
        fragments: HashMap::new(),
    })
}
