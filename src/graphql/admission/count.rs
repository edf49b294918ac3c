//! After the parser: what a document asks for with all its fragments expanded.
//!
//! Each fragment is counted once and remembered. Walking every path instead, as the library's own checks do, takes 2^24
//! steps for 24 fragments that each spread the next twice.

use std::collections::HashMap;

use async_graphql::{
    Positioned,
    parser::types::{ExecutableDocument, FragmentDefinition, OperationType, Selection, SelectionSet},
};

use super::{Code, Limits, Refusal};

/// What a selection set comes to. Sums saturate: doubling fragments pass `usize` after 64 levels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct SelectionTotals {
    selections: usize,
    aliases: usize,
    directives: usize,
    /// Fields below each other.
    depth: usize,
    /// Fields of the outermost level.
    root_fields: usize,
}

impl SelectionTotals {
    fn add(&mut self, other: Self) {
        self.selections = self.selections.saturating_add(other.selections);
        self.aliases = self.aliases.saturating_add(other.aliases);
        self.directives = self.directives.saturating_add(other.directives);
        self.depth = self.depth.max(other.depth);
        self.root_fields = self.root_fields.saturating_add(other.root_fields);
    }

    fn check(&self, limits: &Limits) -> Result<(), Refusal> {
        for (name, what, has, allowed) in [
            ("depth", "fields are nested too deep", self.depth, limits.depth),
            (
                "selections",
                "too many fields, with fragments expanded",
                self.selections,
                limits.selections,
            ),
            (
                "aliases",
                "too many aliases, with fragments expanded",
                self.aliases,
                limits.aliases,
            ),
            (
                "directives",
                "too many directives, with fragments expanded",
                self.directives,
                limits.directives,
            ),
        ] {
            if has > allowed {
                return Err(Refusal::limit(name, &format!("{what} ({has})"), allowed));
            }
        }
        Ok(())
    }
}

type Memo<'d> = HashMap<&'d str, SelectionTotals>;

/// Refuses a document that asks for too much, or spreads fragments in a circle.
pub(super) fn check(document: &ExecutableDocument, limits: &Limits) -> Result<(), Refusal> {
    let (operations, fragments) = (document.operations.iter().len(), document.fragments.len());
    if operations > limits.operations {
        return Err(Refusal::limit(
            "operations",
            "too many operations in the document",
            limits.operations,
        ));
    }
    if fragments > limits.fragments {
        return Err(Refusal::limit(
            "fragments",
            "too many fragments in the document",
            limits.fragments,
        ));
    }

    let mut memo = Memo::new();
    for name in order(document)? {
        if let Some(fragment) = document.fragments.get(name) {
            let totals = count_fragment(fragment, &memo);
            // Unused ones as well: the library's rules walk them before one of them complains.
            totals.check(limits)?;
            memo.insert(name, totals);
        }
    }

    let mut all = SelectionTotals::default();
    for (_, operation) in document.operations.iter() {
        let operation = &operation.node;
        let mut totals = count_set(&operation.selection_set.node, &memo);
        let on_variables: usize = operation
            .variable_definitions
            .iter()
            .map(|v| v.node.directives.len())
            .sum();
        totals.directives = totals
            .directives
            .saturating_add(operation.directives.len())
            .saturating_add(on_variables);
        if operation.ty == OperationType::Mutation && totals.root_fields > limits.mutation_fields {
            return Err(Refusal::limit(
                "mutationFields",
                "too many root fields in a mutation",
                limits.mutation_fields,
            ));
        }
        all.add(totals);
    }
    all.check(limits)
}

/// The fragments, each after those that it spreads; names without a definition are left to the library's validation.
fn order(document: &ExecutableDocument) -> Result<Vec<&str>, Refusal> {
    #[derive(PartialEq)]
    enum State {
        Open,
        Done,
    }

    let mut states: HashMap<&str, State> = HashMap::new();
    let mut ordered = Vec::with_capacity(document.fragments.len());
    for start in document.fragments.keys() {
        // Each fragment is on the path twice: to be entered, and to be left when all that it spreads is done.
        let mut path = vec![(start.as_str(), false)];
        while let Some((name, left)) = path.pop() {
            if left {
                states.insert(name, State::Done);
                ordered.push(name);
                continue;
            }
            let Some(fragment) = document.fragments.get(name) else {
                continue;
            };
            match states.get(name) {
                Some(State::Done) => continue,
                Some(State::Open) => {
                    return Err(
                        Refusal::new(Code::ValidationFailed, format!("the fragment `{name}` spreads itself"))
                            .at(fragment.pos.line, fragment.pos.column),
                    );
                }
                None => {}
            }

            states.insert(name, State::Open);
            path.push((name, true));
            let mut spreads = Vec::new();
            collect_spreads(&fragment.node.selection_set.node, &mut spreads);
            spreads.sort_unstable();
            spreads.dedup();
            // An open one that is spread again lies on the present path: a circle.
            path.extend(
                spreads
                    .into_iter()
                    .filter(|name| states.get(name) != Some(&State::Done))
                    .map(|name| (name, false)),
            );
        }
    }
    Ok(ordered)
}

// Recursion here follows brackets, which the meter has bounded.
fn collect_spreads<'d>(set: &'d SelectionSet, found: &mut Vec<&'d str>) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => collect_spreads(&field.node.selection_set.node, found),
            Selection::InlineFragment(inline) => collect_spreads(&inline.node.selection_set.node, found),
            Selection::FragmentSpread(spread) => found.push(spread.node.fragment_name.node.as_str()),
        }
    }
}

