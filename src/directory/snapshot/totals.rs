//! How many people each subtree has, each person counted once however many of its departments they are in.

use std::collections::HashMap;

use super::tree::Tree;
use crate::directory::{DeptId, User};

/// People by department, subtree included; a department without any has no entry.
#[derive(Clone, Default)]
pub(super) struct MemberTotals(imbl::HashMap<DeptId, usize>);

impl MemberTotals {
    pub(super) fn build<'a>(tree: &Tree, users: impl Iterator<Item = &'a User>) -> Self {
        let mut totals: HashMap<DeptId, usize> = HashMap::new();
        for user in users {
            for id in reach(tree, user) {
                *totals.entry(id).or_default() += 1;
            }
        }
        Self(totals.into_iter().collect())
    }

    pub(super) fn of(&self, id: DeptId) -> usize {
        self.0.get(&id).copied().unwrap_or(0)
    }

    pub(super) fn add(&mut self, tree: &Tree, user: &User) {
        for id in reach(tree, user) {
            *self.0.entry(id).or_insert(0) += 1;
        }
    }

    pub(super) fn subtract(&mut self, tree: &Tree, user: &User) {
        for id in reach(tree, user) {
            let left = self.of(id).saturating_sub(1);
            if left == 0 {
                self.0.remove(&id);
            } else {
                self.0.insert(id, left);
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
