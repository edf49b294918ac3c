//! From the fields of an input to a change of the form: what is absent stays, and null clears or puts the default back.

use async_graphql::MaybeUndefined;
use secrecy::SecretString;

use crate::graphql::scalars::BigInt;

/// A text: null clears it.
pub(super) fn field(value: MaybeUndefined<String>) -> Option<Option<String>> {
    match value {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(text) => Some(Some(text)),
    }
}

/// A secret: null clears it.
pub(super) fn secret(value: MaybeUndefined<String>) -> Option<Option<SecretString>> {
    field(value).map(|secret| secret.map(SecretString::from))
}

/// A field that always has a value: null puts the default back.
pub(super) fn or_default<A: Into<B>, B>(value: MaybeUndefined<A>, default: B) -> Option<B> {
    match value {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(default),
        MaybeUndefined::Value(value) => Some(value.into()),
    }
}

/// A list of departments: null empties it.
pub(super) fn department_ids(value: MaybeUndefined<Vec<BigInt>>) -> Option<Vec<i64>> {
    match value {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(Vec::new()),
        MaybeUndefined::Value(ids) => Some(ids.into_iter().map(|id| id.0).collect()),
    }
}
