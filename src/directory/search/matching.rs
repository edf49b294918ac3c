//! Everything that a search finds, as filters ask for it.

use std::collections::HashSet;

use super::record::Record;
use crate::directory::{DeptId, UserId};

/// All records that match, GONE ones included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Matching {
    users: HashSet<UserId>,
    departments: HashSet<DeptId>,
    kinds: Kinds,
}

/// Whether people or departments are in a set, and whether they are present or GONE.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Kinds {
    users: Presence,
    departments: Presence,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Presence {
    present: bool,
    gone: bool,
}

impl Kinds {
    /// Whether such people or departments are in it.
    pub(super) fn have(&self, is_user: bool, is_present: bool) -> bool {
        let presence = if is_user { self.users } else { self.departments };
        if is_present { presence.present } else { presence.gone }
    }
}

impl Matching {
    pub(super) fn put(&mut self, record: &Record) {
        let presence = match record {
            Record::User(user) => {
                self.users.insert(user.facts.userid.clone());
                &mut self.kinds.users
            }
            Record::Department(department) => {
                self.departments.insert(department.facts.dept_id);
                &mut self.kinds.departments
            }
        };
        if record.is_present() {
            presence.present = true;
        } else {
            presence.gone = true;
        }
    }

    /// Which kinds are in it.
    pub(super) fn kinds(&self) -> Kinds {
        self.kinds
    }

    /// Whether this person matches.
    pub fn has_user(&self, id: &str) -> bool {
        self.users.contains(id)
    }

    /// Whether this department matches.
    pub fn has_department(&self, id: DeptId) -> bool {
        self.departments.contains(&id)
    }

    /// The people who match, in no order.
    pub fn users(&self) -> impl ExactSizeIterator<Item = &UserId> {
        self.users.iter()
    }

    /// The departments that match, in no order.
    pub fn departments(&self) -> impl ExactSizeIterator<Item = &DeptId> {
        self.departments.iter()
    }
}
