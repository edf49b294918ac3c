//! What the mirror knows of the tree that a crawl is to find.

use std::collections::HashSet;

use crate::{
    directory::{DeptId, Snapshot},
    sync::crawl::outline::Outline,
};

/// People on one page of `user/list`.
const PAGE: usize = 100;

/// What the mirror knows of what a crawl is to find.
#[derive(Debug, Default)]
pub(super) struct Foreknown {
    /// Departments that are not found yet.
    departments: HashSet<DeptId>,
    /// Pages of those that are not found yet.
    pages_unfound: u64,
    /// Pages of those that are, without those that were read.
    pages_found: u64,
}

impl Foreknown {
    /// The mirror's departments that lie where the crawl starts, and not in what is left out.
    pub(super) fn of(snapshot: &Snapshot, outline: &Outline) -> Self {
        let is_read = |id: DeptId| {
            let path = std::iter::once(id).chain(snapshot.ancestors(id).into_iter().rev());
            let mut named = path.filter_map(|id| {
                let is_start = outline.departments.contains(&id);
                (is_start || outline.excluded.contains(&id)).then_some(is_start)
            });
            named.next().unwrap_or(false)
        };

        let present = snapshot.departments().filter(|it| it.standing.is_present());
        let departments: HashSet<DeptId> = present.map(|it| it.facts.dept_id).filter(|id| is_read(*id)).collect();
        let pages = departments.iter().map(|id| pages(snapshot, *id)).sum();
        Self {
            departments,
            pages_unfound: pages,
            pages_found: 0,
        }
    }

    /// A department was found.
    pub(super) fn found(&mut self, snapshot: &Snapshot, id: DeptId) {
        let pages = pages(snapshot, id);
        if self.departments.remove(&id) {
            self.pages_unfound = self.pages_unfound.saturating_sub(pages);
        }
        self.pages_found += pages;
    }

    /// Departments that are not found yet.
    pub(super) fn unfound(&self) -> u64 {
        self.departments.len() as u64
    }

    /// Pages of departments that are not found yet.
    pub(super) fn pages_unfound(&self) -> u64 {
        self.pages_unfound
    }

    /// Pages to come of departments that are found.
    pub(super) fn pages_found(&self) -> u64 {
        self.pages_found
    }

    /// A page of a department's people was read, or could not be.
    pub(super) fn page_ended(&mut self) {
        self.pages_found = self.pages_found.saturating_sub(1);
    }
}

/// Pages of a department's people, as the mirror has them; of one that it doesn't have: one.
fn pages(snapshot: &Snapshot, id: DeptId) -> u64 {
    Ord::max(snapshot.members(id).len().div_ceil(PAGE), 1) as u64
}
