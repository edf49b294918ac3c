//! Departments as a crawl learns of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::directory::{DepartmentFacts, DepartmentSource, DeptId, GoneCause, Observation, Snapshot, UserId};

/// Children, record, people: what there is to read of a department.
const PARTS: u8 = 3;

/// What is known of the departments so far.
#[derive(Default)]
pub(super) struct CrawledDepartments {
    /// From `listsub` of the parent.
    listed: BTreeMap<DeptId, DepartmentFacts>,
    /// From `department/get`.
    detailed: BTreeMap<DeptId, DepartmentFacts>,
    /// Every department that was found, with the parts that are still to be read.
    found: BTreeMap<DeptId, u8>,
    home_school: BTreeSet<DeptId>,
    /// Removed since it was listed.
    removed: BTreeSet<DeptId>,
    undetailed: BTreeSet<DeptId>,
    unreadable: BTreeMap<DeptId, String>,
    /// Of these: whose lists exist, as far as DingTalk says.
    unread: BTreeSet<DeptId>,
    listing: BTreeMap<DeptId, BTreeSet<UserId>>,
    /// Whose list of people was read to its end.
    members_complete: BTreeSet<DeptId>,
}

impl CrawledDepartments {
    /// Whether this department is to be read: it is the company's, and new here.
    pub(super) fn find(&mut self, id: DeptId) -> bool {
        if !id.is_company() {
            self.home_school.insert(id);
            return false;
        }
        let new = !self.found.contains_key(&id);
        if new {
            self.found.insert(id, PARTS);
        }
        new
    }

    pub(super) fn list(&mut self, parent: DeptId, mut facts: DepartmentFacts) {
        facts.parent_id = facts.parent_id.or(Some(parent));
        self.listed.entry(facts.dept_id).or_insert(facts);
    }

    pub(super) fn detail(&mut self, facts: DepartmentFacts) {
        self.detailed.insert(facts.dept_id, facts);
    }

    /// One of a department's parts is settled, one way or the other.
    pub(super) fn settle(&mut self, id: DeptId) {
        if let Some(parts) = self.found.get_mut(&id) {
            *parts = parts.saturating_sub(1);
        }
    }

    /// Whether nobody had told.
    pub(super) fn member(&mut self, dept: DeptId, user: UserId) -> bool {
        self.listing.entry(dept).or_default().insert(user)
    }

    pub(super) fn members_complete(&mut self, dept: DeptId) {
        self.members_complete.insert(dept);
    }

    pub(super) fn not_there(&mut self, id: DeptId) {
        self.removed.insert(id);
    }

    pub(super) fn unreadable(&mut self, id: DeptId, why: String) {
        self.unreadable.insert(id, why);
        self.unread.insert(id);
    }

    /// It is unreadable because it is outside the app's scope, or not there: it has no list that anybody could stand
    /// in.
    pub(super) fn hidden(&mut self, id: DeptId, why: String) {
        self.unreadable.insert(id, why);
    }

    pub(super) fn undetailed(&mut self, id: DeptId) {
        self.undetailed.insert(id);
    }

    /// People of the mirror whose departments aren't those that listed them, as far as departments were listed or the
    /// mirror has them and this crawl did not come across them.
    pub(super) fn transferred(&self, snapshot: &Snapshot) -> Vec<UserId> {
        let mut listed: BTreeMap<&UserId, BTreeSet<DeptId>> = BTreeMap::new();
        for id in &self.members_complete {
            for user in self.listing.get(id).into_iter().flatten() {
                listed.entry(user).or_default().insert(*id);
            }
        }

        // One that the app isn't shown is in people's records and nowhere else.
        let is_missing = |id: &DeptId| {
            let standing = snapshot.department(*id).map(|it| &it.standing);
            let was_there =
                standing.is_some_and(|it| it.is_present() || it.cause == Some(GoneCause::DepartmentRemoved));
            was_there && !self.found.contains_key(id)
        };
        let differs = |(id, departments): &(&UserId, BTreeSet<DeptId>)| {
            snapshot.user(id.as_str()).is_none_or(|user| {
                let known = user.facts.memberships.iter().map(|it| it.dept_id);
                let known: BTreeSet<DeptId> = known
                    .filter(|id| self.members_complete.contains(id) || is_missing(id))
                    .collect();
                known != *departments
            })
        };

        listed.into_iter().filter(differs).map(|(id, _)| id.clone()).collect()
    }

    pub(super) fn found(&self) -> u64 {
        self.found.len() as u64
    }

    pub(super) fn read(&self) -> u64 {
        self.found.values().filter(|parts| **parts == 0).count() as u64
    }

    pub(super) fn home_school(&self) -> u64 {
        self.home_school.len() as u64
    }

    pub(super) fn is_empty(&self) -> bool {
        self.listed.is_empty() && self.detailed.is_empty()
    }

    /// The observation's departments; the rest is evidence.
    pub(super) fn into_observation(
        self,
        snapshot: &Snapshot,
        left: &BTreeSet<UserId>,
        observed: &mut Observation,
    ) -> DepartmentEvidence {
        let Self {
            mut listed,
            detailed,
            found,
            removed,
            undetailed,
            unreadable,
            unread,
            mut listing,
            members_complete,
            ..
        } = self;

        for (id, mut facts) in detailed {
            // A department's own record may leave the parent out; the list that named it knows better than nobody.
            facts.parent_id = facts.parent_id.or(listed.get(&id).and_then(|it| it.parent_id));
            listed.remove(&id);
            observed.departments.insert(id, (facts, DepartmentSource::Detail));
        }
        observed.departments.extend(
            listed
                .into_iter()
                .filter(|(id, _)| found.contains_key(id))
                .map(|(id, facts)| (id, (facts, DepartmentSource::ListSub))),
        );

        // Missing, then, and asked about once more before it is removed.
        for id in &removed {
            observed.departments.remove(id);
        }

        let known = |id: &DeptId| snapshot.department(*id).is_some_and(|it| it.standing.is_present());
        let is_unread = |id: &DeptId| !observed.departments.contains_key(id) && !removed.contains(id);
        observed.kept_departments = found.into_keys().filter(is_unread).filter(known).collect();

        // A list that was read to its end and names nobody is evidence, too.
        for id in &members_complete {
            listing.entry(*id).or_default();
        }
        listing.retain(|id, _| members_complete.contains(id) && !removed.contains(id));
        for people in listing.values_mut() {
            people.retain(|id| !left.contains(id));
        }

        DepartmentEvidence {
            listed: listing,
            unreadable,
            unread,
            undetailed,
        }
    }
}

/// What the reading of departments proves or fails to prove.
pub(super) struct DepartmentEvidence {
    pub(super) listed: BTreeMap<DeptId, BTreeSet<UserId>>,
    pub(super) unreadable: BTreeMap<DeptId, String>,
    pub(super) unread: BTreeSet<DeptId>,
    pub(super) undetailed: BTreeSet<DeptId>,
}
