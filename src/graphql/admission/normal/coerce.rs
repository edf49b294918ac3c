//! Variables: each value of its type, or the request is refused with the variable's name and the way inside it.

use async_graphql::{
    Name, Value, Variables,
    indexmap::IndexMap,
    parser::types::{BaseType, OperationDefinition, Type},
};

use super::{
    super::{
        Code, Refusal,
        long_numbers::{fraction, unmarked},
        source,
        types::{Input, Scalar, TypeDefKind, Types, remedy},
    },
    literal::Values,
};

/// Why a value is none of its type.
#[derive(Debug)]
pub(in crate::graphql::admission) struct CoercionError {
    /// The way inside the value: `.recipients[2].id`; empty for all of it.
    pub(in crate::graphql::admission) path: String,
    /// What is wrong there; never the value.
    pub(in crate::graphql::admission) what: String,
}

impl CoercionError {
    fn new(what: impl Into<String>) -> Self {
        Self {
            path: String::new(),
            what: what.into(),
        }
    }

    fn inside(mut self, step: &str) -> Self {
        self.path.insert_str(0, step);
        self
    }
}

/// Where a value was written: JSON has no enum values, a literal's number keeps its point.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Written {
    Json,
    Literal,
}

/// The values of an operation's variables, defaults filled in. What no variable asks for is left out.
///
/// # Errors
/// A value is missing, or none of its type.
pub(super) fn variables(
    operation: &OperationDefinition,
    mut given: Variables,
    types: &Types,
) -> Result<Values, Refusal> {
    let mut values = Values::with_capacity(operation.variable_definitions.len());
    for definition in &operation.variable_definitions {
        let variable = &definition.node;
        let (name, ty) = (&variable.name.node, &variable.var_type.node);
        let refusal =
            |message: String| Refusal::new(Code::BadUserInput, message).at(definition.pos.line, definition.pos.column);

        match (given.remove(name), &variable.default_value) {
            // An explicit null is no absence: the default does not take its place.
            (Some(Value::Null), _) | (None, None) if !ty.nullable => {
                return Err(refusal(format!("the variable `${name}` of type `{ty}` needs a value")));
            }
            (Some(value), _) => {
                let value = coerce(value, ty, types, Written::Json)
                    .map_err(|wrong| refusal(format!("the variable `${name}{}`: {}", wrong.path, wrong.what)))?;
                values.insert(name.clone(), value);
            }
            (None, Some(default)) => {
                // Validation has found it to be of its type.
                let default = literal(default.node.clone(), ty, types);
                values.insert(name.clone(), default.unwrap_or_default());
            }
            (None, None) => {}
        }
    }
    Ok(values)
}

/// Whether the default of a variable is of its type.
pub(in crate::graphql::admission) fn check_literal(
    value: &Value,
    ty: &Type,
    types: &Types,
) -> Result<(), CoercionError> {
    literal(value.clone(), ty, types).map(|_| ())
}

/// A literal without variables.
fn literal(value: Value, ty: &Type, types: &Types) -> Result<Value, CoercionError> {
    coerce(value, ty, types, Written::Literal)
}

fn coerce(value: Value, ty: &Type, types: &Types, written: Written) -> Result<Value, CoercionError> {
    match (&ty.base, value) {
        (_, Value::Null) if ty.nullable => Ok(Value::Null),
        (_, Value::Null) => Err(CoercionError::new(format!("null, where `{ty}` is wanted"))),
        (BaseType::List(item), Value::List(items)) => {
            let items = items.into_iter().enumerate().map(|(at, value)| {
                coerce(value, item, types, written).map_err(|wrong| wrong.inside(&format!("[{at}]")))
            });
            Ok(Value::List(items.collect::<Result<_, _>>()?))
        }
        // A single value stands for a list of one.
        (BaseType::List(item), value) => Ok(Value::List(vec![coerce(value, item, types, written)?])),
        (BaseType::Named(name), value) => named(value, name, types, written),
    }
}

