//! Which departments of the company are mirrored, by included and excluded subtrees.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::{DeptId, Snapshot, User, UserId};

/// Subtrees to mirror and to leave out. Of the named departments on the way from a department up to the root, itself
/// included, the nearest decides: an exclude inside an include cuts, an include inside an exclude starts again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepartmentSelection {
    /// Tops of the subtrees to mirror; empty: everything that the app may see.
    pub include: BTreeSet<DeptId>,
    /// Tops of the subtrees to leave out.
    pub exclude: BTreeSet<DeptId>,
}

impl DepartmentSelection {
    /// A selection by plain `dept_id`s, as the settings hold them.
    pub fn of_ids(include: &BTreeSet<i64>, exclude: &BTreeSet<i64>) -> Self {
        let ids = |list: &BTreeSet<i64>| list.iter().copied().map(DeptId).collect();
        Self {
            include: ids(include),
            exclude: ids(exclude),
        }
    }

    /// Whether nothing is named: everything that the app may see is mirrored.
    pub fn is_everything(&self) -> bool {
        self.include.is_empty() && self.exclude.is_empty()
    }

    /// Whether this very department is named as one to leave out: a crawl doesn't descend into it.
    pub fn excludes(&self, id: DeptId) -> bool {
        self.exclude.contains(&id)
    }

    /// Where a crawl starts: at the included departments, or where none is, at those that the app is authorised for;
    /// never at an excluded one. An included department below another included one is a start, too (the crawl may meet
    /// it twice). An authorised department that lies below an excluded one can't be told here: only its `parent_id`s
    /// say so.
    pub fn starts(&self, authorised: &[DeptId]) -> Vec<DeptId> {
        let keep = |id: &DeptId| !self.excludes(*id);
        if self.include.is_empty() {
            authorised.iter().copied().filter(keep).collect()
        } else {
            self.include.iter().copied().filter(keep).collect()
        }
    }

    /// Whether a department is selected. `path`: the department, then its ancestors up to the root.
    pub fn selects(&self, path: impl IntoIterator<Item = DeptId>) -> bool {
        path.into_iter()
            .find_map(|id| self.named(id))
            .unwrap_or(self.include.is_empty())
    }

    /// Whether this very department is named, in either list.
    pub fn names(&self, id: DeptId) -> bool {
        self.named(id).is_some()
    }

    /// What is said of this very department. Named in both lists, which the settings refuse, it is left out.
    fn named(&self, id: DeptId) -> Option<bool> {
        if self.excludes(id) {
            Some(false)
        } else {
            self.include.contains(&id).then_some(true)
        }
    }
}

/// Who of the mirror is not selected.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fallout {
    /// Present departments that are not selected, by id.
    pub departments: Vec<DeptId>,
    /// Present people who are in no selected department, by userid.
    pub users: Vec<UserId>,
}

/// Which present departments and people of `snapshot` `selection` leaves out. Linear in departments and memberships.
///
/// A department that the mirror doesn't have keeps nobody, unless it is included by name: a crawl would start there; of
/// one that is gone the mirror knows whether it was selected. Whoever is in no department, or in departments that
/// nobody knows alone, stays: a crawl asks about them.
pub fn fallout(snapshot: &Snapshot, selection: &DepartmentSelection) -> Fallout {
    if selection.is_everything() {
        return Fallout::default();
    }

    let mut verdicts = Verdicts::new(snapshot, selection);
    let present = snapshot
        .departments()
        .filter(|department| department.standing.is_present());
    let selected: HashMap<DeptId, bool> = present
        .map(|department| department.facts.dept_id)
        .map(|id| (id, verdicts.of(id)))
        .collect();

    let mut falls = |user: &User| {
        let memberships = || user.facts.memberships.iter().map(|membership| membership.dept_id);
        let keeps = |id: DeptId| {
            let present = selected.get(&id).copied();
            present.unwrap_or_else(|| selection.named(id) == Some(true))
        };
        !memberships().any(keeps) && memberships().any(|id| verdicts.of_known(id) == Some(false))
    };

    let mut departments: Vec<_> = selected
        .iter()
        .filter(|(_, selected)| !**selected)
        .map(|(id, _)| *id)
        .collect();
    departments.sort_unstable();
    let people = snapshot.users().filter(|user| user.standing.is_present());
    let users = people
        .filter(|user| falls(user))
        .map(|user| user.facts.userid.clone())
        .collect();

    Fallout { departments, users }
}

/// Decided departments, so that a deep tree is walked once.
struct Verdicts<'a> {
    snapshot: &'a Snapshot,
    selection: &'a DepartmentSelection,
    decided: HashMap<DeptId, bool>,
}

impl<'a> Verdicts<'a> {
    fn new(snapshot: &'a Snapshot, selection: &'a DepartmentSelection) -> Self {
        Self {
            snapshot,
            selection,
            decided: HashMap::new(),
        }
    }

    /// `None` of a department that neither the selection nor the mirror has ever heard of.
    fn of_known(&mut self, id: DeptId) -> Option<bool> {
        let is_known = self.selection.named(id).is_some() || self.snapshot.department(id).is_some();
        is_known.then(|| self.of(id))
    }

    fn of(&mut self, id: DeptId) -> bool {
        let mut walked = HashSet::new();
        let mut next = Some(id);
        let mut verdict = None;

        while let Some(at) = next {
            verdict = self.selection.named(at).or_else(|| self.decided.get(&at).copied());
            // Half-read moves may look like a circle of parents.
            if !walked.insert(at) || verdict.is_some() {
                break;
            }
            next = self.snapshot.last_parent(at);
        }

        let verdict = verdict.unwrap_or(self.selection.include.is_empty());
        self.decided.extend(walked.into_iter().map(|id| (id, verdict)));
        verdict
    }
}

#[cfg(test)]
mod tests;
