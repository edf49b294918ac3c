//! Fields, fragments and directives: known ones, in their places, with their arguments.

use std::collections::HashSet;

use async_graphql::{
    Name, Pos, Positioned,
    indexmap::IndexMap,
    parser::types::{Directive, ExecutableDocument, Field, Selection, SelectionSet, Type, TypeCondition},
};
use async_graphql_value::Value;

use super::{
    super::types::{InputDef, TypeDef, Types},
    findings::Findings,
};

/// A variable where it is used.
pub(super) struct Usage<'d> {
    pub(super) name: &'d Name,
    pub(super) pos: Pos,
    /// What is wanted there; nothing in particular inside a scalar of the schema's own.
    pub(super) wanted: Option<&'d Type>,
    /// The place has a default, so that null may be told by leaving out.
    pub(super) has_default: bool,
    /// The `@oneOf` input object that it is a field of.
    pub(super) one_of: Option<&'d str>,
}

/// What an operation or a fragment uses.
#[derive(Default)]
pub(super) struct UsageScope<'d> {
    pub(super) spreads: HashSet<&'d str>,
    pub(super) usages: Vec<Usage<'d>>,
}

/// A walk through selections; recursion follows brackets, which the meter has bounded.
pub(super) struct SelectionWalk<'d, 'f> {
    pub(super) document: &'d ExecutableDocument,
    pub(super) types: &'d Types,
    pub(super) findings: &'f mut Findings,
}

/// Arguments as they are written.
pub(super) type Arguments = [(Positioned<Name>, Positioned<Value>)];

impl<'d, 'f> SelectionWalk<'d, 'f> {
    pub(super) fn new(document: &'d ExecutableDocument, types: &'d Types, findings: &'f mut Findings) -> Self {
        Self {
            document,
            types,
            findings,
        }
    }

    /// The type that a condition names, if it can be one.
    pub(super) fn condition(&mut self, condition: &TypeCondition) -> Option<&'d TypeDef> {
        let (name, pos) = (condition.on.node.as_str(), condition.on.pos);
        let Some(found) = self.types.get(name) else {
            let hint = self.findings.hint(name, self.types.names());
            self.findings.add(pos, format!("there is no type `{name}`{hint}"));
            return None;
        };