fn named(value: Value, name: &Name, types: &Types, written: Written) -> Result<Value, CoercionError> {
    let Some(ty) = types.get(name.as_str()) else {
        return Err(CoercionError::new(format!("there is no type `{name}`")));
    };

    let coerced = match (&ty.kind, value) {
        (TypeDefKind::Input(input), Value::Object(fields)) => return object(fields, input, name, types, written),
        (TypeDefKind::Enum(values), Value::String(value)) if written == Written::Json && values.contains(&value) => {
            Some(Value::Enum(Name::new(value)))
        }
        (TypeDefKind::Enum(values), Value::Enum(value)) if values.contains(value.as_str()) => Some(Value::Enum(value)),
        (TypeDefKind::Scalar(scalar), value) => leaf(value, scalar, written),
        _ => None,
    };
    coerced.ok_or_else(|| CoercionError::new(format!("no value of `{name}`{}", remedy(&ty.kind))))
}

fn leaf(value: Value, scalar: &Scalar, written: Written) -> Option<Value> {
    match (scalar, value) {
        (Scalar::Int, Value::Number(number)) => {
            let whole = whole(&number, written)?;
            i32::try_from(whole).ok().map(Value::from)
        }
        // A whole number of more than 64 bits, as `source` hands it on.
        (Scalar::String | Scalar::Float | Scalar::Id, Value::String(text))
            if written == Written::Literal && source::digits(&text).is_some() =>
        {
            match scalar {
                Scalar::Id => Some(unmarked(Value::String(text))),
                Scalar::Float => Some(fraction(&text)),
                _ => None,
            }
        }
        (Scalar::Float, value @ Value::Number(_))
        | (Scalar::String | Scalar::Id, value @ Value::String(_))
        | (Scalar::Boolean, value @ Value::Boolean(_)) => Some(value),
        (Scalar::Id, Value::Number(number)) if number.is_u64() => Some(Value::String(number.to_string())),
        (Scalar::Id, Value::Number(number)) => whole(&number, written).map(|number| Value::String(number.to_string())),
        (Scalar::Custom { is_valid, .. }, value) => {
            let value = if written == Written::Literal {
                unmarked(value)
            } else {
                value
            };
            is_valid(&value).then_some(value)
        }
        _ => None,
    }
}

/// In JSON `1.0` and `1e2` are whole numbers as much as `1` and `100`.
fn whole(number: &serde_json::Number, written: Written) -> Option<i64> {
    /// Up to here every whole number has its own `f64`.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    number.as_i64().or_else(|| {
        let float = number.as_f64()?;
        let is_whole = written == Written::Json && float.fract() == 0.0 && float.abs() <= EXACT;
        #[allow(clippy::cast_possible_truncation)]
        is_whole.then_some(float as i64)
    })
}

fn object(
    mut fields: IndexMap<Name, Value>,
    input: &Input,
    name: &Name,
    types: &Types,
    written: Written,
) -> Result<Value, CoercionError> {
    if let Some(unknown) = fields.keys().find(|field| !input.fields.contains_key(field.as_str())) {
        return Err(CoercionError::new(format!("`{name}` has no input field `{unknown}`")));
    }
    if input.one_of && (fields.len() != 1 || fields.values().any(|value| *value == Value::Null)) {
        return Err(CoercionError::new(format!(
            "`{name}` takes exactly one of its input fields, and not null"
        )));
    }

    let missing = input
        .fields
        .iter()
        .find(|(field, def)| def.is_required() && !fields.contains_key(field.as_str()));
    if let Some((field, def)) = missing {
        return Err(CoercionError::new(format!(
            "`{name}` needs its input field `{field}` of type `{}`",
            def.ty
        )));
    }

    for (field, value) in &mut fields {
        if let Some(def) = input.fields.get(field.as_str()) {
            let given = std::mem::take(value);
            *value = coerce(given, &def.ty, types, written).map_err(|wrong| wrong.inside(&format!(".{field}")))?;
        }
    }
    Ok(Value::Object(fields))
}
