//! Which fields compute for long at a time. They say so themselves, by tags, which the schema's text doesn't show:
//!
//! * `heavy`: those that walk over everybody, read a large file or render templates;
//! * `heavy:filter`: those that do so when their argument `filter` is given; a tag for each such argument;
//! * `heavy:orderBy.field=DINGTALK`: when a field of the argument has this value;
//! * `light:filter.email`: `filter` alone is no reason when it has `email`, a key. An index answers that, and a turn
//!   beside the workers takes several times as long as the answer;
//! * `id:id` and `ids:ids`: when the argument has global ids of the past, which come of the change log as `asOf` does.

use std::collections::BTreeSet;

use async_graphql::parser::types::Field;
use async_graphql_value::Value;

use super::price::MOST_GIVEN;
use crate::graphql::relay::ids;

const HEAVY: &str = "heavy";
const LIGHT: &str = "light:";

/// When a field computes for long.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::graphql::admission) enum Heavy {
    #[default]
    Never,
    Always,
    /// When one of these arguments is such.
    With(Vec<HeavyArgument>),
}

/// An argument with which a field computes for long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::graphql::admission) struct HeavyArgument {
    pub(super) name: String,
    when: When,
}

/// When an argument makes a field compute for long.
#[derive(Debug, Clone, PartialEq, Eq)]
enum When {
    /// It is given, and none of these fields of it: each names a few records which an index has at hand. All fields of
    /// it must hold.
    GivenWithout(Vec<String>),
    /// A field of it has this value.
    Has { field: String, value: String },
    /// It has global ids of what was; in a variable of so many moments at most.
    OfPast { most: usize },
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
        for tag in &tags {
            let (name, when) = match tag.split_once(':') {
                None if *tag == HEAVY => return Self::Always,
                Some((HEAVY, condition)) => match condition.split_once('.') {
                    None => (condition, When::GivenWithout(keys_of(condition))),
                    Some((name, condition)) => {
                        let (field, value) = condition.split_once('=').unwrap_or((condition, ""));
                        let (field, value) = (field.to_owned(), value.to_owned());
                        (name, When::Has { field, value })
                    }
                },
                Some(("id", name)) => (name, When::OfPast { most: 1 }),
                Some(("ids", name)) => (name, When::OfPast { most: MOST_GIVEN }),
                _ => continue,
            };
            arguments.push(HeavyArgument {
                name: name.to_owned(),
                when,
            });
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
            Self::With(arguments) => arguments.iter().any(|argument| argument.walks(field) > 0),
        }
    }

    /// How often this use of it does. What is in a variable counts as much as it can be.
    pub(in crate::graphql::admission) fn walks(&self, field: &Field) -> usize {
        match self {
            Self::Never => 0,
            Self::Always => 1,
            Self::With(arguments) => arguments.iter().map(|argument| argument.walks(field)).sum(),
        }
    }

    /// Whether this use of it is answered from the change log, for an id of the past.
    pub(in crate::graphql::admission) fn names_past(&self, field: &Field) -> bool {
        let Self::With(arguments) = self else { return false };
        let mut ids = arguments.iter().filter(|it| matches!(it.when, When::OfPast { .. }));
        ids.any(|argument| argument.walks(field) > 0)
    }
}

impl HeavyArgument {
    fn walks(&self, field: &Field) -> usize {
        let Some(value) = field.get_argument(&self.name).map(|value| &value.node) else {
            return 0;
        };
        match (&self.when, value) {
            (_, Value::Null) => 0,
            (When::GivenWithout(keys), value) => usize::from(!is_by_key(keys, value)),
            (When::Has { field, value: wanted }, Value::Object(fields)) => {
                usize::from(match fields.get(field.as_str()) {
                    Some(Value::Enum(name)) => name.as_str() == wanted.as_str(),
                    Some(Value::Variable(_)) => true,
                    _ => false,
                })
            }
            (When::OfPast { most }, Value::Variable(_)) => *most,
            (_, Value::Variable(_)) => 1,
            (When::Has { .. }, _) => 0,
            (When::OfPast { .. }, value) => moments(value),
        }
    }
}