fn count_fragment(fragment: &Positioned<FragmentDefinition>, memo: &Memo<'_>) -> SelectionTotals {
    let mut totals = count_set(&fragment.node.selection_set.node, memo);
    totals.directives = totals.directives.saturating_add(fragment.node.directives.len());
    totals
}

fn count_set(set: &SelectionSet, memo: &Memo<'_>) -> SelectionTotals {
    let mut totals = SelectionTotals::default();
    for selection in &set.items {
        totals.selections = totals.selections.saturating_add(1);
        totals.directives = totals.directives.saturating_add(selection.node.directives().len());

        match &selection.node {
            Selection::Field(field) => {
                let mut below = count_set(&field.node.selection_set.node, memo);
                below.depth += 1;
                below.root_fields = 1;
                below.aliases = below.aliases.saturating_add(usize::from(field.node.alias.is_some()));
                totals.add(below);
            }
            Selection::InlineFragment(inline) => totals.add(count_set(&inline.node.selection_set.node, memo)),
            Selection::FragmentSpread(spread) => {
                totals.add(
                    memo.get(spread.node.fragment_name.node.as_str())
                        .copied()
                        .unwrap_or_default(),
                );
            }
        }
    }
    totals
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    fn refused(document: &str) -> Option<(Code, Option<&'static str>)> {
        let document = parse_query(document).expect("GraphQL");
        check(&document, &Limits::default()).err().map(|r| (r.code, r.limit))
    }

    fn over(limit: &'static str) -> Option<(Code, Option<&'static str>)> {
        Some((Code::LimitExceeded, Some(limit)))
    }

    fn doubling(levels: usize, leaf: &str) -> String {
        let mut text = String::from("{ ...F0 }");
        for level in 0..levels {
            text += &format!(
                " fragment F{level} on Query {{ ...F{next} ...F{next} }}",
                next = level + 1
            );
        }
        text + &format!(" fragment F{levels} on Query {{ {leaf} }}")
    }

    #[test]
    fn doubling_fragments_are_counted_in_no_time_whatever_their_leaf_is() {
        for levels in [24, 28, 100] {
            assert_eq!(refused(&doubling(levels, "a")), over("selections"));
            assert_eq!(refused(&doubling(levels, "...Nowhere")), over("selections"));
        }
        assert_eq!(refused(&doubling(4, "a")), None);
    }

    #[test]
    fn unused_fragments_count_too() {
        let unused = doubling(24, "a").replace("{ ...F0 } fragment", "{ a } fragment");
        assert_eq!(refused(&unused), over("selections"));
    }

    #[test]
    fn circles_of_fragments_are_refused_wherever_they_are() {
        let circle = Some((Code::ValidationFailed, None));
        assert_eq!(refused("{ ...A } fragment A on Q { ...A }"), circle);
        assert_eq!(
            refused("{ a } fragment A on Q { b { ...B } } fragment B on Q { c { ...A } }"),
            circle
        );

        assert_eq!(
            refused("{ ...A ...B } fragment A on Q { ...C } fragment B on Q { ...C } fragment C on Q { a }"),
            None
        );
        assert_eq!(
            refused("{ ...A } fragment A on Q { ...B ...C } fragment B on Q { ...C } fragment C on Q { a }"),
            None
        );
        assert_eq!(
            refused("{ ...A } fragment A on Q { ...C ...B } fragment B on Q { a } fragment C on Q { ...B }"),
            None
        );
    }

    #[test]
    fn depth_aliases_directives_and_root_fields_are_counted_through_fragments() {
        let nested = |n: usize| format!("{}a{}", "{a".repeat(n - 1) + "{", "}".repeat(n));
        assert_eq!(refused(&nested(20)), None);
        assert_eq!(refused(&nested(21)), over("depth"));
        assert_eq!(
            refused("{a{a{a{a{a{a{a{...F}}}}}}}} fragment F on Q {a{a{a{a{a{a{a{a{a{a{a{a{a{a}}}}}}}}}}}}}}"),
            over("depth")
        );

        let aliases: String = (0..60).map(|i| format!("b{i}: a ")).collect();
        assert_eq!(refused(&format!("{{ {aliases} }}")), None);
        assert_eq!(
            refused(&format!("{{ x {{...F}} y {{...F}} }} fragment F on Q {{ {aliases} }}")),
            over("aliases")
        );
        assert_eq!(
            refused(&format!("{{ a {} }}", "@skip(if: true) ".repeat(51))),
            over("directives")
        );

        let sends: String = (0..11).map(|i| format!("m{i}: send ")).collect();
        assert_eq!(refused(&format!("mutation {{ {sends} }}")), over("mutationFields"));
        assert_eq!(
            refused(&format!("mutation {{ ...F }} fragment F on Mutation {{ {sends} }}")),
            over("mutationFields")
        );
    }

    #[test]
    fn operations_and_fragments_are_bounded() {
        let operations: String = (0..21).map(|i| format!("query Q{i} {{ a }} ")).collect();
        assert_eq!(refused(&operations), over("operations"));

        let fragments: String = (0..201).map(|i| format!("fragment F{i} on Q {{ a }} ")).collect();
        assert_eq!(refused(&format!("{{ a }} {fragments}")), over("fragments"));
    }
}
