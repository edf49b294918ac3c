//! What a crawl met beside the facts it read.

use std::collections::{BTreeMap, BTreeSet};

use crate::directory::{DepartmentSelection, DeptId, UserId};

/// What a crawl met beside the facts it read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// The departments that the app's contact scope names: where the crawl started.
    pub starts: BTreeSet<DeptId>,
    /// Who was listed by each department whose list was read to its end.
    pub listed: BTreeMap<DeptId, BTreeSet<UserId>>,
    /// Departments whose children or people could not be listed, with DingTalk's code or the kind of failure.
    pub unreadable: BTreeMap<DeptId, String>,
    /// Of these: those that DingTalk doesn't say are outside the app's scope, or not there. Whoever was not come across
    /// may stand in one of their lists.
    pub unread: BTreeSet<DeptId>,
    /// Departments whose own record could not be read.
    pub undetailed_departments: BTreeSet<DeptId>,
    /// People who were listed, but whose record could not be read.
    pub unread_users: BTreeSet<UserId>,
    /// People of whom only the department's list was read, not the record.
    pub undetailed_users: BTreeSet<UserId>,
    /// People who were listed, but lie outside the app's contact scope (50002).
    pub out_of_scope_users: BTreeSet<UserId>,
    /// `user/count` with `only_active: false`, where it could be asked; it ignores the contact scope.
    pub user_count: Option<u64>,
    /// What the settings select.
    pub selection: DepartmentSelection,
    /// Single people whom the app's contact scope names and the crawl read: selected wherever they are.
    pub authorised_users: BTreeSet<UserId>,
    /// People of the mirror whom the settings leave out.
    pub deselected_users: BTreeSet<UserId>,
    /// Departments of the mirror that the settings leave out.
    pub deselected_departments: BTreeSet<DeptId>,
    /// People of the mirror whose removal somebody rejected: a crawl need not come across them.
    pub kept_users: BTreeSet<UserId>,
    /// Departments of the mirror whose removal somebody rejected.
    pub kept_departments: BTreeSet<DeptId>,
}

impl Evidence {
    /// Whether the whole company is to be read.
    pub fn sees_root(&self) -> bool {
        self.starts.contains(&DeptId::ROOT) && self.selection.is_everything()
    }

    /// Whether the root department is to be read wherever the contact scope has it: leaving a part of the company out
    /// leaves the root in.
    pub fn wants_root(&self) -> bool {
        self.selection.selects([DeptId::ROOT])
    }
}
