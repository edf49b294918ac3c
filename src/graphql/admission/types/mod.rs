//! What the admission knows of the schema: kinds, fields, arguments, possible types. Built once, when the server
//! starts.

mod default_page;
mod heavy;
mod needs;
mod price;
mod reading;
mod remedy;
mod steady;

#[cfg(test)]
mod sample;

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    sync::Arc,
};

use async_graphql::{
    Value,
    indexmap::IndexMap,
    parser::types::{BaseType, OperationType, Type},
};

pub(super) use heavy::Heavy;
pub(in crate::graphql) use needs::of as needs_of;
pub(super) use price::Price;
pub(super) use remedy::remedy;

use crate::auth::Permission;

/// The types of a schema by name, those of introspection included.
#[derive(Debug, Default)]
pub struct Types {
    types: HashMap<String, TypeDef>,
    query: String,
    mutation: Option<String>,
    subscription: Option<String>,
    typename: Option<FieldDef>,
    /// `if`, of `@skip` and `@include`.
    condition: IndexMap<String, InputDef>,
}

/// A named type.
#[derive(Debug)]
pub(super) struct TypeDef {
    pub(super) name: String,
    pub(super) kind: TypeDefKind,
}

/// What kind of type it is.
#[derive(Debug)]
pub(super) enum TypeDefKind {
    Scalar(Scalar),
    Enum(BTreeSet<String>),
    Input(Input),
    Composite(Composite),
}

/// A scalar: the five of the specification, or one of the schema's own.
pub(super) enum Scalar {
    Int,
    Float,
    String,
    Boolean,
    Id,
    Custom {
        /// Whether a value is one of this type; the scalar's own word.
        is_valid: Arc<dyn Fn(&Value) -> bool + Send + Sync>,
        /// The scalar's description: says what it takes.
        description: String,
    },
}

impl fmt::Debug for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Int => "Int",
            Self::Float => "Float",
            Self::String => "String",
            Self::Boolean => "Boolean",
            Self::Id => "ID",
            Self::Custom { .. } => "Custom",
        })
    }
}

/// An input object.
#[derive(Debug)]
pub(super) struct Input {
    pub(super) fields: IndexMap<String, InputDef>,
    /// Exactly one field has to be given.
    pub(super) one_of: bool,
}

/// An object, an interface or a union.
#[derive(Debug)]
pub(super) struct Composite {
    pub(super) fields: HashMap<String, FieldDef>,
    /// The object types that a value can have; an object has itself.
    pub(super) possible: BTreeSet<String>,
    pub(super) is_object: bool,
}

/// A field of an object or an interface.
#[derive(Debug)]
pub(super) struct FieldDef {
    pub(super) ty: Type,
    pub(super) arguments: IndexMap<String, InputDef>,
    /// What a caller has to have for it, as its description says. Its resolver has the last word.
    pub(super) needs: Vec<Permission>,
    /// When it computes for so long at a time that it has to do so beside the runtime's workers.
    pub(super) heavy: Heavy,
    /// What a use of it costs, and how many items it gives.
    pub(super) price: Price,
    /// What it says follows from the snapshot and the caller's permissions alone.
    pub(super) is_steady: bool,
}

/// An argument, or a field of an input object.
#[derive(Debug)]
pub(super) struct InputDef {
    pub(super) ty: Type,
    pub(super) has_default: bool,
    /// Its default, where that is a number of things; of a page what there is where nobody says.
    pub(super) default: Option<usize>,
}

impl InputDef {
    /// It has to be given.
    pub(super) fn is_required(&self) -> bool {
        !self.ty.nullable && !self.has_default
    }
}

impl TypeDef {
    pub(super) fn composite(&self) -> Option<&Composite> {
        match &self.kind {
            TypeDefKind::Composite(composite) => Some(composite),
            _ => None,
        }
    }

    pub(super) fn is_input(&self) -> bool {
        !matches!(self.kind, TypeDefKind::Composite(_))
    }
}

/// The name under all lists.
pub(super) fn name_of(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name.as_str(),
        BaseType::List(item) => name_of(item),
    }
}

impl Types {
    pub(super) fn get(&self, name: &str) -> Option<&TypeDef> {
        self.types.get(name)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.types.keys().map(String::as_str)
    }

    /// The type under all lists.
    pub(super) fn named(&self, ty: &Type) -> Option<&TypeDef> {
        self.get(name_of(ty))
    }

    /// The type that an operation starts from, if the schema has it.
    pub(super) fn root(&self, operation: OperationType) -> Option<&TypeDef> {
        let name = match operation {
            OperationType::Query => Some(&self.query),
            OperationType::Mutation => self.mutation.as_ref(),
            OperationType::Subscription => self.subscription.as_ref(),
        };
        self.get(name?)
    }

    /// A field of a composite type; every one of them has `__typename`.
    pub(super) fn field<'t>(&'t self, parent: &'t TypeDef, name: &str) -> Option<&'t FieldDef> {
        let composite = parent.composite()?;
        if name == "__typename" {
            return self.typename.as_ref();
        }
        composite.fields.get(name)
    }

    /// The arguments of `@skip` and `@include`.
    pub(super) fn condition(&self) -> &IndexMap<String, InputDef> {
        &self.condition
    }

    /// The object types that a value of this composite type can have.
    pub(super) fn possible(&self, name: &str) -> Option<&BTreeSet<String>> {
        Some(&self.get(name)?.composite()?.possible)
    }

    /// Whether an object of type `object` is one of `condition`.
    pub(super) fn applies(&self, condition: &str, object: &str) -> bool {
        self.possible(condition)
            .is_some_and(|possible| possible.contains(object))
    }
}

/// Whether a variable of type `given` may stand where `wanted` is: the same, or stricter.
pub(super) fn is_subtype(given: &Type, wanted: &Type) -> bool {
    if given.nullable && !wanted.nullable {
        return false;
    }
    match (&given.base, &wanted.base) {
        (BaseType::Named(given), BaseType::Named(wanted)) => given == wanted,
        (BaseType::List(given), BaseType::List(wanted)) => is_subtype(given, wanted),
        _ => false,
    }
}
