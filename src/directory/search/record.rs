//! What is found: people and departments alike.

use std::{cmp::Ordering, sync::Arc};

use crate::directory::{Department, RecordId, User};

/// A person or a department.
#[derive(Debug, Clone)]
pub enum Record {
    /// A person.
    User(Arc<User>),
    /// A department.
    Department(Arc<Department>),
}

impl Record {
    /// The name.
    pub fn name(&self) -> &str {
        match self {
            Self::User(user) => &user.facts.name,
            Self::Department(department) => &department.facts.name,
        }
    }

    /// Whether it is a person.
    pub const fn is_user(&self) -> bool {
        matches!(self, Self::User(_))
    }

    /// Whether it is served as part of the company.
    pub fn is_present(&self) -> bool {
        match self {
            Self::User(user) => user.standing.is_present(),
            Self::Department(department) => department.standing.is_present(),
        }
    }

    /// Its id.
    pub fn id(&self) -> RecordId {
        match self {
            Self::User(user) => RecordId::User(user.facts.userid.clone()),
            Self::Department(department) => RecordId::Department(department.facts.dept_id),
        }
    }

    /// People before departments, each by id.
    pub(super) fn cmp_id(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::User(one), Self::User(other)) => one.facts.userid.cmp(&other.facts.userid),
            (Self::Department(one), Self::Department(other)) => one.facts.dept_id.cmp(&other.facts.dept_id),
            (Self::User(_), Self::Department(_)) => Ordering::Less,
            (Self::Department(_), Self::User(_)) => Ordering::Greater,
        }
    }
}
