//! Filters of departments and people: conditions joined by *and*, *or* and *not*.

mod departments;
mod people;
mod text;

pub use departments::{DepartmentCondition, DepartmentFilter};
pub use people::{LeaderOf, UserCondition, UserFilter};
pub use text::TextTest;

/// Conditions, joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter<C> {
    /// All of these hold; of none it is true.
    All(Vec<Self>),
    /// One of these holds at least; of none it is false.
    Any(Vec<Self>),
    /// This doesn't hold.
    Not(Box<Self>),
    /// This holds.
    Is(C),
}

/// A filter that is too large to be looked through for everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FilterTooLarge {
    /// Too many conditions.
    #[error("it has more than {MOST_CONDITIONS} conditions: split the question")]
    Conditions,
    /// Too deep.
    #[error("it is nested more than {DEEPEST} deep: `and`, `or` and `not` of the same conditions can be flatter")]
    Depth,
}

/// Most conditions of a filter: each is looked at for everybody.
pub const MOST_CONDITIONS: usize = 100;
/// Deepest nesting of a filter: it is walked by recursion.
pub const DEEPEST: usize = 10;

impl<C> Filter<C> {
    /// Whether it holds, where `is` tells whether a condition does.
    pub fn holds(&self, is: &impl Fn(&C) -> bool) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(is)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(is)),
            Self::Not(part) => !part.holds(is),
            Self::Is(condition) => is(condition),
        }
    }

    /// Whether any condition in it is such.
    pub fn mentions(&self, such: &impl Fn(&C) -> bool) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(|part| part.mentions(such)),
            Self::Not(part) => part.mentions(such),
            Self::Is(condition) => such(condition),
        }
    }

    /// The same of other conditions, where each can be had.
    pub fn try_map<D, E>(self, to: &impl Fn(C) -> Result<D, E>) -> Result<Filter<D>, E> {
        let each = |parts: Vec<Self>| -> Result<Vec<_>, E> { parts.into_iter().map(|part| part.try_map(to)).collect() };
        Ok(match self {
            Self::All(parts) => Filter::All(each(parts)?),
            Self::Any(parts) => Filter::Any(each(parts)?),
            Self::Not(part) => Filter::Not(Box::new(part.try_map(to)?)),
            Self::Is(condition) => Filter::Is(to(condition)?),
        })
    }

    /// Refuses what is too large. A group of conditions below `Any` or `Not` is one object with them, and no level.
    pub fn check(&self) -> Result<(), FilterTooLarge> {
        let is_group = |part: &Self| matches!(part, Self::All(_));
        let mut left = vec![(self, usize::from(!is_group(self)))];
        let mut conditions = 0;
        while let Some((part, depth)) = left.pop() {
            if depth > DEEPEST && !matches!(part, Self::Is(_)) {
                return Err(FilterTooLarge::Depth);
            }
            match part {
                Self::All(parts) => left.extend(parts.iter().map(|part| (part, depth + 1))),
                Self::Any(parts) => left.extend(parts.iter().map(|part| (part, depth + usize::from(!is_group(part))))),
                Self::Not(part) => left.push((part, depth + usize::from(!is_group(part)))),
                Self::Is(_) => {}
            }
            let is_leaf = match part {
                Self::All(parts) | Self::Any(parts) => parts.is_empty(),
                Self::Not(_) => false,
                Self::Is(_) => true,
            };
            conditions += usize::from(is_leaf);
            if conditions > MOST_CONDITIONS {
                return Err(FilterTooLarge::Conditions);
            }
        }
        Ok(())
    }

    /// The narrowest of the sources from which everything comes that can match: `of` tells that of a condition, `size`
    /// how much a source gives. `None`: there is none.
    fn narrowest<'a, S>(
        &'a self,
        of: &impl Fn(&'a C) -> Option<Vec<S>>,
        size: &impl Fn(&S) -> usize,
    ) -> Option<Vec<S>> {
        let whole = |sources: &Vec<S>| sources.iter().map(size).sum::<usize>();
        match self {
            Self::All(parts) => parts
                .iter()
                .filter_map(|part| part.narrowest(of, size))
                .min_by_key(whole),
            Self::Any(parts) => {
                let each: Option<Vec<_>> = parts.iter().map(|part| part.narrowest(of, size)).collect();
                Some(each?.into_iter().flatten().collect())
            }
            Self::Not(_) => None,
            Self::Is(condition) => of(condition),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Conditions on numbers: divisible by this. A source of it is every such number below 60.
    fn filters() -> impl Strategy<Value = Filter<u32>> {
        let leaf = (1_u32..7).prop_map(Filter::Is);
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Filter::All),
                prop::collection::vec(inner.clone(), 0..4).prop_map(Filter::Any),
                inner.prop_map(|part| Filter::Not(Box::new(part))),
            ]
        })
    }

    proptest! {
        #[test]
        fn whatever_matches_comes_from_the_narrowest_source(filter in filters(), known in prop::collection::btree_set(1_u32..7, 0..6)) {
            let numbers = |by: u32| (0_u32..60).filter(move |it| it % by == 0).collect::<Vec<_>>();
            let source = filter.narrowest(&|by| known.contains(by).then(|| vec![numbers(*by)]), &Vec::len);
            let matching = (0_u32..60).filter(|it| filter.holds(&|by| it % by == 0));
            if let Some(source) = source {
                let given: Vec<u32> = source.into_iter().flatten().collect();
                prop_assert!(matching.into_iter().all(|it| given.contains(&it)));
            }
        }
    }

    #[test]
    fn large_and_deep_filters_are_refused() {
        assert_eq!(Filter::All(vec![Filter::Is(1); MOST_CONDITIONS]).check(), Ok(()));
        assert_eq!(
            Filter::All(vec![Filter::Is(1); MOST_CONDITIONS + 1]).check(),
            Err(FilterTooLarge::Conditions)
        );

        let negated = |levels| (0..levels).fold(Filter::Is(1), |part, _| Filter::Not(Box::new(part)));
        assert_eq!(negated(DEEPEST).check(), Ok(()));
        assert_eq!(negated(DEEPEST + 1).check(), Err(FilterTooLarge::Depth));

        // As objects within each other are compiled, each with a condition beside the next one.
        let beside = |levels| {
            let next = |part, _| Filter::All(vec![Filter::Is(1), Filter::Not(Box::new(part))]);
            (0..levels).fold(Filter::All(vec![Filter::Is(1)]), next)
        };
        assert_eq!(beside(DEEPEST).check(), Ok(()));
        assert_eq!(beside(DEEPEST + 1).check(), Err(FilterTooLarge::Depth));
        assert!(Filter::<i32>::All(Vec::new()).holds(&|_| false) && !Filter::<i32>::Any(Vec::new()).holds(&|_| true));
    }
}
