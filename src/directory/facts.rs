//! The form in which a record's fields are declared: one line a field. Whatever goes over all fields (comparing,
//! keeping, sharing, showing) reads the table that comes of it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    field_group::FieldGroup,
    ids::{DeptId, UserId},
    shared_text::SharedText,
};

/// What is special about a field: begins with [`open`] or [`contact`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FieldRules {
    /// Whether its values in the change feed are shown to everybody who may read the directory.
    pub(super) is_open: bool,
    /// The permission that DingTalk asks for.
    pub(super) group: Option<FieldGroup>,
    /// Whether lists (`user/list`, `listsub`) say it, too.
    pub(super) is_listed: bool,
    /// Whether many records have the same value.
    pub(super) is_common: bool,
    /// DingTalk's name, where ours is another one.
    name: Option<&'static str>,
    schema_name: SchemaName,
}

/// What the GraphQL schema calls a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SchemaName {
    /// As we do, in its spelling: `job_number` is `jobNumber`.
    Ours,
    Other(&'static str),
    /// The schema doesn't have it.
    None,
}

/// A field that everybody with `directory:read` sees.
pub(super) const fn open() -> FieldRules {
    FieldRules {
        is_open: true,
        group: None,
        is_listed: true,
        is_common: false,
        name: None,
        schema_name: SchemaName::Ours,
    }
}

/// A field that needs `directory:contact`.
pub(super) const fn contact() -> FieldRules {
    FieldRules {
        is_open: false,
        ..open()
    }
}

impl FieldRules {
    /// DingTalk says it only with this group's permission.
    pub(super) const fn needs(self, group: FieldGroup) -> Self {
        Self {
            group: Some(group),
            ..self
        }
    }

    /// The record's own call says it (`user/get`, `department/get`), and no list does: the silence of a list is no
    /// news.
    pub(super) const fn unlisted(self) -> Self {
        Self {
            is_listed: false,
            ..self
        }
    }

    /// Many records have the same value: loaded ones hold it once.
    pub(super) const fn common(self) -> Self {
        Self {
            is_common: true,
            ..self
        }
    }

    /// DingTalk calls it so.
    pub(super) const fn named(self, name: &'static str) -> Self {
        Self {
            name: Some(name),
            ..self
        }
    }

    /// The schema calls it so.
    pub(super) const fn shown_as(self, schema_name: &'static str) -> Self {
        Self {
            schema_name: SchemaName::Other(schema_name),
            ..self
        }
    }

    /// The schema doesn't show it.
    pub(super) const fn unshown(self) -> Self {
        Self {
            schema_name: SchemaName::None,
            ..self
        }
    }

    pub(super) const fn name_or(self, ours: &'static str) -> &'static str {
        match self.name {
            Some(name) => name,
            None => ours,
        }
    }
}

/// One field of the records `F`.
pub(crate) struct Field<F> {
    /// DingTalk's name: the key in its objects, and the name in the change log.
    pub(super) name: &'static str,
    /// The struct's.
    pub(super) own_name: &'static str,
    pub(super) rules: FieldRules,
    pub(super) is_same: fn(&F, &F) -> bool,
    pub(super) json: fn(&F) -> Value,
    pub(super) is_said: fn(&F) -> bool,
    pub(super) is_blank: fn(&F) -> bool,
    /// The value, where it is a text.
    pub(super) text: fn(&mut F) -> Option<&mut SharedText>,
    /// Takes the other record's value over.
    pub(super) take: fn(&mut F, &F),
    /// Puts the value in that [`Self::json`] made; what is none changes nothing.
    pub(super) put: fn(&mut F, &Value),
}

impl<F> Field<F> {
    /// A form that DingTalk has of what is another value here: it is compared, told, and put back from what was told.
    pub(super) const fn form(
        name: &'static str,
        rules: FieldRules,
        is_same: fn(&F, &F) -> bool,
        json: fn(&F) -> Value,
        put: fn(&mut F, &Value),
    ) -> Self {
        Self {
            name,
            own_name: name,
            rules,
            is_same,
            json,
            is_said: |_| false,
            is_blank: |_| false,
            text: |_| None,
            take: |_, _| {},
            put,
        }
    }

    /// What the GraphQL schema calls it, where it has it.
    pub(super) fn schema_name(&self) -> Option<Cow<'static, str>> {
        match self.rules.schema_name {
            SchemaName::Ours => Some(camel_case(self.own_name)),
            SchemaName::Other(name) => Some(name.into()),
            SchemaName::None => None,
        }
    }

    /// The value before and after, where it differs.
    pub(super) fn difference(&self, old: &F, new: &F) -> Option<(Value, Value)> {
        if (self.is_same)(old, new) {
            return None;
        }
        let (before, after) = ((self.json)(old), (self.json)(new));
        (before != after).then_some((before, after))
    }
}

