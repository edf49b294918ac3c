//! Whether a mirror is what the company was at some moment of a run.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{super::company::Company, flaw::Flaw};

/// The manager's place among what is compared of a person.
const MANAGER: usize = 4;
/// Behind these the departments are told.
const FIELDS: usize = 5;

/// What of a record a run reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Depth {
    /// Everything.
    Records,
    /// No list tells who somebody's manager is.
    Lists,
    /// Who is where.
    Places,
}

impl Depth {
    fn of(self, mut company: Company) -> Company {
        for said in company.1.values_mut() {
            match self {
                Self::Records => {}
                Self::Lists => said[MANAGER] = Value::Null,
                Self::Places => *said = placed(said),
            }
        }
        company
    }
}

fn placed(said: &[Value]) -> Vec<Value> {
    let ids = said[FIELDS..].iter().map(|it| it["dept_id"].clone());
    std::iter::repeat_n(Value::Null, FIELDS).chain(ids).collect()
}

/// What the mirror says that was never so while the run went on. `moments`: the company before each edit, and after the
/// last one. Whoever is `held` is served on.
pub(super) fn never_so(
    flaw: &Flaw,
    depth: Depth,
    mirror: &Company,
    moments: &[Company],
    held: &(BTreeSet<i64>, BTreeSet<String>),
) -> Vec<String> {
    let mirror = depth.of(mirror.clone());
    let moments: Vec<Company> = moments.iter().map(|it| depth.of(flaw.selected(it.clone()))).collect();
    let all: Vec<&Company> = moments.iter().chain([&mirror]).collect();
    let (departments, people) = flaw.blinds(&all);
    let mut found = Vec::new();

    let ids: BTreeSet<i64> = all.iter().flat_map(|it| it.0.keys().copied()).collect();
    for id in ids.difference(&departments).filter(|id| !held.0.contains(id)) {
        let said = mirror.0.get(id);
        let was: Vec<_> = moments.iter().map(|it| it.0.get(id)).collect();
        let is_so = match said {
            None => was.contains(&None),
            // The list above it tells the parent, its own record the name.
            Some((parent, name)) => {
                let was = || was.iter().copied().flatten();
                was().any(|it| it.0 == *parent) && was().any(|it| it.1 == *name)
            }
        };
        if !is_so {
            found.push(format!("department {id} is {said:?}, and really {:?}", was.last()));
        }
    }

    let ids: BTreeSet<&String> = all.iter().flat_map(|it| it.1.keys()).collect();
    for id in ids.into_iter().filter(|id| !held.1.contains(*id)) {
        let said = mirror.1.get(id);
        let was: Vec<_> = moments.iter().map(|it| it.1.get(id)).collect();
        let is_so = match said {
            // Somebody who can't be read has left all the same.
            Some(_) if people.contains(id) => flaw.keeps(id) || was.iter().any(Option::is_some),
            _ if people.contains(id) => true,
            None => was.contains(&None),
            Some(said) => was_said(said, &was),
        };
        if !is_so {
            found.push(format!("{id} is {said:?}, and really {:?}", was.last()));
        }
    }
    found
}

/// One reading tells the title, another one the manager: each was so at some moment.
fn was_said(said: &[Value], was: &[Option<&Vec<Value>>]) -> bool {
    let moments = || was.iter().filter_map(|it| it.map(Vec::as_slice));
    let is_field = |n: usize| moments().any(|it| it[n] == said[n]);
    (0..FIELDS).all(is_field) && moments().any(|it| it[FIELDS..] == said[FIELDS..])
}
