//! A filter of departments.

use std::collections::BTreeSet;

use async_graphql::InputObject;

use super::{Filtered, Given, Nested, checked, dept_ids, joined, one_of, starts_with, states};
use crate::{
    directory::{self, DepartmentCondition, DeptId, Filter},
    graphql::{enums::RecordState, error::ApiError, scalars::BigInt},
};

/// Which departments. All given conditions must hold.
#[derive(Debug, Clone, Default, InputObject)]
pub struct DepartmentFilter {
    /// Found by this, as `search` finds departments: by name in characters, pinyin or initials, by whole `deptId`, and
    /// with one typo where nothing else is found. At most 64 characters; blank searches nothing.
    search: Option<String>,
    /// One of these, by `deptId`; at most 500.
    dept_id_in: Option<Vec<BigInt>>,
    /// The name is one of these; at most 500. Case and width of letters don't matter.
    name_in: Option<Vec<String>>,
    /// The name begins with this; case and width of letters don't matter.
    name_starts_with: Option<String>,
    /// Directly below this department.
    parent_id: Option<BigInt>,
    /// Directly below one of these departments; at most 500.
    parent_id_in: Option<Vec<BigInt>>,
    /// This department and everything below it.
    subtree_of: Option<BigInt>,
    /// With this manager, by `userId`.
    manager_id: Option<String>,
    /// In one of these states; ACTIVE and HELD if the list is empty or not given, and none is named in `and`, `or` and
    /// `not`.
    states: Option<Vec<RecordState>>,
    /// All of these hold, too.
    and: Option<Vec<DepartmentFilter>>,
    /// One of these holds at least; of an empty list none does.
    or: Option<Vec<DepartmentFilter>>,
    /// This doesn't hold.
    not: Option<Box<DepartmentFilter>>,
}

impl DepartmentFilter {
    /// As the directory looks for them.
    pub(crate) fn compiled(self, list: Filtered<'_>) -> Result<directory::DepartmentFilter, ApiError> {
        checked(
            self.conditions()?,
            list,
            DepartmentCondition::Found,
            DepartmentCondition::States,
            |it| matches!(it, DepartmentCondition::States(_)),
        )
    }

    fn conditions(self) -> Result<Filter<Given<DepartmentCondition>>, ApiError> {
        let one = |id: BigInt| BTreeSet::from([DeptId(id.0)]);
        let conditions = [
            dept_ids("deptIdIn", self.dept_id_in)?.map(DepartmentCondition::Ids),
            one_of("nameIn", self.name_in)?.map(DepartmentCondition::Name),
            starts_with(self.name_starts_with).map(DepartmentCondition::Name),
            self.parent_id.map(one).map(DepartmentCondition::Parents),
            dept_ids("parentIdIn", self.parent_id_in)?.map(DepartmentCondition::Parents),
            self.subtree_of.map(|id| DepartmentCondition::Subtree(DeptId(id.0))),
            self.manager_id.map(|id| DepartmentCondition::Manager(id.into())),
            states(self.states.as_deref()).map(DepartmentCondition::States),
        ];

        let nested = Nested {
            and: self.and,
            or: self.or,
            not: self.not,
        };
        joined(self.search, conditions, nested, Self::conditions)
    }
}
