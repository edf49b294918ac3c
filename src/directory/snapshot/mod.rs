//! The immutable in-memory directory that every read is answered from.
//!
//! Its maps are shared by all versions: a clone costs nothing, and a changed user costs what their own keys, their
//! departments and the departments above them cost. The forest of departments is one small value of its own, made anew
//! when it changes.

mod build;
mod by_id;
mod contradictions;
mod counts;
mod department_orders;
mod find;
mod handle;
mod indexes;
mod layered;
mod lazily;
mod member_place;
mod members;
mod orders;
mod past;
mod places;
mod reports;
#[cfg(test)]
mod tests;
mod totals;
mod tree;
mod tree_place;
mod turned;

use std::{
    collections::HashSet,
    ops::Bound,
    sync::{Arc, OnceLock},
};

use chrono::{DateTime, Utc};
pub use handle::SnapshotHandle;
pub use member_place::MemberPlace;
pub(super) use past::PastRecords;
pub use reports::{ManagementChain, ReportCount};
pub(crate) use tree::{ParentLink, Tree};
pub use tree_place::TreePlace;

use self::{
    by_id::{DepartmentsById, UsersById},
    counts::UserCounts,
    department_orders::DepartmentOrders,
    indexes::Indexes,
    lazily::Lazily,
    members::MembersByDepartment,
    orders::UserOrders,
    reports::Reports,
    totals::MemberTotals,
};
use super::{
    Department, DeptId, Epoch, Revision, User, UserId,
    fold::{fold_key, fold_mobile},
    order::{SortKey, UserOrder},
    search::SearchIndex,
};

/// The directory at one revision. Immutable; cloning is cheap. "Present" is ACTIVE or HELD.
#[derive(Clone)]
pub struct Snapshot {
    epoch: Epoch,
    revision: Revision,
    departments: DepartmentsById,
    users: UsersById,
    department_count: usize,
    counts: UserCounts,
    tree: Arc<Tree>,
    members: MembersByDepartment,
    totals: MemberTotals,
    indexes: Indexes,
    orders: UserOrders,
    department_orders: DepartmentOrders,
    reports: Lazily<Reports>,
    search: SearchIndex,
    /// Found when it is first asked for.
    consistent: OnceLock<bool>,
    /// Of one of the past: the moment that it is of.
    as_of: Option<DateTime<Utc>>,
}

impl Snapshot {
    /// The same snapshot, of this epoch of the database.
    #[must_use]
    pub fn of_epoch(self, epoch: Epoch) -> Self {
        Self { epoch, ..self }
    }

    /// The epoch of the database that its revision belongs to.
    pub fn epoch(&self) -> &Epoch {
        &self.epoch
    }

    /// The revision that it shows.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// Of one that was made by taking changes back (see [`Undo`](super::Undo)): when the last change that it has was
    /// written.
    pub fn as_of(&self) -> Option<DateTime<Utc>> {
        self.as_of
    }

    /// Present departments.
    pub fn department_count(&self) -> usize {
        self.department_count
    }

    /// Present users, each once.
    pub fn user_count(&self) -> usize {
        self.counts.present
    }

    /// Users counted in each of their departments, those who are GONE included.
    pub fn membership_count(&self) -> usize {
        self.counts.memberships
    }

    /// Present users counted in each department that they are in or below.
    pub fn reached_count(&self) -> usize {
        self.totals.all()
    }

    /// A department, also one that is GONE.
    pub fn department(&self, id: DeptId) -> Option<&Arc<Department>> {
        self.departments.get(id)
    }

    /// A user, also one who is GONE.
    pub fn user(&self, id: &str) -> Option<&Arc<User>> {
        self.users.get(id)
    }

    /// Who has this `unionid`. As with every key: present people first, then those who are GONE, each sorted by userid.
    pub fn users_by_union_id(&self, id: &str) -> &[Arc<User>] {
        self.indexes.union_id.get(id)
    }

    /// Who has this `email` or `org_email`; given raw, compared trimmed, case-folded, full-width forms as plain ones.
    /// Blank matches nobody.
    pub fn users_by_email(&self, email: &str) -> &[Arc<User>] {
        fold_key(email).map_or(&[], |key| self.indexes.email.get(&key))
    }

