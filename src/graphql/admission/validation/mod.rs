//! Whether a document fits the schema, by the specification's own rules.
//!
//! The library's rules are switched off: they walk every path through the fragments, see the normal form only, where a
//! wrong part may be gone, and accept what the specification refuses (its `OverlappingFieldsCanBeMerged` compares
//! neither types nor what stands in differing types). graphql-js is the oracle; `tests/clients/normal-form.test.mjs`
//! holds both together.

mod findings;
mod overlap;
mod selections;
mod subscription;
mod values;
mod variables;

#[cfg(test)]
pub(super) mod cases;

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name,
    parser::types::{ExecutableDocument, OperationDefinition, OperationType},
};

use super::{Refusal, Types};
use findings::Findings;
use selections::{SelectionWalk, UsageScope};

/// Checks all operations and fragments of a document whose fragments `count` has found free of circles.
///
/// # Errors
/// The first thing that is wrong, at its place, with up to `most - 1` others beside it.
pub(super) fn check(document: &ExecutableDocument, types: &Types, most: usize) -> Result<(), Refusal> {
    let mut findings = Findings::new(most);
    let fragments = walk_fragments(document, types, &mut findings);
    let mut used = HashSet::new();

    for (_, operation) in document.operations.iter() {
        let Some(root) = types.root(operation.node.ty) else {
            let what = match operation.node.ty {
                OperationType::Query => "queries",
                OperationType::Mutation => "mutations",
                OperationType::Subscription => "subscriptions",
            };
            findings.add(operation.pos, format!("the schema has no {what}"));
            continue;
        };
        let mut walk = SelectionWalk::new(document, types, &mut findings);
        walk.no_directives(&operation.node.directives);
        let mut scope = UsageScope::default();
        walk.set(&operation.node.selection_set.node, Some(root), &mut scope);

        let scopes = reachable(&scope, &fragments);
        used.extend(scopes.iter().flat_map(|scope| scope.spreads.iter().copied()));
        variables::check(operation, &scopes, types, &mut findings);
        if operation.node.ty == OperationType::Subscription {
            subscription::check(&operation.node, document, &mut findings);
        }
    }

    for (name, fragment) in &document.fragments {
        if !used.contains(name.as_str()) {
            findings.add(fragment.pos, format!("the fragment `{name}` is not used"));
        }
    }

    // What can be merged is asked of a document that makes sense otherwise.
    if findings.is_empty() {
        for (_, operation) in document.operations.iter() {
            check_overlap(&operation.node, document, types, &mut findings)?;
        }
    }
    findings.into_result()
}

fn check_overlap(
    operation: &OperationDefinition,
    document: &ExecutableDocument,
    types: &Types,
    findings: &mut Findings,
) -> Result<(), Refusal> {
    match types.root(operation.ty) {
        Some(root) => overlap::check(&operation.selection_set.node, root, document, types, findings),
        None => Ok(()),
    }
}

fn walk_fragments<'d>(
    document: &'d ExecutableDocument,
    types: &'d Types,
    findings: &mut Findings,
) -> HashMap<&'d Name, UsageScope<'d>> {
    let mut scopes = HashMap::new();
    for (name, fragment) in &document.fragments {
        let mut walk = SelectionWalk::new(document, types, findings);
        walk.no_directives(&fragment.node.directives);
        let parent = walk.condition(&fragment.node.type_condition.node);
        let mut scope = UsageScope::default();
        walk.set(&fragment.node.selection_set.node, parent, &mut scope);
        scopes.insert(name, scope);
    }
    scopes
}

/// An operation's own scope and those of all fragments that it comes to.
fn reachable<'s, 'd>(
    scope: &'s UsageScope<'d>,
    fragments: &'s HashMap<&'d Name, UsageScope<'d>>,
) -> Vec<&'s UsageScope<'d>> {
    let mut seen = HashSet::new();
    let mut found = vec![scope];
    let mut at = 0;
    while let Some(scope) = found.get(at).copied() {
        let new: Vec<_> = scope.spreads.iter().filter(|name| seen.insert(**name)).collect();
        found.extend(new.into_iter().filter_map(|name| fragments.get(&Name::new(name))));
        at += 1;
    }
    found
}
