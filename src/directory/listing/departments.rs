//! Departments that match, in an order.

use std::{
    ops::Bound::{self, Excluded, Included, Unbounded},
    sync::Arc,
};

use serde::{Deserialize, Serialize};

use super::sorted::{Sorted, between};
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

    /// A page of the children of `parent` in DingTalk's order.
    pub fn children_page(
        &self,
        snapshot: &Snapshot,
        parent: DeptId,
        request: PageRequest<TreePlace>,
        descending: bool,
    ) -> Page<Arc<Department>> {
        if descending {
            return self
                .children_page(snapshot, parent, request.reversed(), false)
                .reversed();
        }
        let page = request.page(|from, to| {
            let children = snapshot.children_between(parent, from, to).iter();
            let children = children.filter_map(|id| snapshot.department(*id));
            children.filter(|it| self.filter.is_none() || self.has(snapshot, it))
        });
        page.map(Arc::clone)
    }

    /// A page in DingTalk's order of the whole forest: a department before its children.
    pub fn forest_page(
        &self,
        snapshot: &Snapshot,
        request: PageRequest<ForestPlace>,
        descending: bool,
    ) -> Page<Arc<Department>> {
        if descending {
            return self.forest_page(snapshot, request.reversed(), false).reversed();
        }
        let page = request.page(|from, to| {
            let (present, gone) = parts(from, to);
            let present = present
                .into_iter()
                .flat_map(|(from, to)| snapshot.forest_between(from, to));
            let present = present.filter_map(|id| snapshot.department(id));
            let gone = gone
                .into_iter()
                .flat_map(|(from, to)| snapshot.departments_between(from, to));
            let gone = gone.filter(|it| !it.standing.is_present());
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

type Part<T> = Option<(Bound<T>, Bound<T>)>;

/// The part among the present departments, and that among those that are gone.
fn parts<'a>(from: Bound<&'a ForestPlace>, to: Bound<&'a ForestPlace>) -> (Part<&'a TreePlace>, Part<DeptId>) {
    use ForestPlace::{Gone, Present};
    let present = |place: Bound<&'a ForestPlace>| match place {
        Included(Present(place)) => Included(place),
        Excluded(Present(place)) => Excluded(place),
        _ => Unbounded,
    };
    let gone = |place: Bound<&'a ForestPlace>| match place {
        Included(Gone(id)) => Included(DeptId(*id)),
        Excluded(Gone(id)) => Excluded(DeptId(*id)),
        _ => Unbounded,
    };
    let begins_among_gone = matches!(from, Included(Gone(_)) | Excluded(Gone(_)));
    let ends_among_present = matches!(to, Included(Present(_)) | Excluded(Present(_)));
    (
        (!begins_among_gone).then(|| (present(from), present(to))),
        (!ends_among_present).then(|| (gone(from), gone(to))),
    )
}
