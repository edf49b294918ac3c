//! Literal values as the resolvers get them: variables replaced, single values in lists, numbers of ids as text.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned, Value as ConstValue,
    indexmap::IndexMap,
    parser::types::{BaseType, Type},
};
use async_graphql_value::Value;

use super::super::{
    long_numbers::fraction,
    source,
    types::{InputDef, Scalar, TypeDefKind, Types},
};

/// The values of an operation's variables; one that is absent has no entry.
pub(in crate::graphql::admission) type Values = HashMap<Name, ConstValue>;

/// The arguments of a field. One whose variable is absent is absent itself, so that its default holds.
pub(super) fn arguments(
    given: &[(Positioned<Name>, Positioned<Value>)],
    defs: &IndexMap<String, InputDef>,
    values: &Values,
    types: &Types,
) -> Vec<(Positioned<Name>, Positioned<Value>)> {
    given
        .iter()
        .filter_map(|(name, value)| {
            let def = defs.get(name.node.as_str())?;
            let settled = settle(&value.node, &def.ty, values, types)?;
            Some((name.clone(), Positioned::new(settled.into_value(), value.pos)))
        })
        .collect()
}

/// One value, which validation has found to be of its type. `None`: an absent variable.
pub(super) fn settle(value: &Value, ty: &Type, values: &Values, types: &Types) -> Option<ConstValue> {
    let named = match (&ty.base, value) {
        // Coerced already, to a type that may stand here.
        (_, Value::Variable(name)) => return values.get(name).cloned(),
        (_, Value::Null) => return Some(ConstValue::Null),
        (BaseType::List(item), Value::List(items)) => {
            let items = items
                .iter()
                .map(|value| settle(value, item, values, types).unwrap_or_default());
            return Some(ConstValue::List(items.collect()));
        }
        (BaseType::List(item), value) => {
            return Some(ConstValue::List(vec![settle(value, item, values, types)?]));
        }
        (BaseType::Named(name), _) => types.get(name.as_str()),
    };

    match (named.map(|named| &named.kind), value) {
        (Some(TypeDefKind::Input(input)), Value::Object(fields)) => {
            let fields = fields.iter().filter_map(|(name, value)| {
                let def = input.fields.get(name.as_str())?;
                Some((name.clone(), settle(value, &def.ty, values, types)?))
            });
            Some(ConstValue::Object(fields.collect()))
        }
        (Some(TypeDefKind::Scalar(Scalar::Id)), Value::Number(number)) => Some(ConstValue::String(number.to_string())),
        (Some(TypeDefKind::Scalar(Scalar::Float)), Value::String(text)) => Some(fraction(text)),
        (_, value) => untyped(value, values),
    }
}

/// Inside a scalar of the schema's own, where no type tells more.
fn untyped(value: &Value, values: &Values) -> Option<ConstValue> {
    Some(match value {
        Value::Variable(name) => return values.get(name).cloned(),
        Value::List(items) => ConstValue::List(items.iter().map(|v| untyped(v, values).unwrap_or_default()).collect()),
        Value::Object(fields) => ConstValue::Object(
            fields
                .iter()
                .filter_map(|(name, value)| Some((name.clone(), untyped(value, values)?)))
                .collect(),
        ),
        Value::String(text) => ConstValue::String(source::digits(text).unwrap_or(text).to_owned()),
        value => value.clone().into_const().unwrap_or_default(),
    })
}
