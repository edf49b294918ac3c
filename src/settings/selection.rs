//! Which departments the form selects: what it accepts. What a selection means is the directory's rule.

use std::collections::BTreeSet;

use crate::{
    catalogue::settings as said,
    problem::{Problem, ProblemCode},
};

/// Most departments that one list may name: a selection names subtrees, and the whole stands in one row.
pub const MAX_SELECTED_DEPARTMENTS: usize = 1_000;

const INCLUDE: &str = "includeDepartments";
/// DingTalk's root department.
const ROOT: i64 = 1;
const EXCLUDE: &str = "excludeDepartments";

/// The lists that a change of `include` and `exclude` makes of `current` (`None` leaves a list alone), or all that is
/// wrong with them. Ids that the mirror doesn't know are fine: it may not have read them yet.
pub fn check_departments(
    current: (&BTreeSet<i64>, &BTreeSet<i64>),
    include: Option<&[i64]>,
    exclude: Option<&[i64]>,
) -> Result<(BTreeSet<i64>, BTreeSet<i64>), Vec<Problem>> {
    let mut errors = Vec::new();
    let mut list = |field, ids: Option<&[i64]>, current: &BTreeSet<i64>| match ids {
        None => current.clone(),
        Some(ids) => departments(field, ids).unwrap_or_else(|error| {
            errors.push(error);
            BTreeSet::new()
        }),
    };

    let (included, excluded) = (list(INCLUDE, include, current.0), list(EXCLUDE, exclude, current.1));
    if let Some(id) = included.intersection(&excluded).next() {
        // The mistake is told of a list that this change writes.
        let (field, other) = if exclude.is_some() {
            (EXCLUDE, INCLUDE)
        } else {
            (INCLUDE, EXCLUDE)
        };
        let message = said::DEPARTMENT_SELECTED_TWICE {
            field,
            department: *id,
            other,
        };
        errors.push(Problem::new(ProblemCode::Invalid, &[field], message));
    }

    let is_changed = include.is_some() || exclude.is_some();
    if is_changed && included.is_empty() && excluded.contains(&ROOT) {
        let message = said::SELECTION_LEAVES_NOTHING {
            field: EXCLUDE,
            other: INCLUDE,
        };
        errors.push(Problem::new(ProblemCode::Invalid, &[EXCLUDE], message));
    }

    if errors.is_empty() {
        Ok((included, excluded))
    } else {
        Err(errors)
    }
}

fn departments(field: &'static str, ids: &[i64]) -> Result<BTreeSet<i64>, Problem> {
    if ids.len() > MAX_SELECTED_DEPARTMENTS {
        let message = said::SELECTION_TOO_LONG {
            field,
            count: ids.len(),
            most: MAX_SELECTED_DEPARTMENTS,
        };
        return Err(Problem::new(ProblemCode::TooLong, &[field], message));
    }

    match ids.iter().find(|id| **id <= 0) {
        // DingTalk: ids at or below 0 are the home-school directory, which is never mirrored.
        Some(id) => {
            let message = said::SELECTION_NO_DEPARTMENT { field, department: *id };
            Err(Problem::new(ProblemCode::Invalid, &[field], message))
        }
        None => Ok(ids.iter().copied().collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(
        current: [&[i64]; 2],
        include: Option<&[i64]>,
        exclude: Option<&[i64]>,
    ) -> Vec<(&'static str, ProblemCode)> {
        let [included, excluded] = current.map(|ids| ids.iter().copied().collect());
        let errors = check_departments((&included, &excluded), include, exclude).expect_err("a mistake");
        let field = |problem: &Problem| [INCLUDE, EXCLUDE].into_iter().find(|field| problem.path == [*field]);
        errors
            .iter()
            .map(|problem| (field(problem).expect("one of the two"), problem.code))
            .collect()
    }

    #[test]
    fn a_list_that_is_not_given_stays_and_one_that_is_given_is_taken_whole() {
        let (two, three) = (BTreeSet::from([2]), BTreeSet::from([3]));
        let made = check_departments((&two, &three), Some(&[5, 5, i64::MAX]), None).expect("good");
        assert_eq!(made, (BTreeSet::from([5, i64::MAX]), three.clone()));
        let made = check_departments((&two, &three), Some(&[]), Some(&[2])).expect("good");
        assert_eq!(made, (BTreeSet::new(), two));
    }

    #[test]
    fn every_mistake_names_its_field() {
        use ProblemCode::{Invalid, TooLong};
        let many: Vec<i64> = (1..=1_001).collect();
        assert_eq!(
            told([&[], &[]], Some(&[-7]), Some(&many)),
            [(INCLUDE, Invalid), (EXCLUDE, TooLong)]
        );
        assert_eq!(told([&[], &[]], Some(&[1, 4]), Some(&[4])), [(EXCLUDE, Invalid)]);
        assert_eq!(told([&[], &[]], None, Some(&[1])), [(EXCLUDE, Invalid)]);
        assert_eq!(told([&[], &[4]], Some(&[4]), None), [(INCLUDE, Invalid)]);
        assert_eq!(told([&[4], &[]], None, Some(&[4])), [(EXCLUDE, Invalid)]);
    }
}
