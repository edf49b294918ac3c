//! What the tests of this folder are made of.

use async_graphql::parser::{
    parse_query,
    types::{Field, Selection},
};

/// A field as it stands in a document.
pub(super) fn field(text: &str) -> Field {
    let document = parse_query(format!("{{ {text} }}")).expect("a document");
    let (_, operation) = document.operations.iter().next().expect("an operation");
    match &operation.node.selection_set.node.items[0].node {
        Selection::Field(field) => field.node.clone(),
        other => panic!("a field: {other:?}"),
    }
}
