//! Variables: defined once, of input types, used, and only where their type may stand.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Positioned,
    parser::types::{OperationDefinition, Type, VariableDefinition},
};

use super::{
    super::{
        normal::check_literal,
        types::{Types, is_subtype, name_of},
    },
    findings::Findings,
    selections::{Usage, UsageScope},
};

/// Checks an operation's variables against all scopes that it comes to.
pub(super) fn check(
    operation: &Positioned<OperationDefinition>,
    scopes: &[&UsageScope<'_>],
    types: &Types,
    findings: &mut Findings,
) {
    let mut defined: HashMap<&str, &VariableDefinition> = HashMap::new();
    for definition in &operation.node.variable_definitions {
        let name = definition.node.name.node.as_str();
        if defined.insert(name, &definition.node).is_some() {
            findings.add(definition.pos, format!("the variable `${name}` is defined twice"));
        }
        check_definition(definition, types, findings);
    }

    let mut used = HashSet::new();
    for usage in scopes.iter().flat_map(|scope| &scope.usages) {
        let name = usage.name.as_str();
        used.insert(name);
        match defined.get(name) {
            Some(definition) => check_usage(usage, definition, types, findings),
            None => {
                let hint = findings.hint(name, defined.keys().copied());
                findings.add(usage.pos, format!("the operation has no variable `${name}`{hint}"));
            }
        }
    }

    for definition in &operation.node.variable_definitions {
        let name = definition.node.name.node.as_str();
        if !used.contains(name) {
            findings.add(definition.pos, format!("the variable `${name}` is not used"));
        }
    }
}

fn check_definition(definition: &Positioned<VariableDefinition>, types: &Types, findings: &mut Findings) {
    let variable = &definition.node;
    let (name, ty) = (&variable.name.node, &variable.var_type);
    for directive in &variable.directives {
        findings.add(
            directive.pos,
            format!("the directive `@{}` does not belong here", directive.node.name.node),
        );
    }

    let type_name = name_of(&ty.node);
    match types.get(type_name) {
        None => {
            let hint = findings.hint(type_name, types.names());
            findings.add(ty.pos, format!("there is no type `{type_name}`{hint}"));
        }
        Some(found) if !found.is_input() => {
            let message =
                format!("the variable `${name}` can't have the type `{type_name}`, which is for answers only");
            findings.add(ty.pos, message);
        }
        Some(_) => {
            if let Some(default) = &variable.default_value
                && let Err(wrong) = check_literal(&default.node, &ty.node, types)
            {
                let message = format!("the default of the variable `${name}{}`: {}", wrong.path, wrong.what);
                findings.add(default.pos, message);
            }
        }
    }
}

fn check_usage(usage: &Usage<'_>, definition: &VariableDefinition, types: &Types, findings: &mut Findings) {
    let (name, given) = (usage.name, &definition.var_type.node);
    // An unknown type is told of at its definition.
    if types.named(given).is_none() {
        return;
    }

    if let Some(wanted) = usage.wanted
        && !may_stand(definition, wanted, usage.has_default)
    {
        let message = format!("the variable `${name}` of type `{given}` stands where `{wanted}` is wanted");
        findings.add(usage.pos, message);
    }
    if let (Some(object), true) = (usage.one_of, given.nullable) {
        let message =
            format!("the variable `${name}` must not be nullable to be the one field of `{object}`: `{given}!`");
        findings.add(usage.pos, message);
    }
}

/// A nullable variable may stand in a non-null place if either has a default; an explicit null is then an error of the
/// field.
fn may_stand(definition: &VariableDefinition, wanted: &Type, has_default: bool) -> bool {
    let given = &definition.var_type.node;
    if wanted.nullable || !given.nullable {
        return is_subtype(given, wanted);
    }

    let has_value = definition
        .default_value
        .as_ref()
        .is_some_and(|default| default.node != async_graphql::Value::Null);
    let nullable = Type {
        base: wanted.base.clone(),
        nullable: true,
    };
    (has_value || has_default) && is_subtype(given, &nullable)
}
