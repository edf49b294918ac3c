//! Filters as they are given.

mod departments;
mod users;

pub use departments::DepartmentFilter;
pub use users::UserFilter;

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    directory::{
        self, DeptId, Filter, FilterTooLarge, Snapshot, TextTest,
        search::{MOST_TYPED, Matching, Query},
    },
    graphql::{enums::RecordState, error::ApiError, scalars::BigInt, services::Searches},
    page::MAX_PAGE,
};

/// A condition as it is given.
#[derive(Debug)]
enum Given<C> {
    Is(C),
    /// It becomes a condition where it is known what is found: not before the filter is known to be small.
    Found(Query),
}

/// Whose list is filtered.
#[derive(Clone, Copy)]
pub(crate) struct Filtered<'a> {
    /// What it is a list of.
    pub(crate) snapshot: &'a Arc<Snapshot>,
    /// Whether the caller may search by email address and mobile number.
    pub(crate) contact: bool,
    /// What the request has searched for already.
    pub(crate) searches: Option<&'a Searches>,
}

impl Filtered<'_> {
    fn matching(&self, query: &Query) -> Result<Arc<Matching>, ApiError> {
        match self.searches {
            Some(searches) => searches.matching(self.snapshot, query, self.contact),
            None => Ok(self.snapshot.matching(query, self.contact)),
        }
    }
}

/// What was typed into `argument`; `None` of blank text.
pub(super) fn typed(argument: &str, text: &str) -> Result<Option<Query>, ApiError> {
    let length = text.trim().chars().count();
    if length > MOST_TYPED {
        return Err(ApiError::bad_input(format!(
            "`{argument}` has {length} characters: at most {MOST_TYPED}"
        )));
    }
    Ok(Query::new(text))
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

/// What is searched and the given ones among `conditions`, with the nested ones. Blank text searches nothing.
fn joined<F, C>(
    search: Option<String>,
    conditions: impl IntoIterator<Item = Option<C>>,
    nested: Nested<F>,
    compiled: impl Fn(F) -> Result<Filter<Given<C>>, ApiError>,
) -> Result<Filter<Given<C>>, ApiError> {
    let is_asked = search.as_ref().is_some_and(|text| !text.trim().is_empty());
    let search = search.map(|text| typed("search", &text)).transpose()?.flatten();
    // Nothing of it is compared, say of a lone middle dot: it finds nobody, as in `search`.
    let nobody = (is_asked && search.is_none()).then(|| Filter::Any(Vec::new()));
    let conditions = conditions.into_iter().flatten().map(Given::Is);
    let given = search.map(Given::Found).into_iter().chain(conditions);
    let mut parts: Vec<_> = given.map(Filter::Is).chain(nobody).collect();

    let compiled = |part: F| compiled(part).map(unwrapped);
    for part in nested.and.into_iter().flatten() {
        parts.push(compiled(part)?);
    }
    if let Some(any) = nested.or {
        let any: Result<_, _> = any.into_iter().map(compiled).collect();
        parts.push(Filter::Any(any?));
    }
    if let Some(not) = nested.not {
        parts.push(Filter::Not(Box::new(compiled(*not)?)));
    }
    Ok(Filter::All(parts))
}

/// A lone condition without its object: what bounds a filter counts what was written, not what stands around it.
fn unwrapped<C>(filter: Filter<C>) -> Filter<C> {
    match filter {
        Filter::All(mut parts) if parts.len() == 1 => parts.remove(0),
        filter => filter,
    }
}

/// A filter that isn't too large for the argument `filter`, of those who are present where no states are named in it.
fn checked<C>(
    mut filter: Filter<Given<C>>,
    list: Filtered<'_>,
    found: fn(Arc<Matching>) -> C,
    states: fn(Vec<directory::RecordState>) -> C,
    are_states: impl Fn(&C) -> bool,
) -> Result<Filter<C>, ApiError> {
    let names_states = filter.mentions(&|given| matches!(given, Given::Is(condition) if are_states(condition)));
    if let (false, Filter::All(parts)) = (names_states, &mut filter) {
        parts.push(Filter::Is(Given::Is(states(present()))));
    }

    let too_large = |error: FilterTooLarge| ApiError::bad_input(format!("`filter` is too large: {error}"));
    filter.check().map_err(too_large)?;
    filter.try_map(&|given| match given {
        Given::Is(condition) => Ok(condition),
        Given::Found(query) => Ok(found(list.matching(&query)?)),
    })
}
