//! What the arguments of all fields come to. A variable is counted as often as it is used: each use is a copy, which
//! the library converts once more, so that 99 uses of 150 kB were 33 s and 240 MB.

use std::collections::HashMap;

use async_graphql::{Name, Positioned, Value as ConstValue, parser::types::Field};
use async_graphql_value::Value;

use super::{
    super::{Code, Limits, Refusal, types::FieldDef},
    literal::Values,
};

/// The arguments of a field that are converted without another thought: a filter, a message to a few people.
const FEW_VALUES: usize = 200;
/// Bytes of text among them.
const FEW_BYTES: usize = 8 * 1024;

/// Values, those in lists and objects included, and the bytes of their texts and keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Weight {
    values: usize,
    bytes: usize,
}

impl Weight {
    fn text(text: &str) -> Self {
        Self {
            values: 1,
            bytes: text.len(),
        }
    }

    fn add(&mut self, other: Self) {
        self.values = self.values.saturating_add(other.values);
        self.bytes = self.bytes.saturating_add(other.bytes);
    }

    /// Converting them takes long enough for others to notice.
    pub(super) fn is_large(self) -> bool {
        self.values > FEW_VALUES || self.bytes > FEW_BYTES
    }
}

/// Counts the uses.
pub(super) struct Uses<'v> {
    variables: HashMap<&'v Name, Weight>,
    used: Weight,
    limits: Limits,
    /// The caller has shown a token.
    known: bool,
}

impl<'v> Uses<'v> {
    pub(super) fn new(values: &'v Values, limits: &Limits, known: bool) -> Self {
        Self {
            variables: values.iter().map(|(name, value)| (name, settled(value))).collect(),
            used: Weight::default(),
            limits: *limits,
            known,
        }
    }

    /// The same after others that come to `used`.
    pub(super) fn after(self, used: Weight) -> Self {
        Self { used, ..self }
    }

    /// What was counted so far.
    pub(super) fn used(&self) -> Weight {
        self.used
    }

    /// Counts a field's arguments, before they are copied.
    ///
    /// # Errors
    /// They are too many together with those before; or they are large, and the field is for callers with a token.
    pub(super) fn count(&mut self, field: &Positioned<Field>, def: &FieldDef) -> Result<Weight, Refusal> {
        let mut weight = Weight::default();
        for (_, value) in &field.node.arguments {
            weight.add(self.literal(&value.node));
        }
        if weight.is_large() && !self.known && !def.needs.is_empty() {
            return Err(
                Refusal::new(Code::Unauthenticated, crate::graphql::NO_TOKEN).at(field.pos.line, field.pos.column)
            );
        }

        self.used.add(weight);
        for (limit, what, used, allowed) in [
            ("usedValues", "values", self.used.values, self.limits.used_values),
            ("usedBytes", "bytes of text", self.used.bytes, self.limits.used_bytes),
        ] {
            if used > allowed {
                let what = format!(
                    "the arguments up to here come to {used} {what}, a variable counted as often as it is used: use it in fewer \
                     fields, or send several requests"
                );
                return Err(Refusal::limit(limit, &what, allowed).at(field.pos.line, field.pos.column));
            }
        }
        Ok(weight)
    }

    // Recursion follows brackets, which the meter has bounded.
    fn literal(&self, value: &Value) -> Weight {
        match value {
            Value::Variable(name) => self.variables.get(name).copied().unwrap_or_default(),
            Value::List(items) => inside(items.iter().map(|item| self.literal(item))),
            Value::Object(fields) => {
                let keys = fields.keys().map(|key| Weight {
                    values: 0,
                    bytes: key.len(),
                });
                inside(keys.chain(fields.values().map(|value| self.literal(value))))
            }
            Value::String(text) => Weight::text(text),
            _ => Weight { values: 1, bytes: 0 },
        }
    }
}

/// The weight of a variable's value, as deep as `variables` has measured.
fn settled(value: &ConstValue) -> Weight {
    match value {
        ConstValue::List(items) => inside(items.iter().map(settled)),
        ConstValue::Object(fields) => {
            let keys = fields.keys().map(|key| Weight {
                values: 0,
                bytes: key.len(),
            });
            inside(keys.chain(fields.values().map(settled)))
        }
        ConstValue::String(text) => Weight::text(text),
        _ => Weight { values: 1, bytes: 0 },
    }
}

