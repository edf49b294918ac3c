//! placeholder contract: the immutable in-memory directory.
#![allow(missing_docs, unused_variables, dead_code, clippy::todo)]
use std::sync::Arc;

use super::*;

/// Immutable; cloning is cheap (persistent maps). Present = ACTIVE or HELD.
#[derive(Clone)]
pub struct Snapshot {
    x: (),
}

impl Snapshot {
    pub fn empty() -> Self {
        todo!()
    }
    /// Built once at start from everything the store has (GONE included).
    pub fn build(revision: Revision, departments: Vec<Department>, users: Vec<User>) -> Self {
        todo!()
    }
    /// The snapshot after some records changed; costs in proportion to the change (a moved department: its subtree).
    pub fn with(&self, revision: Revision, departments: Vec<Department>, users: Vec<User>) -> Self {
        todo!()
    }

    pub fn revision(&self) -> Revision {
        todo!()
    }
    pub fn department_count(&self) -> usize {
        todo!()
    } // present
    pub fn user_count(&self) -> usize {
        todo!()
    } // present
    pub fn department(&self, id: DeptId) -> Option<&Arc<Department>> {
        todo!()
    } // GONE ones too
    pub fn user(&self, id: &str) -> Option<&Arc<User>> {
        todo!()
    } // GONE ones too
    pub fn users_by_union_id(&self, id: &str) -> &[UserId] {
        todo!()
    }
    /// Keys are given raw; the index normalises (trim, NFKC, case fold).
    pub fn users_by_email(&self, email: &str) -> &[UserId] {
        todo!()
    }
    pub fn users_by_org_email(&self, email: &str) -> &[UserId] {
        todo!()
    }
    pub fn users_by_job_number(&self, job_number: &str) -> &[UserId] {
        todo!()
    } // leading zeros significant
    pub fn users_by_mobile(&self, mobile: &str) -> &[UserId] {
        todo!()
    }
    /// All records by key, GONE included; ordered by id.
    pub fn departments(&self) -> impl Iterator<Item = &Arc<Department>> {
        std::iter::empty()
    }
    pub fn users(&self) -> impl Iterator<Item = &Arc<User>> {
        std::iter::empty()
    }
    /// Tops of the visible forest: root, or the departments whose parent isn't in the mirror.
    pub fn roots(&self) -> &[DeptId] {
        todo!()
    }
    /// Present children in DingTalk's order (order, then id).
    pub fn children(&self, id: DeptId) -> &[DeptId] {
        todo!()
    }
    /// From the top down to the parent.
    pub fn ancestors(&self, id: DeptId) -> Vec<DeptId> {
        todo!()
    }
    pub fn level(&self, id: DeptId) -> u32 {
        todo!()
    } // tops are 0
    /// Pre-order, without the department itself; (id, level relative to it); lazily, so that a page costs a page.
    pub fn descendants(&self, id: DeptId, depth: Option<u32>) -> impl Iterator<Item = (DeptId, u32)> {
        std::iter::empty()
    }
    /// Present direct members in DingTalk's order (larger order first, then userid).
    pub fn members(&self, id: DeptId) -> &[UserId] {
        todo!()
    }
    /// Present people of the department and all below it, each once.
    pub fn total_members(&self, id: DeptId) -> usize {
        todo!()
    }
    pub fn is_in_subtree(&self, id: DeptId, top: DeptId) -> bool {
        todo!()
    }
    /// Present users whose name (or userid, job number, title) contains the folded text, in order of userid.
    pub fn search_users(&self, text: &str) -> impl Iterator<Item = &Arc<User>> {
        std::iter::empty()
    }
    pub fn search_departments(&self, text: &str) -> impl Iterator<Item = &Arc<Department>> {
        std::iter::empty()
    }
}

/// The snapshot in force, swapped atomically; cheap to clone.
#[derive(Clone)]
pub struct SnapshotHandle {
    x: (),
}
impl SnapshotHandle {
    pub fn new(snapshot: Snapshot) -> Self {
        todo!()
    }
    pub fn current(&self) -> Arc<Snapshot> {
        todo!()
    }
    /// Ignores an older revision.
    pub fn publish(&self, snapshot: Snapshot) {
        todo!()
    }
    /// Hears of each new revision.
    pub fn subscribe(&self) -> tokio::sync::watch::Receiver<Revision> {
        todo!()
    }
}