        if found.composite().is_none() {
            self.findings.add(
                pos,
                format!("a fragment is on an object, an interface or a union, not on `{name}`"),
            );
            return None;
        }
        Some(found)
    }

    /// One selection set on `parent`; on an unknown one only what needs no type is looked at.
    pub(super) fn set(&mut self, set: &'d SelectionSet, parent: Option<&'d TypeDef>, scope: &mut UsageScope<'d>) {
        for selection in &set.items {
            self.directives(selection.node.directives(), scope);
            match &selection.node {
                Selection::Field(field) => self.field(field, parent, scope),
                Selection::InlineFragment(inline) => {
                    let inside = match &inline.node.type_condition {
                        Some(condition) => {
                            let inside = self.condition(&condition.node);
                            self.can_be(parent, inside, inline.pos);
                            inside
                        }
                        None => parent,
                    };
                    self.set(&inline.node.selection_set.node, inside, scope);
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name;
                    scope.spreads.insert(name.node.as_str());
                    match self.document.fragments.get(&name.node) {
                        Some(fragment) => {
                            let inside = self.types.get(fragment.node.type_condition.node.on.node.as_str());
                            self.can_be(parent, inside, spread.pos);
                        }
                        None => self
                            .findings
                            .add(name.pos, format!("there is no fragment `{}`", name.node)),
                    }
                }
            }
        }
    }

    /// A value of `parent` can be one of `inside`.
    fn can_be(&mut self, parent: Option<&TypeDef>, inside: Option<&TypeDef>, pos: Pos) {
        let both = parent.zip(inside);
        let Some((outer, inner)) = both.and_then(|(o, i)| Some((o.composite()?, i.composite()?))) else {
            return;
        };

        if outer.possible.is_disjoint(&inner.possible) {
            let (parent, inside) = both.map_or(("", ""), |(o, i)| (o.name.as_str(), i.name.as_str()));
            self.findings
                .add(pos, format!("a value of `{parent}` is never one of `{inside}`"));
        }
    }

    fn field(&mut self, field: &'d Positioned<Field>, parent: Option<&'d TypeDef>, scope: &mut UsageScope<'d>) {
        let (name, pos) = (field.node.name.node.as_str(), field.pos);
        let selected = &field.node.selection_set.node;
        let Some((parent, def)) = parent.and_then(|parent| Some((parent, self.types.field(parent, name)?))) else {
            if let Some(parent) = parent {
                let known = parent.composite().map(|composite| composite.fields.keys());
                let hint = self
                    .findings
                    .hint(name, known.into_iter().flatten().map(String::as_str));
                let message = format!("the type `{}` has no field `{name}`{hint}", parent.name);
                self.findings.add(pos, message);
            }
            self.untyped(&field.node.arguments, scope);
            return self.set(selected, None, scope);
        };

        let what = format!("the field `{}.{name}`", parent.name);
        self.arguments(&field.node.arguments, &def.arguments, &what, pos, scope);

        let inside = self.types.named(&def.ty);
        let is_composite = inside.is_some_and(|ty| ty.composite().is_some());
        match (is_composite, selected.items.is_empty()) {
            (true, true) => {
                let message = format!(
                    "{what} of type `{}` needs a selection of fields: `{name} {{ … }}`",
                    def.ty
                );
                self.findings.add(pos, message);
            }
            (false, false) => {
                let message = format!("{what} of type `{}` has no fields to select", def.ty);
                self.findings.add(pos, message);
            }
            (true, false) => self.set(selected, inside, scope),
            (false, true) => {}
        }
    }

    /// Arguments against their definitions.
    fn arguments(
        &mut self,
        given: &'d Arguments,
        defs: &'d IndexMap<String, InputDef>,
        what: &str,
        pos: Pos,
        scope: &mut UsageScope<'d>,
    ) {
        let mut seen = HashSet::new();
        for (name, value) in given {
            let argument = name.node.as_str();
            if !seen.insert(argument) {
                self.findings
                    .add(name.pos, format!("{what}: the argument `{argument}` stands twice"));
            }

            match defs.get(argument) {
                Some(def) => self.value(&value.node, &def.ty, def.has_default, (argument, value.pos), scope),
                None => {
                    let hint = self.findings.hint(argument, defs.keys().map(String::as_str));
                    self.findings
                        .add(name.pos, format!("{what} has no argument `{argument}`{hint}"));
                    self.untyped_value(&value.node, value.pos, scope);
                }
            }
        }

        for (name, def) in defs {
            if def.is_required() && !seen.contains(name.as_str()) {
                let message = format!("{what} needs its argument `{name}` of type `{}`", def.ty);
                self.findings.add(pos, message);
            }
        }
    }

    fn untyped(&mut self, given: &'d Arguments, scope: &mut UsageScope<'d>) {
        for (_, value) in given {
            self.untyped_value(&value.node, value.pos, scope);
        }
    }

    /// `@skip` and `@include`, each once, with its `if`.
    fn directives(&mut self, directives: &'d [Positioned<Directive>], scope: &mut UsageScope<'d>) {
        let mut seen = HashSet::new();
        for directive in directives {
            let name = directive.node.name.node.as_str();
            if !matches!(name, "skip" | "include") {
                let message =
                    format!("there is no directive `@{name}` for this place; `@skip` and `@include` are there");
                self.findings.add(directive.pos, message);
                self.untyped(&directive.node.arguments, scope);
                continue;
            }

            if !seen.insert(name) {
                self.findings
                    .add(directive.pos, format!("`@{name}` stands twice in one place"));
            }

            let defs = self.types.condition();
            self.arguments(
                &directive.node.arguments,
                defs,
                &format!("the directive `@{name}`"),
                directive.pos,
                scope,
            );
        }
    }

    /// Operations, fragment definitions and variables have no directives.
    pub(super) fn no_directives(&mut self, directives: &[Positioned<Directive>]) {
        for directive in directives {
            let name = &directive.node.name.node;
            self.findings
                .add(directive.pos, format!("the directive `@{name}` does not belong here"));
        }
    }
}
