//! Arguments of a call, wherever they came from: query, JSON body or form.
//!
//! The official SDK sends every number and boolean as text, so both forms are taken everywhere.

use serde_json::{Map, Value};

use super::Refusal;

/// The arguments of one call, and the code with which this API refuses bad ones.
#[derive(Clone, Debug, Default)]
pub(crate) struct CallArgs {
    values: Map<String, Value>,
    bad: i64,
}

impl CallArgs {
    /// Arguments that have been read.
    pub(crate) fn new(values: Map<String, Value>) -> Self {
        Self { values, bad: 40_035 }
    }

    /// The same arguments, refused with `code` when they are bad.
    pub(crate) fn refused_with(&self, code: i64) -> Self {
        Self {
            values: self.values.clone(),
            bad: code,
        }
    }

    /// The refusal of a bad argument.
    pub(crate) fn bad(&self, name: &str) -> Refusal {
        let words = if self.bad == 400_002 {
            "无效的参数"
        } else {
            "不合法的参数"
        };
        Refusal::business(self.bad, format!("{words}:{name}"))
    }

    /// The refusal of an argument that is missing.
    pub(crate) fn missing(&self, name: &str) -> Refusal {
        Refusal::business(self.bad, format!("缺少参数 {name}"))
    }

    /// All arguments as one text, which is the same for the same call.
    pub(crate) fn fingerprint(&self) -> String {
        let ordered: std::collections::BTreeMap<_, _> = self.values.iter().collect();
        format!("{ordered:?}")
    }

    /// The argument as it came; `null` counts as absent.
    pub(crate) fn value(&self, name: &str) -> Option<&Value> {
        self.values.get(name).filter(|value| !value.is_null())
    }

    /// A number, or text that is one.
    pub(crate) fn int(&self, name: &str) -> Result<Option<i64>, Refusal> {
        let parsed = match self.value(name) {
            None => return Ok(None),
            Some(Value::Number(number)) => number.as_i64(),
            Some(Value::String(text)) => text.trim().parse().ok(),
            Some(_) => None,
        };
        parsed.map(Some).ok_or_else(|| self.bad(name))
    }

    /// A number that must be there.
    pub(crate) fn required_int(&self, name: &str) -> Result<i64, Refusal> {
        self.int(name)?.ok_or_else(|| self.missing(name))
    }

    /// Text; a number is taken for its digits.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, Refusal> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(_) => Err(self.bad(name)),
        }
    }

    /// Text that must be there and not be empty.
    pub(crate) fn required_text(&self, name: &str) -> Result<String, Refusal> {
        self.text(name)?
            .filter(|text| !text.is_empty())
            .ok_or_else(|| self.missing(name))
    }

    /// A boolean, or the text of one.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, Refusal> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(Value::String(text)) if text == "true" => Ok(Some(true)),
            Some(Value::String(text)) if text == "false" => Ok(Some(false)),
            Some(_) => Err(self.bad(name)),
        }
    }

    /// An object, or text that holds one.
    pub(crate) fn object(&self, name: &str) -> Result<Option<Map<String, Value>>, Refusal> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Object(object)) => Ok(Some(object.clone())),
            Some(Value::String(text)) => serde_json::from_str(text).map(Some).map_err(|_| self.bad(name)),
            Some(_) => Err(self.bad(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::simulator::wire::fields;

    #[test]
    fn numbers_and_booleans_may_be_texts() {
        let args = CallArgs::new(fields(
            json!({"dept_id": "100", "size": 10, "flag": "false", "msg": "{\"a\":1}"}),
        ));
        assert_eq!(args.int("dept_id"), Ok(Some(100)));
        assert_eq!(args.int("size"), Ok(Some(10)));
        assert_eq!(args.flag("flag"), Ok(Some(false)));
        assert_eq!(args.object("msg"), Ok(Some(fields(json!({"a": 1})))));
        assert!(args.int("flag").is_err());
        assert!(args.required_int("cursor").is_err());
    }
}
