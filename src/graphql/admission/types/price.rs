//! What a use of a field costs beside what is selected below it. Fields say so themselves, by tags, which the schema's
//! text doesn't show:
//!
//! * `asks`: it asks the database, or DingTalk;
//! * `searches`: it looks through the index of the search;
//! * `id:id` and `ids:ids`: the argument has global ids, and the database is asked for what isn't at hand;
//! * `items:10`: it gives about so many items, and has no pages;
//! * `items:ids`: it gives as many as its argument has; in pages, if none of another size is asked for.
//!
//! What computes for long costs, too: see [`Heavy`](super::Heavy).

use async_graphql::parser::types::Field;
use async_graphql_value::Value;

use crate::graphql::relay::ids;

/// The most that any argument names.
pub(super) const MOST_GIVEN: usize = 1_000;

/// A statement or two for the database.
const ASKS: usize = 50;
/// A document holds some hundred searches.
const SEARCHES: usize = 500;

/// What a use of a field costs, and how many items it gives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::graphql::admission) struct Price {
    /// In any case.
    always: usize,
    /// The argument with global ids.
    ids: Option<String>,
    items: Option<Items>,
}

/// How many items a field gives.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Items {
    /// About so many.
    About(usize),
    /// As many as this argument has.
    Of(String),
}

impl Price {
    /// By the tags of a field.
    pub(super) fn of<'t>(tags: impl IntoIterator<Item = &'t str>) -> Self {
        let mut price = Self::default();
        for tag in tags {
            match tag.split_once(':') {
                None if tag == "asks" => price.always += ASKS,
                None if tag == "searches" => price.always += SEARCHES,
                Some(("id" | "ids", name)) => price.ids = Some(name.to_owned()),
                Some(("items", of)) => {
                    let about = of.parse().map(Items::About);
                    price.items = Some(about.unwrap_or_else(|_| Items::Of(of.to_owned())));
                }
                _ => {}
            }
        }
        price
    }

    /// What this use of it costs. What is in a variable counts as much as it can be.
    pub(in crate::graphql::admission) fn extra(&self, field: &Field) -> usize {
        let ids = self.ids.as_ref().and_then(|name| field.get_argument(name));
        let asked = ids.map_or(0, |ids| asked_for(&ids.node));
        self.always.saturating_add(asked.saturating_mul(ASKS))
    }

    /// How many items this use of it gives, where that is known of it. `None`: it is as it is for others.
    pub(in crate::graphql::admission) fn items(&self, field: &Field) -> Option<usize> {
        match self.items.as_ref()? {
            Items::About(items) => Some(*items),
            Items::Of(name) => match &field.get_argument(name)?.node {
                Value::Null => None,
                Value::List(items) => Some(items.len()),
                Value::Variable(_) => Some(MOST_GIVEN),
                _ => Some(1),
            },
        }
    }
}

/// For how many of these ids the database is asked.
fn asked_for(ids: &Value) -> usize {
    match ids {
        Value::String(id) => usize::from(!ids::is_at_hand(id)),
        Value::Variable(_) => 1,
        Value::List(items) => items.iter().map(asked_for).sum(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::sample::field, *};

    #[test]
    fn tags_tell_the_price() {
        assert_eq!(Price::of(["heavy", "light:filter.email"]), Price::default());
        let plain = field("x");
        assert_eq!(Price::of(["asks"]).extra(&plain), ASKS);
        assert_eq!(Price::of(["searches"]).extra(&plain), SEARCHES);
        assert_eq!(Price::of(["items:10"]).items(&plain), Some(10));
        assert_eq!(Price::of(["asks"]).items(&plain), None);
    }

    #[test]
    fn a_list_is_as_long_as_its_argument_and_a_variable_as_it_can_be() {
        let price = Price::of(["items:ids"]);
        for (arguments, items) in [
            ("(ids: [1, 2, 3])", Some(3)),
            ("(ids: 1)", Some(1)),
            ("(ids: null)", None),
            ("(others: [1, 2])", None),
            ("(ids: $ids)", Some(MOST_GIVEN)),
        ] {
            assert_eq!(price.items(&field(&format!("x{arguments}"))), items, "{arguments}");
        }
    }

    #[test]
    fn the_database_is_asked_for_what_is_not_at_hand() {
        let price = Price::of(["ids:ids", "items:ids"]);
        let id = |kind| format!("\"{}\"", ids::global_id(kind, "1").0);
        let (user, run) = (id(ids::NodeKind::User), id(ids::NodeKind::SyncRun));
        for (given, asked) in [
            (format!("[{user}, {user}]"), 0),
            (format!("[{user}, {run}, {run}]"), 2),
            ("[\"junk\", $id]".to_owned(), 1),
        ] {
            assert_eq!(
                price.extra(&field(&format!("x(ids: {given})"))),
                asked * ASKS,
                "{given}"
            );
        }
    }
}
