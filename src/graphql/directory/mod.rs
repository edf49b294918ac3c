//! The mirrored company: departments, users, memberships, and how they change.

pub(super) mod as_of;
pub(super) mod change;
pub(super) mod change_cause;
pub(super) mod change_feed;
pub(super) mod change_list;
pub(super) mod department;
pub(super) mod department_list;
pub(super) mod field_change;
pub(super) mod filter;
pub(super) mod membership;
pub(super) mod mirror;
pub(super) mod objects;
pub(super) mod order;
pub(super) mod refresh;
pub(super) mod reports;
pub(super) mod search;
pub(super) mod user;
pub(super) mod user_by_mobile;
pub(super) mod user_connection;
pub(super) mod user_list;
