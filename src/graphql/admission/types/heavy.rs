//! Which fields compute for long at a time. They say so themselves, by tags, which the schema's text doesn't show:
//!
//! * `heavy`: those that walk over everybody, read a large file or render templates;
//! * `heavy:filter`: those that do so when their argument `filter` is given; a tag for each such argument;
//! * `light:filter.email`: but not when it has `email`, a key. An index answers that, and a turn beside the workers
//!   takes several times as long as the answer.

use async_graphql::parser::types::Field;
use async_graphql_value::Value;

const HEAVY: &str = "heavy";
const LIGHT: &str = "light:";

/// When a field computes for long.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::graphql::admission) enum Heavy {
    #[default]
    Never,
    Always,
    /// When one of these arguments is given.
    With(Vec<HeavyArgument>),
}

/// An argument with which a field computes for long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::graphql::admission) struct HeavyArgument {
    pub(super) name: String,
    /// Its fields that each name a few records which an index has at hand. All fields of it must hold.
    keys: Vec<String>,
}

impl Heavy {
    /// By the tags of a field.
    pub(super) fn of<'t>(tags: impl IntoIterator<Item = &'t str>) -> Self {
        let tags: Vec<&str> = tags.into_iter().collect();
        let keys_of = |argument: &str| {
            let light = tags.iter().filter_map(|tag| tag.strip_prefix(LIGHT)?.split_once('.'));
            let keys = light.filter(|(name, _)| *name == argument);
            keys.map(|(_, key)| key.to_owned()).collect()
        };

        let mut arguments = Vec::new();
        for tag in tags.iter().filter_map(|tag| tag.strip_prefix(HEAVY)) {
            match tag.strip_prefix(':') {
                Some(argument) => arguments.push(HeavyArgument {
                    name: argument.to_owned(),
                    keys: keys_of(argument),
                }),
                None => return Self::Always,
            }
        }

        if arguments.is_empty() {
            Self::Never
        } else {
            Self::With(arguments)
        }
    }

    /// Whether this use of it does, with the arguments that it has in normal form.
    pub(in crate::graphql::admission) fn is(&self, field: &Field) -> bool {
        match self {
            Self::Never => false,
            Self::Always => true,
            Self::With(arguments) => arguments.iter().any(|argument| {
                field
                    .get_argument(&argument.name)
                    .is_some_and(|value| value.node != Value::Null && !argument.is_by_key(&value.node))
            }),
        }
    }
}

impl HeavyArgument {
    fn is_by_key(&self, value: &Value) -> bool {
        let Value::Object(fields) = value else { return false };
        let mut keys = self.keys.iter();
        keys.any(|key| matches!(fields.get(key.as_str()), Some(Value::String(_))))
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::{parse_query, types::Selection};

    use super::*;

    #[test]
    fn a_filter_by_a_key_is_a_look_up() {
        let tags = ["heavy:filter", "light:filter.email", "light:filter.jobNumber"];
        let heavy = Heavy::of(tags);
        for (arguments, is_heavy) in [
            ("first: 2", false),
            ("filter: null", false),
            ("filter: { search: \"x\" }", true),
            ("filter: { email: \"x\" }", false),
            ("filter: { jobNumber: \"7\", active: true }", false),
            ("filter: { email: null, search: \"x\" }", true),
            ("filter: { or: [{ email: \"x\" }] }", true),
        ] {
            let document = parse_query(format!("{{ users({arguments}) {{ x }} }}")).unwrap();
            let (_, operation) = document.operations.iter().next().unwrap();
            let Selection::Field(field) = &operation.node.selection_set.node.items[0].node else {
                panic!("a field")
            };
            assert_eq!(heavy.is(&field.node), is_heavy, "{arguments}");
        }
    }

    #[test]
    fn tags_tell_when() {
        assert_eq!(Heavy::of([]), Heavy::Never);
        assert_eq!(Heavy::of(["other", "heavy"]), Heavy::Always);
        let argument = |name: &&str| HeavyArgument {
            name: (*name).to_owned(),
            keys: Vec::new(),
        };
        let with = |arguments: &[&str]| Heavy::With(arguments.iter().map(argument).collect());
        assert_eq!(Heavy::of(["heavy:filter"]), with(&["filter"]));
        assert_eq!(Heavy::of(["heavy:filter", "heavy:asOf"]), with(&["filter", "asOf"]));
    }
}
