//! Places among the people of a department.

use serde::{Deserialize, Serialize};

use super::tree_place::TreePlace;

/// Where somebody stands, or stood, in DingTalk's order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberPlace {
    /// The department, where the list is of several.
    pub(super) department: Option<TreePlace>,
    /// The person's order in it.
    pub(super) order: Option<i64>,
    /// The person.
    pub(super) userid: String,
}
