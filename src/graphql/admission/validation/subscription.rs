//! A subscription has one root field, which is none of introspection's. Conditions are settled when it starts.

use std::collections::BTreeSet;

use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, Selection, SelectionSet};

use super::findings::Findings;

/// Looks at the outermost level, through all fragments.
pub(super) fn check(operation: &OperationDefinition, document: &ExecutableDocument, findings: &mut Findings) {
    let mut seen = BTreeSet::new();
    let mut keys = BTreeSet::new();
    let mut left = vec![&operation.selection_set.node];
    while let Some(set) = left.pop() {
        look(set, document, &mut left, &mut seen, &mut keys, findings);
    }

    if keys.len() > 1 {
        findings.add(
            operation.selection_set.pos,
            "a subscription has one root field: start one subscription for each",
        );
    }
}

fn look<'d>(
    set: &'d SelectionSet,
    document: &'d ExecutableDocument,
    left: &mut Vec<&'d SelectionSet>,
    seen: &mut BTreeSet<&'d str>,
    keys: &mut BTreeSet<&'d str>,
    findings: &mut Findings,
) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => {
                keys.insert(field.node.response_key().node.as_str());
                if field.node.name.node.starts_with("__") {
                    findings.add(field.pos, "a subscription's root field can't be one of introspection");
                }
            }
            Selection::InlineFragment(inline) => left.push(&inline.node.selection_set.node),
            Selection::FragmentSpread(spread) => {
                let name = &spread.node.fragment_name.node;
                if let Some(fragment) = document.fragments.get(name)
                    && seen.insert(name.as_str())
                {
                    left.push(&fragment.node.selection_set.node);
                }
            }
        }
    }
}
