//! Filters as they are given.

mod departments;
mod users;

pub use departments::DepartmentFilter;
pub use users::UserFilter;

use std::collections::BTreeSet;

use crate::{
    directory::{self, DeptId, Filter, FilterTooLarge, TextTest},
    graphql::{enums::RecordState, error::ApiError, scalars::BigInt},
    page::MAX_PAGE,
};

/// A searched text as the snapshot compares it; blank text searches nothing.
fn folded(search: Option<&str>) -> Option<String> {
    search.and_then(directory::fold_key).map(Into::into)
}

/// ACTIVE and HELD.
pub(super) fn present() -> Vec<directory::RecordState> {
    vec![directory::RecordState::Active, directory::RecordState::Held]
}

/// The states that were asked for; none where nothing was.
fn states(asked: Option<&[RecordState]>) -> Option<Vec<directory::RecordState>> {
    let asked = asked.filter(|states| !states.is_empty())?;
    let all = [
        directory::RecordState::Active,
        directory::RecordState::Held,
        directory::RecordState::Gone,
    ];
    Some(
        all.into_iter()
            .filter(|state| asked.contains(&(*state).into()))
            .collect(),
    )
}

/// A list of an argument, which a walk over everybody may look into for each of them.
fn listed<T>(argument: &str, list: Option<Vec<T>>) -> Result<Option<Vec<T>>, ApiError> {
    match list {
        Some(list) if list.len() > MAX_PAGE as usize => Err(ApiError::bad_input(format!(
            "`{argument}` has {}: at most {MAX_PAGE} at once",
            list.len()
        ))),
        list => Ok(list),
    }
}

fn dept_ids(argument: &str, ids: Option<Vec<BigInt>>) -> Result<Option<BTreeSet<DeptId>>, ApiError> {
    let ids = listed(argument, ids)?;
    Ok(ids.map(|ids| ids.into_iter().map(|id| DeptId(id.0)).collect()))
}

fn one_of(argument: &str, texts: Option<Vec<String>>) -> Result<Option<TextTest>, ApiError> {
    let texts = listed(argument, texts)?;
    Ok(texts.map(|texts| TextTest::one_of(texts.iter().map(String::as_str))))
}

fn starts_with(text: Option<String>) -> Option<TextTest> {
    text.as_deref().map(TextTest::starts_with)
}

/// What a filter has in `and`, `or` and `not`.
struct Nested<F> {
    and: Option<Vec<F>>,
    or: Option<Vec<F>>,
    not: Option<Box<F>>,
}

/// The given ones among `conditions`, with the nested ones.
fn joined<F, C>(
    conditions: impl IntoIterator<Item = Option<C>>,
    nested: Nested<F>,
    compiled: impl Fn(F) -> Result<Filter<C>, ApiError>,
) -> Result<Filter<C>, ApiError> {
    let mut parts: Vec<_> = conditions.into_iter().flatten().map(Filter::Is).collect();
    for part in nested.and.into_iter().flatten() {
        parts.push(compiled(part)?);
    }
    if let Some(any) = nested.or {
        let any: Result<_, _> = any.into_iter().map(&compiled).collect();
        parts.push(Filter::Any(any?));
    }
    if let Some(not) = nested.not {
        parts.push(Filter::Not(Box::new(compiled(*not)?)));
    }
    Ok(Filter::All(parts))
}

/// A filter that isn't too large for the argument `filter`, of those who are present where no states are named in it.
fn checked<C>(
    mut filter: Filter<C>,
    states: fn(Vec<directory::RecordState>) -> C,
    are_states: impl Fn(&C) -> bool,
) -> Result<Filter<C>, ApiError> {
    let names_states = filter.mentions(&are_states);
    if let (false, Filter::All(parts)) = (names_states, &mut filter) {
        parts.push(Filter::Is(states(present())));
    }

    let too_large = |error: FilterTooLarge| ApiError::bad_input(format!("`filter` is too large: {error}"));
    filter.check().map_err(too_large)?;
    Ok(filter)
}