fn is_by_key(keys: &[String], value: &Value) -> bool {
    let Value::Object(fields) = value else { return false };
    let mut keys = keys.iter();
    keys.any(|key| matches!(fields.get(key.as_str()), Some(Value::String(_))))
}

/// Of how many moments ids are: a snapshot is made for each.
fn moments(value: &Value) -> usize {
    match value {
        Value::String(id) => usize::from(ids::moment_of(id).is_some()),
        Value::List(items) => {
            let (variables, told): (Vec<_>, Vec<_>) = items.iter().partition(|it| matches!(it, Value::Variable(_)));
            let told = told.into_iter().filter_map(|it| match it {
                Value::String(id) => ids::moment_of(id),
                _ => None,
            });
            variables.len() + told.collect::<BTreeSet<_>>().len()
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::sample::field, *};

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
            assert_eq!(
                heavy.is(&field(&format!("users({arguments})"))),
                is_heavy,
                "{arguments}"
            );
        }
    }

    #[test]
    fn dingtalks_order_is_walked_whatever_the_key() {
        let heavy = Heavy::of(["heavy:filter", "light:filter.jobNumber", "heavy:orderBy.field=DINGTALK"]);
        for (arguments, is_heavy) in [
            ("filter: { jobNumber: \"7\" }", false),
            ("filter: { jobNumber: \"7\" }, orderBy: { field: NAME }", false),
            ("filter: { jobNumber: \"7\" }, orderBy: { field: DINGTALK }", true),
            ("filter: { jobNumber: \"7\" }, orderBy: { field: $field }", true),
            ("filter: { jobNumber: \"7\" }, orderBy: $order", true),
            ("filter: { jobNumber: \"7\" }, orderBy: null", false),
        ] {
            assert_eq!(
                heavy.is(&field(&format!("users({arguments})"))),
                is_heavy,
                "{arguments}"
            );
        }
    }

    #[test]
    fn ids_of_the_past_are_walks_one_a_moment() {
        let at = |micros: i64| chrono::DateTime::from_timestamp_micros(micros).unwrap();
        let then = |key: &str, micros| {
            let id = ids::global_id_as_of(ids::NodeKind::User, key, at(micros));
            format!("\"{}\"", id.0)
        };
        let now = format!("\"{}\"", ids::global_id(ids::NodeKind::User, "a").0);

        let (one, many) = (Heavy::of(["id:id"]), Heavy::of(["ids:ids"]));
        for (argument, walks) in [
            (now.clone(), 0),
            (then("a", 1), 1),
            ("\"junk\"".into(), 0),
            ("$id".into(), 1),
        ] {
            let field = field(&format!("node(id: {argument})"));
            assert_eq!(
                (one.walks(&field), one.names_past(&field)),
                (walks, walks > 0),
                "{argument}"
            );
        }
        for (ids, walks) in [
            (format!("[{now}, {now}]"), 0),
            (
                format!("[{}, {}, {now}, {}]", then("a", 1), then("b", 1), then("a", 2)),
                2,
            ),
            ("[$a, $b]".into(), 2),
            ("$ids".into(), MOST_GIVEN),
        ] {
            assert_eq!(many.walks(&field(&format!("nodes(ids: {ids})"))), walks, "{ids}");
        }
    }

    #[test]
    fn tags_tell_when() {
        assert_eq!(Heavy::of([]), Heavy::Never);
        assert_eq!(Heavy::of(["other", "heavy"]), Heavy::Always);
        let argument = |name: &&str| HeavyArgument {
            name: (*name).to_owned(),
            when: When::GivenWithout(Vec::new()),
        };
        let with = |arguments: &[&str]| Heavy::With(arguments.iter().map(argument).collect());
        assert_eq!(Heavy::of(["heavy:filter"]), with(&["filter"]));
        assert_eq!(Heavy::of(["heavy:filter", "heavy:asOf"]), with(&["filter", "asOf"]));
    }
}
