//! Whole numbers of more than 64 bits, which `source` hands through the parser as marked texts.

use async_graphql::Value as ConstValue;

use super::source;

/// A value whose whole numbers of more than 64 bits are their digits.
pub(super) fn unmarked(value: ConstValue) -> ConstValue {
    match value {
        ConstValue::String(text) => match source::digits(&text) {
            Some(digits) => ConstValue::String(digits.to_owned()),
            None => ConstValue::String(text),
        },
        ConstValue::List(items) => ConstValue::List(items.into_iter().map(unmarked).collect()),
        ConstValue::Object(fields) => {
            let fields = fields.into_iter().map(|(name, value)| (name, unmarked(value)));
            ConstValue::Object(fields.collect())
        }
        value => value,
    }
}

/// A whole number of more than 64 bits, as near as a fraction comes to it.
pub(super) fn fraction(text: &str) -> ConstValue {
    let number = source::digits(text).and_then(|digits| serde_json::Number::from_f64(digits.parse().ok()?));
    number.map_or(ConstValue::Null, ConstValue::Number)
}
