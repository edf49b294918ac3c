//! Literal values: of the right type, whole, and with known keys.

use async_graphql::{
    Name, Pos,
    indexmap::IndexMap,
    parser::types::{BaseType, Type},
};
use async_graphql_value::Value;

use super::{
    super::{
        long_numbers::unmarked,
        source,
        types::{Input, Scalar, TypeDefKind, remedy},
    },
    selections::{SelectionWalk, Usage, UsageScope},
};

/// Where a value stands, for messages: the way from its argument, and the argument's place.
pub(super) type ArgumentPlace<'p> = (&'p str, Pos);

impl<'d> SelectionWalk<'d, '_> {
    /// A value of an argument or an input field, whose default `has_default` tells of.
    pub(super) fn value(
        &mut self,
        value: &'d Value,
        ty: &'d Type,
        has_default: bool,
        place: ArgumentPlace<'_>,
        scope: &mut UsageScope<'d>,
    ) {
        match value {
            Value::Variable(name) => scope.usages.push(Usage {
                name,
                pos: place.1,
                wanted: Some(ty),
                has_default,
                one_of: None,
            }),
            Value::Null if ty.nullable => {}
            Value::Null => self.wrong(place, &format!("null, where `{ty}` is wanted")),
            value => match (&ty.base, value) {
                (BaseType::List(item), Value::List(values)) => {
                    for (at, value) in values.iter().enumerate() {
                        self.value(value, item, false, (&format!("{}[{at}]", place.0), place.1), scope);
                    }
                }
                // A single value stands for a list of one.
                (BaseType::List(item), value) => self.value(value, item, false, place, scope),
                (BaseType::Named(name), value) => self.named(value, name, place, scope),
            },
        }
    }

    fn named(&mut self, value: &'d Value, name: &'d Name, place: ArgumentPlace<'_>, scope: &mut UsageScope<'d>) {
        let Some(ty) = self.types.get(name.as_str()) else {
            return;
        };

        let fits = match (&ty.kind, value) {
            (TypeDefKind::Input(input), Value::Object(fields)) => {
                return self.object(fields, input, name.as_str(), place, scope);
            }
            (TypeDefKind::Enum(values), Value::Enum(value)) => values.contains(value.as_str()),
            (TypeDefKind::Scalar(Scalar::Int), Value::Number(number)) => {
                number.as_i64().is_some_and(|number| i32::try_from(number).is_ok())
            }
            // A whole number of more than 64 bits, a text with a mark here, is no String, but may be a Float.
            (TypeDefKind::Scalar(Scalar::String), Value::String(text)) => source::digits(text).is_none(),
            (TypeDefKind::Scalar(Scalar::Float), Value::String(text)) => source::digits(text).is_some(),
            (TypeDefKind::Scalar(Scalar::Float), Value::Number(_))
            | (TypeDefKind::Scalar(Scalar::Id), Value::String(_))
            | (TypeDefKind::Scalar(Scalar::Boolean), Value::Boolean(_)) => true,
            (TypeDefKind::Scalar(Scalar::Id), Value::Number(number)) => number.is_i64() || number.is_u64(),
            (TypeDefKind::Scalar(Scalar::Custom { is_valid, .. }), value) => {
                self.untyped_value(value, place.1, scope);
                // What a variable inside brings is seen when it runs.
                value
                    .clone()
                    .into_const_with(|_| Ok::<_, ()>(Default::default()))
                    .is_ok_and(|value| is_valid(&unmarked(value)))
            }
            _ => false,
        };

        if !fits {
            self.wrong(place, &format!("no value of `{name}`{}", remedy(&ty.kind)));
        }
    }

    fn object(
        &mut self,
        fields: &'d IndexMap<Name, Value>,
        input: &'d Input,
        name: &'d str,
        place: ArgumentPlace<'_>,
        scope: &mut UsageScope<'d>,
    ) {
        for (field, value) in fields {
            let inside = format!("{}.{field}", place.0);
            let Some(def) = input.fields.get(field.as_str()) else {
                let hint = self
                    .findings
                    .hint(field.as_str(), input.fields.keys().map(String::as_str));
                self.wrong(place, &format!("`{name}` has no input field `{field}`{hint}"));
                self.untyped_value(value, place.1, scope);
                continue;
            };

            let before = scope.usages.len();
            self.value(value, &def.ty, def.has_default, (&inside, place.1), scope);
            // A variable right here must not be nullable where exactly one field has to be given.
            if let (true, Value::Variable(_), Some(usage)) = (input.one_of, value, scope.usages.get_mut(before)) {
                usage.one_of = Some(name);
            }
        }

        for (field, def) in &input.fields {
            if def.is_required() && !fields.contains_key(field.as_str()) {
                self.wrong(
                    place,
                    &format!("`{name}` needs its input field `{field}` of type `{}`", def.ty),
                );
            }
        }

        if input.one_of && (fields.len() != 1 || fields.values().any(|value| *value == Value::Null)) {
            self.wrong(
                place,
                &format!("`{name}` takes exactly one of its input fields, and not null"),
            );
        }
    }

    /// Variables inside something whose type nobody knows are used all the same.
    pub(super) fn untyped_value(&mut self, value: &'d Value, pos: Pos, scope: &mut UsageScope<'d>) {
        match value {
            Value::Variable(name) => scope.usages.push(Usage {
                name,
                pos,
                wanted: None,
                has_default: false,
                one_of: None,
            }),
            Value::List(values) => values.iter().for_each(|value| self.untyped_value(value, pos, scope)),
            Value::Object(fields) => fields.values().for_each(|value| self.untyped_value(value, pos, scope)),
            _ => {}
        }
    }

    fn wrong(&mut self, (path, pos): ArgumentPlace<'_>, what: &str) {
        self.findings.add(pos, format!("the argument `{path}`: {what}"));
    }
}
