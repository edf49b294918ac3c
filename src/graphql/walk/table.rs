//! The table of a walked type's fields, and the type's entry in the library's registry that comes of it.

use async_graphql::{
    Context, ContextSelectionSet, OutputType, Positioned, ServerResult, Value,
    indexmap::IndexMap,
    parser::types::Field,
    registry::{Deprecation, MetaField, MetaInputValue, MetaType, MetaTypeId, Registry},
};
use futures_util::future::BoxFuture;

use super::{halt::Halt, walker::Walk};
use crate::{auth::Permission, graphql::admission::needs_of};

/// Writes a field of an object.
pub(crate) type WriteField<T> = Box<dyn Fn(&T, &mut Walk<'_>) -> Result<(), Halt> + Send + Sync>;

/// Resolves a field of an object by the library.
pub(crate) type ResolveField<T> =
    for<'a> fn(&'a T, &'a ContextSelectionSet<'a>, &'a Positioned<Field>) -> BoxFuture<'a, ServerResult<Value>>;

/// A type whose objects are walked. [`walked!`](super::walked) makes it of a table.
pub(crate) trait WalkObject: OutputType + Sized + 'static {
    /// Its name in GraphQL.
    const NAME: &'static str;
    /// Its description, by lines.
    const ABOUT: &'static [&'static str];
    /// Its fields.
    const FIELDS: &'static [FieldDef<Self>];
    /// Its fields that have to be waited for.
    const WAITING: &'static [WaitingDef<Self>];
}

/// A field of the objects `T`.
pub(crate) struct FieldDef<T> {
    /// The getter's name, which GraphQL writes as [`camel`] does.
    pub(crate) name: &'static str,
    /// What the caller has to have, as the description says, too.
    pub(crate) needs: &'static [Permission],
    /// Its entry in the registry.
    pub(crate) meta: fn(&mut Registry) -> MetaField,
    /// The type with its marks.
    pub(crate) output: fn() -> String,
    /// Makes one use of it ready: the arguments are decoded, and what is selected below is compiled.
    pub(crate) compile: fn(&ContextSelectionSet<'_>, &Positioned<Field>) -> ServerResult<WriteField<T>>,
    /// Resolves one use of it by the library, where something below has to be waited for.
    pub(crate) resolve: ResolveField<T>,
}

/// A field of the objects `T` that has to be waited for. It may be null.
pub(crate) struct WaitingDef<T> {
    /// The getter's name.
    pub(crate) name: &'static str,
    /// Its entry in the registry.
    pub(crate) meta: fn(&mut Registry) -> MetaField,
    /// Resolves one use of it.
    pub(crate) resolve: for<'a> fn(&'a T, &'a Context<'a>) -> BoxFuture<'a, ServerResult<Value>>,
}

/// Names in GraphQL of the fields that have to be waited for. Another field of that name costs what they cost.
const NAMES: [&str; 1] = ["changes"];

/// Whether a field of this name is looked for.
pub(super) fn is_waiting(name: &str) -> bool {
    NAMES.contains(&name)
}

impl<T> FieldDef<T> {
    pub(super) fn is_named(&self, name: &str) -> bool {
        is_called(self.name, name)
    }

    pub(super) fn is_nullable(&self) -> bool {
        !(self.output)().ends_with('!')
    }
}

/// Whether GraphQL has this name for what is called `own` here.
pub(super) fn is_called(own: &str, name: &str) -> bool {
    name.chars().eq(letters(own))
}

/// The name that GraphQL has for what is called `name` here.
pub(crate) fn camel(name: &str) -> String {
    letters(name).collect()
}

fn letters(name: &str) -> impl Iterator<Item = char> + '_ {
    let mut is_first = false;
    name.chars().filter_map(move |letter| {
        if letter == '_' {
            is_first = true;
            return None;
        }
        Some(if std::mem::take(&mut is_first) {
            letter.to_ascii_uppercase()
        } else {
            letter
        })
    })
}

/// Enters the type into the registry, with the types of its fields.
pub(crate) fn register<T: WalkObject>(registry: &mut Registry) -> String {
    registry.create_output_type::<T, _>(MetaTypeId::Object, |registry| {
        let mut fields: Vec<MetaField> = T::FIELDS.iter().map(|field| (field.meta)(registry)).collect();
        for (field, entry) in T::FIELDS.iter().zip(&fields) {
            debug_assert_eq!(
                needs_of(entry.description.as_deref().unwrap_or_default()),
                field.needs,
                "what {}.{} says that it needs, and what it needs",
                T::NAME,
                field.name
            );
        }

        for field in T::WAITING {
            debug_assert!(
                is_waiting(&camel(field.name)),
                "{} is none of the names that are looked for",
                field.name
            );
            fields.push((field.meta)(registry));
        }
        object::<T>(fields)
    })
}

fn object<T: WalkObject>(fields: Vec<MetaField>) -> MetaType {
    MetaType::Object {
        name: T::NAME.to_owned(),
        description: described(T::ABOUT),
        fields: fields.into_iter().map(|field| (field.name.clone(), field)).collect(),
        cache_control: Default::default(),
        extends: false,
        shareable: false,
        resolvable: true,
        inaccessible: false,
        interface_object: false,
        tags: Vec::new(),
        keys: None,
        visible: None,
        is_subscription: false,
        rust_typename: Some(std::any::type_name::<T>()),
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    }
}

/// A field's entry, without what is special about it.
pub(crate) fn field(name: &str, about: &[&str], ty: String, args: Vec<MetaInputValue>, tags: &[&str]) -> MetaField {
    MetaField {
        name: camel(name),
        description: described(about),
        args: args
            .into_iter()
            .map(|argument| (argument.name.clone(), argument))
            .collect::<IndexMap<_, _>>(),
        ty,
        deprecation: Deprecation::NoDeprecated,
        cache_control: Default::default(),
        external: false,
        requires: None,
        provides: None,
        visible: None,
        shareable: false,
        inaccessible: false,
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        override_from: None,
        compute_complexity: None,
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    }
}

/// An argument's entry.
pub(crate) fn argument(name: &str, about: &str, ty: String, default_value: Option<String>) -> MetaInputValue {
    MetaInputValue {
        name: camel(name),
        description: Some(about.to_owned()),
        ty,
        deprecation: Deprecation::NoDeprecated,
        default_value,
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        is_secret: false,
        directive_invocations: Vec::new(),
    }
}

fn described(lines: &[&str]) -> Option<String> {
    let lines: Vec<_> = lines.iter().map(|line| line.trim()).collect();
    Some(lines.join("\n").trim().to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_graphql_does() {
        assert_eq!(camel("dept_group_chat_id"), "deptGroupChatId");
        assert_eq!(camel("name"), "name");
        assert_eq!(
            described(&[" One", " two. ", "", " Three."]).as_deref(),
            Some("One\ntwo.\n\nThree.")
        );
        assert_eq!(described(&[]), None);
    }
}
