//! Departments in other orders than that of their ids.

use std::sync::{Arc, OnceLock};

use super::Snapshot;
use crate::directory::{
    Department, DeptId,
    order::{DepartmentOrder, SortKey, SortValue, TextOrder},
};

/// An order of all departments, GONE ones included: a few thousand, sorted when somebody first asks.
type InOrder = OnceLock<Arc<[(SortKey, Arc<Department>)]>>;

/// Each order that somebody asked for.
#[derive(Clone, Default)]
pub(super) struct DepartmentOrders {
    name: InOrder,
    size: InOrder,
}

impl DepartmentOrders {
    /// In the next version: names are the same as long as no department changed, and sizes change with everybody.
    pub(super) fn bring_along(&mut self, departments_changed: bool) {
        self.size = OnceLock::new();
        if departments_changed {
            self.name = OnceLock::new();
        }
    }
}

impl Snapshot {
    /// Every department by name or by size, with the keys of their places.
    pub fn departments_in_order(&self, order: DepartmentOrder) -> &[(SortKey, Arc<Department>)] {
        let made = match order {
            DepartmentOrder::Name | DepartmentOrder::DeptId => &self.department_orders.name,
            DepartmentOrder::Size => &self.department_orders.size,
        };
        made.get_or_init(|| {
            let keyed = self
                .departments()
                .map(|it| (self.department_key(order, it), it.clone()));
            let mut all: Vec<_> = keyed.collect();
            all.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
            all.into()
        })
    }

    /// A department's value in an order.
    pub fn department_value(&self, order: DepartmentOrder, department: &Department) -> SortValue {
        let id: DeptId = department.facts.dept_id;
        match order {
            DepartmentOrder::DeptId => SortValue::None,
            DepartmentOrder::Name => SortValue::Text(department.facts.name.clone()),
            DepartmentOrder::Size => SortValue::Number(i64::try_from(self.total_members(id)).unwrap_or(i64::MAX)),
        }
    }

    /// The key of a department in an order.
    pub(crate) fn department_key(&self, order: DepartmentOrder, department: &Department) -> SortKey {
        let value = self.department_value(order, department);
        SortKey::of(TextOrder::Pinyin, &value, &department.facts.dept_id)
    }
}
