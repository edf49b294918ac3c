//! Which fields compute for long at a time. They say so themselves, by a tag, which the schema's text doesn't show:
//! `#[graphql(tag = "heavy")]` at those that walk over everybody, read a large file or render templates, and
//! `#[graphql(tag = "heavy:filter")]` at those that do so when their argument `filter` is given; a tag for each such
//! argument. A filter by a key is none of those: an index answers it, and a turn beside the workers takes several times
//! as long as the answer.

use async_graphql::parser::types::Field;
use async_graphql_value::Value;

const TAG: &str = "heavy";

/// The fields of a filter, each of which names a few records that an index has at hand. All fields of it must hold.
const KEYS: [&str; 2] = ["email", "jobNumber"];

/// When a field computes for long.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::graphql::admission) enum Heavy {
    #[default]
    Never,
    Always,
    /// When one of these arguments is given.
    With(Vec<String>),
}

impl Heavy {
    /// By the tags of a field.
    pub(super) fn of<'t>(tags: impl IntoIterator<Item = &'t str>) -> Self {
        let mut arguments = Vec::new();
        for tag in tags.into_iter().filter_map(|tag| tag.strip_prefix(TAG)) {
            match tag.strip_prefix(':') {
                Some(argument) => arguments.push(argument.to_owned()),
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
                    .get_argument(argument)
                    .is_some_and(|value| value.node != Value::Null && !is_by_key(&value.node))
            }),
        }
    }
}

fn is_by_key(filter: &Value) -> bool {
    let Value::Object(fields) = filter else { return false };
    KEYS.iter()
        .any(|key| matches!(fields.get(*key), Some(Value::String(_))))
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::{parse_query, types::Selection};

    use super::*;

    #[test]
    fn a_filter_by_a_key_is_a_look_up() {
        let heavy = Heavy::of(["heavy:filter"]);
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
        let with = |arguments: &[&str]| Heavy::With(arguments.iter().map(|it| (*it).to_owned()).collect());
        assert_eq!(Heavy::of(["heavy:filter"]), with(&["filter"]));
        assert_eq!(Heavy::of(["heavy:filter", "heavy:asOf"]), with(&["filter", "asOf"]));
    }
}
