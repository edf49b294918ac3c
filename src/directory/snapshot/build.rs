//! Making a snapshot: from everything at once, or from the one before and what changed.

use std::{
    collections::{HashMap, HashSet},
    panic::resume_unwind,
    sync::{Arc, OnceLock},
};

use super::{
    ParentLink, Snapshot, Tree,
    by_id::{DepartmentsById, UsersById},
    counts::UserCounts,
    department_orders::DepartmentOrders,
    find::{changed, index_of, index_with},
    indexes::Indexes,
    lazily::Lazily,
    members::MembersByDepartment,
    orders::UserOrders,
    reports::Reports,
    totals::MemberTotals,
};
use crate::directory::{Department, Epoch, Revision, User, UserId};

/// From this share of all records on, making everything anew is cheaper than changing it piece by piece.
const REBUILD_FROM: usize = 4;

/// From so many people on two threads build the parts of a snapshot that know nothing of one another.
const BOTH_FROM: usize = 10_000;

impl Snapshot {
    /// The mirror before its first sync.
    pub fn empty() -> Self {
        Self::build(0, Vec::new(), Vec::new())
    }

    /// Built once at start from everything the store has (GONE included). Of records with the same id the last one
    /// counts.
    pub fn build(revision: Revision, departments: Vec<Department>, users: Vec<User>) -> Self {
        let departments = DepartmentsById::build(departments.into_iter().map(Arc::new));
        Self::assemble(revision, departments, UsersById::build(users.into_iter().map(Arc::new)))
    }

    /// The snapshot after some records changed; costs in proportion to the change (a moved department: its subtree).
    pub fn with(&self, revision: Revision, departments: Vec<Department>, users: Vec<User>) -> Self {
        let mut next = self.clone();
        next.revision = revision;
        next.consistent = OnceLock::new();

        next.department_orders.bring_along(!departments.is_empty());
        let departments: Vec<_> = departments.into_iter().map(Arc::new).collect();
        let restructured = next.put_departments(&departments);
        if users.len() * REBUILD_FROM > next.users.len() {
            for user in users {
                next.users.insert(Arc::new(user));
            }
            let assembled = Self::assemble(revision, next.departments, next.users);
            return Self {
                orders: self.orders.anew(),
                reports: self.reports.anew(),
                ..assembled.of_epoch(self.epoch.clone())
            };
        }

        if restructured {
            next.tree = Arc::new(tree_of(&next.departments));
        }
        let users = next.put_users(users, self);
        let changed = changed(&departments, &users);
        next.search = index_with(&self.search, &changed, &next.departments, &next.users);
        next
    }

    fn assemble(revision: Revision, departments: DepartmentsById, users: UsersById) -> Self {
        let tree = tree_of(&departments);
        let lists = || {
            let members = MembersByDepartment::build(users.iter());
            (members, MemberTotals::build(&tree, users.iter().map(|user| &**user)))
        };
        let of_people = || (UserCounts::build(users.iter()), Indexes::build(&users));
        let search = index_of(&departments, &users);
        let ((members, totals), (counts, indexes)) = both(users.len() >= BOTH_FROM, lists, of_people);

        Self {
            epoch: Epoch::default(),
            revision,
            department_count: departments
                .iter()
                .filter(|department| department.standing.is_present())
                .count(),
            counts,
            members,
            totals,
            indexes,
            search,
            tree: Arc::new(tree),
            departments,
            users,
            orders: UserOrders::default(),
            department_orders: DepartmentOrders::default(),
            reports: Lazily::default(),
            consistent: OnceLock::new(),
            as_of: None,
        }
    }

    /// Whether the forest is another one now.
    fn put_departments(&mut self, departments: &[Arc<Department>]) -> bool {
        let mut restructured = false;
        for new in departments {
            let old = self.departments.insert(new.clone());
            self.department_count += usize::from(new.standing.is_present());
            self.department_count -= usize::from(old.as_ref().is_some_and(|old| old.standing.is_present()));
            restructured |= old.is_none_or(|old| shape(&old) != shape(new));
        }
        restructured
    }

    /// Gives the new records back.
    fn put_users(&mut self, users: Vec<User>, before: &Self) -> Vec<Arc<User>> {
        let users: HashMap<UserId, User> = users
            .into_iter()
            .map(|user| (user.facts.userid.clone(), user))
            .collect();
        let changes: Vec<(Option<Arc<User>>, Arc<User>)> = users
            .into_values()
            .map(|user| {
                let new = Arc::new(user);
                (self.users.insert(new.clone()), new)
            })
            .collect();

        self.counts.replace(&changes);
        self.members.replace(&changes);
        self.indexes.replace(&changes);
        self.orders.replace(&changes, &self.users);
        let users = &self.users;
        self.reports
            .bring_along(|reports| reports.replace(&changes), || Reports::build(users.iter()));
        self.count_again(&changes, before);
        changes.into_iter().map(|(_, new)| new).collect()
    }

    /// Totals of everybody who changed, or whose departments hang elsewhere now.
    fn count_again(&mut self, changes: &[(Option<Arc<User>>, Arc<User>)], before: &Self) {
        let moved_along = if Arc::ptr_eq(&self.tree, &before.tree) {
            HashSet::new()
        } else {
            let changed: HashSet<&UserId> = changes.iter().map(|(_, new)| &new.facts.userid).collect();
            let rerouted = before.tree.rerouted(&self.tree);
            let people = rerouted.iter().flat_map(|id| before.members.of(*id));
            people.filter(|id| !changed.contains(id)).collect()
        };

        if moved_along.len() * REBUILD_FROM > self.users.len() {
            self.totals = MemberTotals::build(&self.tree, self.users.iter().map(|user| &**user));
            return;
        }

        for user in moved_along.into_iter().filter_map(|id| self.users.get(id.as_str())) {
            self.totals.subtract(&before.tree, user);
            self.totals.add(&self.tree, user);
        }
        for (old, new) in changes {
            if let Some(old) = old {
                self.totals.subtract(&before.tree, old);
            }
            self.totals.add(&self.tree, new);
        }
    }
}

/// Does both, on two threads if they are `large`.
fn both<A: Send, B>(large: bool, one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B) -> (A, B) {
    if !large {
        return (one(), other());
    }
    std::thread::scope(|scope| {
        let one = scope.spawn(one);
        let other = other();
        (one.join().unwrap_or_else(|panicked| resume_unwind(panicked)), other)
    })
}

fn tree_of(departments: &DepartmentsById) -> Tree {
    Tree::build(
        departments
            .iter()
            .filter(|department| department.standing.is_present())
            .map(|it| ParentLink::of(it)),
    )
}

/// What decides a department's place in the forest.
fn shape(department: &Department) -> (bool, Option<crate::directory::DeptId>, Option<i64>) {
    (
        department.standing.is_present(),
        department.facts.parent_id,
        department.facts.order,
    )
}
