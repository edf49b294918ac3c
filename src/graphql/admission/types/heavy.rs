//! Which fields compute for long at a time. They say so themselves, by a tag, which the schema's text doesn't show:
//! `#[graphql(tag = "heavy")]` at those that walk over everybody, read a large file or render templates, and
//! `#[graphql(tag = "heavy:filter")]` at those that do so when their argument `filter` is given.

use async_graphql::parser::types::Field;
use async_graphql_value::Value;

const TAG: &str = "heavy";

/// When a field computes for long.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::graphql::admission) enum Heavy {
    #[default]
    Never,
    Always,
    /// When this argument is given.
    With(String),
}

impl Heavy {
    /// By the tags of a field.
    pub(super) fn of<'t>(tags: impl IntoIterator<Item = &'t str>) -> Self {
        let mut tags = tags.into_iter().filter_map(|tag| tag.strip_prefix(TAG));
        match tags.next() {
            None => Self::Never,
            Some("") => Self::Always,
            Some(argument) => Self::With(argument.trim_start_matches(':').to_owned()),
        }
    }

    /// Whether this use of it does, with the arguments that it has in normal form.
    pub(in crate::graphql::admission) fn is(&self, field: &Field) -> bool {
        match self {
            Self::Never => false,
            Self::Always => true,
            Self::With(argument) => field
                .get_argument(argument)
                .is_some_and(|value| value.node != Value::Null),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_tell_when() {
        assert_eq!(Heavy::of([]), Heavy::Never);
        assert_eq!(Heavy::of(["other", "heavy"]), Heavy::Always);
        assert_eq!(Heavy::of(["heavy:filter"]), Heavy::With("filter".to_owned()));
    }
}
