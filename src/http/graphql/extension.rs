//! What an answer's extensions are made of.

use async_graphql::{Name, Value};

/// An object with these fields, in their order.
pub(super) fn object<const N: usize>(fields: [(&'static str, Value); N]) -> Value {
    Value::Object(
        fields
            .map(|(name, value)| (Name::new(name), value))
            .into_iter()
            .collect(),
    )
}
