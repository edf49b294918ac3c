//! How many people each subtree has, each person counted once however many of its departments they are in.

use std::collections::HashMap;

use super::tree::Tree;
use crate::directory::{DeptId, User};

/// People by department, subtree included; a department without any has no entry.
#[derive(Clone, Default)]
pub(super) struct MemberTotals {
    by_department: imbl::HashMap<DeptId, usize>,
    /// Of all departments together.
    all: usize,
}

impl MemberTotals {
    pub(super) fn build<'a>(tree: &Tree, users: impl Iterator<Item = &'a User>) -> Self {
        let mut totals: HashMap<DeptId, usize> = HashMap::new();
        for user in users {
            for id in reach(tree, user) {
                *totals.entry(id).or_default() += 1;
            }
        }
        Self {
            all: totals.values().sum(),
            by_department: totals.into_iter().collect(),
        }
    }

    pub(super) fn of(&self, id: DeptId) -> usize {
        self.by_department.get(&id).copied().unwrap_or(0)
    }

    pub(super) fn all(&self) -> usize {
        self.all
    }

    pub(super) fn add(&mut self, tree: &Tree, user: &User) {
        for id in reach(tree, user) {
            *self.by_department.entry(id).or_insert(0) += 1;
            self.all += 1;
        }
    }

    pub(super) fn subtract(&mut self, tree: &Tree, user: &User) {
        for id in reach(tree, user) {
            let Some(counted) = self.by_department.get(&id).copied() else {
                continue;
            };
            self.all = self.all.saturating_sub(1);
            if counted <= 1 {
                self.by_department.remove(&id);
            } else {
                self.by_department.insert(id, counted - 1);
            }
        }
    }
}

/// The departments that count `user`: their own and all above them, each once.
fn reach(tree: &Tree, user: &User) -> Vec<DeptId> {
    let mut reached = Vec::new();
    if !user.standing.is_present() {
        return reached;
    }

    for membership in &user.facts.memberships {
        if !tree.contains(membership.dept_id) {
            continue;
        }
        for id in std::iter::once(membership.dept_id).chain(tree.upwards(membership.dept_id)) {
            // What is above a department that was reached before was reached with it.
            if reached.contains(&id) {
                break;
            }
            reached.push(id);
        }
    }
    reached
}
