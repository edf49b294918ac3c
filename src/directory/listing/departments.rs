//! Departments that match, in an order.

use std::{
    ops::Bound::{self, Excluded, Included, Unbounded},
    sync::Arc,
};

use serde::{Deserialize, Serialize};

use super::{
    parts::{self, Ends, Part},
    sorted::{Sorted, between},
};
use crate::{
    directory::{
        Department, DeptId, Snapshot, TreePlace,
        filter::DepartmentFilter,
        order::{DepartmentOrder, Place, SortKey},
    },
    page::{Page, PageRequest},
};

/// A place in the whole forest in DingTalk's order, behind which those that are gone stand by id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ForestPlace {
    /// Where a present department stands.
    Present(TreePlace),
    /// One that is gone.
    Gone(i64),
}

/// Which departments.
#[derive(Debug, Clone, Default)]
pub struct DepartmentList {
    /// Directly below this one alone.
    pub children_of: Option<DeptId>,
    /// Which match; none: all that are present.
    pub filter: Option<DepartmentFilter>,
}

impl DepartmentList {
    /// The place of a department in this order.
    pub fn place(snapshot: &Snapshot, order: DepartmentOrder, department: &Department) -> Place<i64> {
        Place(snapshot.department_value(order, department), department.facts.dept_id.0)
    }

    /// The place of a department in the forest.
    pub fn forest_place(snapshot: &Snapshot, id: DeptId) -> ForestPlace {
        snapshot
            .tree_place(id, None)
            .map_or(ForestPlace::Gone(id.0), ForestPlace::Present)
    }

    /// A page in an order.
    pub fn page(
        &self,
        snapshot: &Snapshot,
        (order, descending): (DepartmentOrder, bool),
        request: PageRequest<Place<i64>>,
    ) -> Page<Arc<Department>> {
        let is = |department: &&Arc<Department>| self.has(snapshot, department);
        let keys = request.clone().map(|place| order.key_at(&place));

        if let Some(parent) = self.children_of {
            let children = snapshot
                .children(parent)
                .iter()
                .filter_map(|id| snapshot.department(*id));
            let keyed = children.filter(is).map(|it| (snapshot.department_key(order, it), it));
            let sorted = Sorted::new(keyed.collect(), descending);
            return keys.page(|from, to| sorted.between(from, to)).map(|it| Arc::clone(it));
        }

        if order == DepartmentOrder::DeptId {
            let by_id = |request: PageRequest<Place<i64>>| {
                request
                    .page(|from, to| snapshot.departments_between(id(from), id(to)).filter(is))
                    .map(Arc::clone)
            };
            return if descending {
                by_id(request.reversed()).reversed()
            } else {
                by_id(request)
            };
        }

        // Every department has a name or a size, so the order the other way round is the list from its end.
        let all = snapshot.departments_in_order(order);
        let sorted = |request: PageRequest<SortKey>| {
            request
                .page(|from, to| between(all, false, from, to).filter(is))
                .map(Arc::clone)
        };
        if descending {
            sorted(keys.reversed()).reversed()
        } else {
            sorted(keys)
        }
    }

    /// A page of the children of `parent` in DingTalk's order, or from the end; those that DingTalk gave no order come
    /// last in either direction.
    pub fn children_page(
        &self,
        snapshot: &Snapshot,
        parent: DeptId,
        request: PageRequest<TreePlace>,
        descending: bool,
    ) -> Page<Arc<Department>> {
        let page = request.page(|from, to| {
            let children = snapshot.children_between(parent, descending, from, to);
            let children = children.filter_map(|id| snapshot.department(id));
            children.filter(|it| self.filter.is_none() || self.has(snapshot, it))
        });
        page.map(Arc::clone)
    }

    /// A page in DingTalk's order of the whole forest: a department before its children, or from the end. Those that
    /// are gone have no place in it and come last in either direction.
    pub fn forest_page(
        &self,
        snapshot: &Snapshot,
        request: PageRequest<ForestPlace>,
        descending: bool,
    ) -> Page<Arc<Department>> {
        let page = request.page(|from, to| {
            let (present, gone) = parts::between(from, to, |place| match place {
                ForestPlace::Present(place) => Part::Front(place),
                ForestPlace::Gone(id) => Part::Back(DeptId(*id)),
            });
            let present = present.into_iter().flat_map(|ends| forest(snapshot, descending, ends));
            let gone = gone.into_iter().flat_map(|ends| gone_ones(snapshot, descending, ends));
            present.chain(gone).filter(|it| self.has(snapshot, it))
        });
        page.map(Arc::clone)
    }

    /// How many there are.
    pub fn count(&self, snapshot: &Snapshot) -> usize {
        match (self.children_of, &self.filter) {
            (Some(parent), None) => snapshot.children(parent).len(),
            (Some(parent), Some(_)) => {
                let children = snapshot
                    .children(parent)
                    .iter()
                    .filter_map(|id| snapshot.department(*id));
                children.filter(|it| self.has(snapshot, it)).count()
            }
            (None, _) => snapshot.departments().filter(|it| self.has(snapshot, it)).count(),
        }
    }

    fn has(&self, snapshot: &Snapshot, department: &Department) -> bool {
        match &self.filter {
            Some(filter) => filter.matches(snapshot, department),
            None => department.standing.is_present(),
        }
    }
}

fn id(place: Bound<&Place<i64>>) -> Bound<DeptId> {
    match place {
        Unbounded => Unbounded,
        Included(place) => Included(DeptId(place.1)),
        Excluded(place) => Excluded(DeptId(place.1)),
    }
}

type Departments<'a> = Box<dyn DoubleEndedIterator<Item = &'a Arc<Department>> + 'a>;

/// Present departments between two places of the forest.
fn forest<'a>(snapshot: &'a Snapshot, descending: bool, (from, to): Ends<&TreePlace>) -> Departments<'a> {
    let find = move |id| snapshot.department(id);
    if descending {
        Box::new(snapshot.forest_between(to, from).rev().filter_map(find))
    } else {
        Box::new(snapshot.forest_between(from, to).filter_map(find))
    }
}

/// Those that are gone between two ids.
fn gone_ones(snapshot: &Snapshot, descending: bool, (from, to): Ends<DeptId>) -> Departments<'_> {
    let is_gone = |it: &&Arc<Department>| !it.standing.is_present();
    if descending {
        Box::new(snapshot.departments_between(to, from).rev().filter(is_gone))
    } else {
        Box::new(snapshot.departments_between(from, to).filter(is_gone))
    }
}