fn inside(parts: impl Iterator<Item = Weight>) -> Weight {
    let mut sum = Weight { values: 1, bytes: 0 };
    parts.for_each(|part| sum.add(part));
    sum
}

#[cfg(test)]
mod tests {
    use async_graphql::{Request, Variables};
    use serde_json::{Value as Json, json};

    use super::super::super::{Types, admit::admit_text};
    use super::*;

    const SDL: &str = r#"type Query {
        "Needs `identity:read`." resolve(ids: [ID!]!): Int
        open(ids: [ID!], text: String): Int
        self: Query
    }"#;

    /// Why it is refused, or whether it is heavy.
    fn asked(document: &str, variables: Json, known: bool) -> Result<bool, Refusal> {
        let request = Request::new(document).variables(Variables::from_json(variables));
        admit_text(request, &Types::of_sdl(SDL), &Limits::default(), known).map(|admitted| admitted.is_heavy)
    }

    fn limit(document: &str, variables: Json) -> Option<&'static str> {
        asked(document, variables, true).err().and_then(|refusal| refusal.limit)
    }

    fn aliases(count: usize, field: &str) -> String {
        (0..count).map(|n| format!("a{n}: {field} ")).collect()
    }

    #[test]
    fn a_variable_counts_as_often_as_it_is_used() {
        let document = |count| format!("query($i: [ID!]!) {{ {} }}", aliases(count, "resolve(ids: $i)"));
        let thousand = json!({ "i": vec!["a"; 1_000] });
        assert_eq!(limit(&document(19), thousand.clone()), None);
        assert_eq!(limit(&document(20), thousand.clone()), Some("usedValues"));

        let refusal = asked(&document(99), json!({ "i": vec!["a"; 9_000] }), true).expect_err("refused");
        assert_eq!(refusal.code, Code::LimitExceeded);
        assert!(
            refusal.message.contains("27003 values") && refusal.message.contains("at most 20000"),
            "{}",
            refusal.message
        );

        // Equal keys are one field, and so one use.
        let same = format!("query($i: [ID!]!) {{ {} }}", "resolve(ids: $i) ".repeat(99));
        assert_eq!(limit(&same, thousand), None);
    }

    #[test]
    fn texts_count_in_bytes_and_literals_in_fragments_count_too() {
        let texts = format!("query($t: String) {{ {} }}", aliases(3, "open(text: $t)"));
        assert_eq!(limit(&texts, json!({ "t": "x".repeat(700_000) })), None);
        assert_eq!(limit(&texts, json!({ "t": "x".repeat(900_000) })), Some("usedBytes"));

        let literal = format!(
            "{{ {} }} fragment F on Query {{ open(ids: [{}]) }}",
            aliases(50, "self { ...F }"),
            "1 ".repeat(2_000)
        );
        assert_eq!(limit(&literal, json!({})), Some("usedValues"));

        let inside = format!("query($i: ID!) {{ {} }}", aliases(99, "open(ids: [$i, $i])"));
        assert_eq!(limit(&inside, json!({ "i": "x".repeat(20_000) })), Some("usedBytes"));
    }

    #[test]
    fn without_a_token_large_arguments_of_a_field_that_needs_one_are_not_even_copied() {
        let document = "query($i: [ID!]!) { resolve(ids: $i) }";
        let many = json!({ "i": vec!["a"; 1_000] });
        let refusal = asked(document, many.clone(), false).expect_err("refused");
        assert_eq!((refusal.code, refusal.at), (Code::Unauthenticated, Some((1, 21))));

        assert_eq!(asked(document, many.clone(), true), Ok(true));
        assert_eq!(
            asked(document, json!({ "i": ["a"] }), false),
            Ok(false),
            "its resolver tells"
        );
        assert_eq!(asked("query($i: [ID!]!) { open(ids: $i) }", many, false), Ok(true));
    }
}