/// `job_number` as the schema spells it: `jobNumber`.
fn camel_case(name: &'static str) -> Cow<'static, str> {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default();
    if first.len() == name.len() {
        return name.into();
    }

    let mut spelt = first.to_owned();
    for word in words {
        let mut letters = word.chars();
        spelt.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        spelt.push_str(letters.as_str());
    }
    spelt.into()
}

/// A value that a field can have.
pub(super) trait FieldValue: PartialEq + Serialize + DeserializeOwned {
    /// Whether both mean the same.
    fn is_same(&self, other: &Self) -> bool {
        self == other
    }

    /// As the change log has it.
    fn json(&self) -> Value {
        // Texts, numbers, flags and ids always have a JSON form.
        serde_json::to_value(self).unwrap_or(Value::Null)
    }

    /// Takes the value of which [`Self::json`] is the form; what is none changes nothing.
    fn put(&mut self, json: &Value) {
        if let Ok(value) = <Self as Deserialize>::deserialize(json) {
            *self = value;
        }
    }

    /// Whether DingTalk said it.
    fn is_said(&self) -> bool {
        true
    }

    /// Whether DingTalk said that it is empty.
    fn is_blank(&self) -> bool {
        false
    }

    /// The value, where it is a text.
    fn text(&mut self) -> Option<&mut SharedText> {
        None
    }
}

impl FieldValue for bool {}
impl FieldValue for i64 {}
impl FieldValue for String {}
impl FieldValue for DeptId {}
impl FieldValue for UserId {}

impl FieldValue for SharedText {
    fn is_blank(&self) -> bool {
        self.is_empty()
    }

    fn text(&mut self) -> Option<&mut SharedText> {
        Some(self)
    }
}

/// The order of a list of people varies between calls and means nothing.
impl FieldValue for Vec<UserId> {
    fn is_same(&self, other: &Self) -> bool {
        fn sorted(ids: &[UserId]) -> Vec<&UserId> {
            let mut ids: Vec<_> = ids.iter().collect();
            ids.sort_unstable();
            ids
        }
        sorted(self) == sorted(other)
    }
}

/// `None` is "not said".
impl<T: FieldValue> FieldValue for Option<T> {
    fn is_said(&self) -> bool {
        self.is_some()
    }

    fn is_blank(&self) -> bool {
        self.as_ref().is_some_and(T::is_blank)
    }

    fn text(&mut self) -> Option<&mut SharedText> {
        self.as_mut().and_then(T::text)
    }
}

/// Declares a record's struct and the table of its fields, `FIELDS`. A line is a field of the struct; what follows `=`
/// are its rules, and makes it a field of the table. `also` adds forms of fields that have no rules.
macro_rules! facts {
    (
        $(#[$about:meta])*
        pub struct $Facts:ident {
            $(#[$key_doc:meta])*
            key $key:ident: $Key:ty,
            $($(#[$doc:meta])* $field:ident: $Type:ty $(= $rules:expr)?,)+
        }
        $(also [$($form:expr),+ $(,)?])?
    ) => {
        $(#[$about])*
        pub struct $Facts {
            $(#[$key_doc])*
            pub $key: $Key,
            $($(#[$doc])* pub $field: $Type,)+
        }

        impl $Facts {
            /// DingTalk's name of the key.
            pub(super) const KEY: &'static str = stringify!($key);

            /// Each field but the key and the raw form, in the order in which differences are told.
            pub(super) const FIELDS: &'static [$crate::directory::facts::Field<Self>] = &[
                $($($crate::directory::facts::Field {
                    name: $rules.name_or(stringify!($field)),
                    own_name: stringify!($field),
                    rules: $rules,
                    is_same: |one, other| $crate::directory::facts::FieldValue::is_same(&one.$field, &other.$field),
                    json: |it| $crate::directory::facts::FieldValue::json(&it.$field),
                    is_said: |it| $crate::directory::facts::FieldValue::is_said(&it.$field),
                    is_blank: |it| $crate::directory::facts::FieldValue::is_blank(&it.$field),
                    text: |it| $crate::directory::facts::FieldValue::text(&mut it.$field),
                    take: |it, other| it.$field.clone_from(&other.$field),
                    put: |it, json| $crate::directory::facts::FieldValue::put(&mut it.$field, json),
                },)?)+
                $($($form,)+)?
            ];

            /// A record of which nothing was said but its key.
            pub fn unsaid($key: $Key) -> Self {
                Self {
                    $key,
                    $($field: Default::default(),)+
                }
            }
        }
    };
}

pub(super) use facts;