    /// Who has this `job_number`; compared as `email` is, so leading zeros are significant.
    pub fn users_by_job_number(&self, job_number: &str) -> &[Arc<User>] {
        fold_key(job_number).map_or(&[], |key| self.indexes.job_number.get(&key))
    }

    /// [`Self::users_by_email`] of a key that [`fold_key`](super::fold_key) made.
    pub fn users_by_email_key(&self, key: &str) -> &[Arc<User>] {
        self.indexes.email.get(key)
    }

    /// [`Self::users_by_job_number`] of a folded key.
    pub fn users_by_job_number_key(&self, key: &str) -> &[Arc<User>] {
        self.indexes.job_number.get(key)
    }

    /// Who has this `mobile`, whatever blanks and hyphens are in it.
    pub fn users_by_mobile(&self, mobile: &str) -> &[Arc<User>] {
        fold_mobile(mobile).map_or(&[], |key| self.indexes.mobile.get(&key))
    }

    /// Who has an `email` or `org_email` that looks like this plain text and is not: see
    /// [`looks_like`](super::looks_like).
    pub fn users_with_lookalike_email(&self, plain: &str) -> &[Arc<User>] {
        self.indexes.email_looks.get(plain)
    }

    /// Who has a `job_number` that looks like this plain text and is not.
    pub fn users_with_lookalike_job_number(&self, plain: &str) -> &[Arc<User>] {
        self.indexes.job_number_looks.get(plain)
    }

    /// Present users of whom this app is shown neither `email` nor `org_email`: it lacks the permission for them.
    pub fn hidden_emails(&self) -> usize {
        self.counts.hidden_emails
    }

    /// Whether anybody's `email` or `org_email` is known: if not, the app most likely lacks the permission.
    pub fn knows_emails(&self) -> bool {
        !self.indexes.email.is_empty()
    }

    /// Whether anybody's `job_number` is known.
    pub fn knows_job_numbers(&self) -> bool {
        !self.indexes.job_number.is_empty()
    }

    /// Every department by id, GONE ones included.
    pub fn departments(&self) -> impl Iterator<Item = &Arc<Department>> {
        self.departments.iter()
    }

    /// Every user by userid, GONE ones included.
    pub fn users(&self) -> impl Iterator<Item = &Arc<User>> {
        self.users.iter()
    }

