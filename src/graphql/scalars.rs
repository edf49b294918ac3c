//! Scalars that GraphQL lacks.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::Utc;

/// A whole number of 64 bits, written as a string of decimal digits. `Int` has 32 bits, and a JSON number loses digits
/// above 2^53. As input a string or a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BigInt(pub i64);

/// A whole number of 64 bits, written as a string of decimal digits. `Int` has 32 bits, and a JSON number loses digits
/// above 2^53. As input a string or a number.
#[Scalar(
    name = "BigInt",
    specified_by_url = "https://www.rfc-editor.org/rfc/rfc8259#section-6"
)]
impl ScalarType for BigInt {
    fn parse(value: Value) -> InputValueResult<Self> {
        let parsed = match &value {
            Value::String(text) => text.parse().ok(),
            Value::Number(number) => number.as_i64(),
            _ => None,
        };
        parsed
            .map(Self)
            .ok_or_else(|| InputValueError::custom("a BigInt is a whole number of 64 bits, say \"176294576350761512\""))
    }

    // The admission asks before anything runs: the error of a field would come too late for its siblings.
    fn is_valid(value: &Value) -> bool {
        Self::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// Any JSON value, as DingTalk or a caller wrote it; whole numbers beyond 2^53 inside it are exact.
#[derive(Debug, Clone, PartialEq)]
pub struct Json(pub serde_json::Value);

/// Any JSON value, as DingTalk or a caller wrote it; whole numbers beyond 2^53 inside it are exact.
#[Scalar(name = "JSON", specified_by_url = "https://www.rfc-editor.org/rfc/rfc8259")]
impl ScalarType for Json {
    fn parse(value: Value) -> InputValueResult<Self> {
        Ok(Self(value.into_json()?))
    }

    fn to_value(&self) -> Value {
        Value::from_json(self.0.clone()).unwrap_or(Value::Null)
    }
}

/// A moment, as RFC 3339 writes it, in UTC.
///
/// The library's own type of this name would describe itself to callers as "Implement the DateTime<Utc> scalar".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateTime(pub chrono::DateTime<Utc>);

impl From<DateTime> for chrono::DateTime<Utc> {
    fn from(value: DateTime) -> Self {
        value.0
    }
}

impl From<chrono::DateTime<Utc>> for DateTime {
    fn from(at: chrono::DateTime<Utc>) -> Self {
        Self(at)
    }
}

/// A moment, as RFC 3339 writes it, in UTC, say `2026-11-23T08:30:00+00:00`.
#[Scalar(name = "DateTime", specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };

        chrono::DateTime::parse_from_rfc3339(text)
            .map(|at| Self(at.to_utc()))
            .map_err(|_| {
                InputValueError::custom("a DateTime is written as RFC 3339 says, say \"2026-11-23T08:30:00Z\"")
            })
    }

    fn is_valid(value: &Value) -> bool {
        Self::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn big_numbers_keep_every_digit() {
        let order = 176_294_576_350_761_512_i64;
        assert_eq!(BigInt(order).to_value(), Value::String(order.to_string()));
        assert_eq!(BigInt::parse(Value::from(order)).ok(), Some(BigInt(order)));
        assert_eq!(BigInt::parse(Value::String("-7".into())).ok(), Some(BigInt(-7)));

        for bad in [
            Value::String("1.5".into()),
            Value::from(1.5),
            Value::Null,
            Value::String("9223372036854775808".into()),
        ] {
            assert!(BigInt::parse(bad).is_err());
        }

        let json = serde_json::json!({ "order": order });
        assert_eq!(Json(json.clone()).to_value().into_json().ok(), Some(json));
    }
}
