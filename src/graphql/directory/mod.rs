//! The mirrored company: departments, users, memberships, and how they change.

pub(crate) mod change;
pub(crate) mod change_cause;
pub(crate) mod department;
pub(crate) mod department_list;
pub(crate) mod membership;
pub(crate) mod mirror;
pub(crate) mod objects;
pub(crate) mod refresh;
pub(crate) mod user;
pub(crate) mod user_by_mobile;
pub(crate) mod user_list;