    /// Every user behind this userid, GONE ones included: a page costs a page, however deep it is.
    pub fn users_after(&self, id: &str) -> impl Iterator<Item = &Arc<User>> + use<'_> {
        self.users.after(id)
    }

    /// Every user between two userids, GONE ones included: a page costs a page, however deep it is.
    pub fn users_between<'a>(
        &'a self,
        from: Bound<&str>,
        to: Bound<&str>,
    ) -> impl DoubleEndedIterator<Item = &'a Arc<User>> + use<'a> {
        self.users.between(from, to)
    }

    /// Everybody, GONE ones included, between two places of a list in this order; `UserId` as the key tells it.
    pub fn users_in_order(
        &self,
        order: (UserOrder, bool),
        from: Bound<&SortKey>,
        to: Bound<&SortKey>,
    ) -> Box<dyn DoubleEndedIterator<Item = &Arc<User>> + '_> {
        self.orders.between(&self.users, order, from, to)
    }

    /// Every department between two ids, GONE ones included.
    pub fn departments_between(
        &self,
        from: Bound<DeptId>,
        to: Bound<DeptId>,
    ) -> impl DoubleEndedIterator<Item = &Arc<Department>> {
        self.departments.between(from, to)
    }

    /// Present people who name `id` as their manager, by userid.
    pub fn reports(&self, id: &str) -> &[UserId] {
        self.reports_index().of(id)
    }

    /// How many report to `id`.
    pub fn report_count(&self, id: &str) -> ReportCount {
        self.reports_index().count(id, || {
            let present = self.users().filter(|user| user.standing.is_present());
            present
                .map(|user| (&user.facts.userid, user.facts.manager_userid.as_ref()))
                .collect()
        })
    }

    /// The managers above a user who are present.
    pub fn management_chain(&self, user: &User) -> ManagementChain {
        let present = |id: &str| self.user(id).filter(|user| user.standing.is_present());
        let manager_of = |id: &UserId| {
            let named = match id == &user.facts.userid {
                true => user.facts.manager_userid.as_ref(),
                false => present(id.as_str())?.facts.manager_userid.as_ref(),
            };
            named.filter(|id| present(id.as_str()).is_some())
        };
        reports::chain(&user.facts.userid, manager_of)
    }

    fn reports_index(&self) -> &Reports {
        self.reports.get(|| Reports::build(self.users.iter()))
    }

    /// Tops of the visible forest: the root first, then the departments whose parent isn't present, in DingTalk's
    /// order.
    pub fn roots(&self) -> &[DeptId] {
        self.tree.roots()
    }

    /// Departments that are tops only because their parents form a circle.
    pub fn cyclic(&self) -> &[DeptId] {
        self.tree.cyclic()
    }

    /// The present parent; `None` for a top, whatever `parent_id` says. Of a department that is gone the last one.
    pub fn parent(&self, id: DeptId) -> Option<DeptId> {
        if self.tree.contains(id) {
            self.tree.parent(id)
        } else {
            self.last_parent(id)
        }
    }

    /// The parent as far as anybody knows: above a top of the visible forest, and above a department that is gone, what
    /// DingTalk last said. A mirror that holds one subtree only still knows so that the subtree lies below the root.
    pub fn last_parent(&self, id: DeptId) -> Option<DeptId> {
        let told = || self.department(id).and_then(|department| department.facts.parent_id);
        self.tree.parent(id).or_else(told).filter(|_| id != DeptId::ROOT)
    }

    /// Present children in DingTalk's order (order, then id).
    pub fn children(&self, id: DeptId) -> &[DeptId] {
        self.tree.children(id)
    }

    /// From the top down to the parent; of a department that is gone as it was when it was last heard of.
    pub fn ancestors(&self, id: DeptId) -> Vec<DeptId> {
        // Half-read moves may look like a circle of parents.
        let mut walked = HashSet::from([id]);
        let upwards = std::iter::successors(self.parent(id), |id| self.parent(*id));
        let mut path: Vec<_> = upwards
            .take_while(|id| self.department(*id).is_some() && walked.insert(*id))
            .collect();
        path.reverse();
        path
    }

    /// How far below its top a department is; tops are 0.
    pub fn level(&self, id: DeptId) -> u32 {
        if self.tree.contains(id) {
            self.tree.level(id)
        } else {
            u32::try_from(self.ancestors(id).len()).unwrap_or(u32::MAX)
        }
    }

    /// Pre-order, without the department itself; (id, level relative to it, from 1); lazily, so that a page costs a
    /// page.
    pub fn descendants(&self, id: DeptId, depth: Option<u32>) -> impl Iterator<Item = (DeptId, u32)> + use<'_> {
        self.tree.descendants(id, depth)
    }

    /// Present direct members in DingTalk's order (larger order first, then userid); none of a department that isn't
    /// present.
    pub fn members(&self, id: DeptId) -> &[UserId] {
        if self.tree.contains(id) {
            self.members.of(id)
        } else {
            &[]
        }
    }

    /// Present people of the department and all below it, each once.
    pub fn total_members(&self, id: DeptId) -> usize {
        self.totals.of(id)
    }

    /// Whether `id` is `top` or below it.
    pub fn is_in_subtree(&self, id: DeptId, top: DeptId) -> bool {
        self.tree.is_in(id, top)
    }

    /// Whether `id` is `top` or below it, or was so when it was last heard of.
    pub fn was_in_subtree(&self, id: DeptId, top: DeptId) -> bool {
        let mut walked = HashSet::new();
        std::iter::successors(Some(id), |id| self.last_parent(*id))
            // Half-read moves may look like a circle of parents.
            .take_while(|id| walked.insert(*id))
            .any(|id| id == top)
    }
}
