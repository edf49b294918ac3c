//! Places in the forest.

use serde::{Deserialize, Serialize};

/// So many steps of a path are told: no company is as deep, and a cursor stays short.
pub(super) const MOST_STEPS: usize = 32;

/// The order of a department that DingTalk gave none: it goes last among its siblings.
pub(super) const UNORDERED: i64 = i64::MAX;

/// Where a department stands, or stood, in pre-order: the way down to it, each step an order and an id. So a list goes
/// on there though the department, or one above it, went or moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TreePlace {
    /// From the top down, at most a few dozen steps.
    pub(super) path: Vec<(i64, i64)>,
    /// The department itself, by which it is found where it is deeper than that.
    pub(super) id: i64,
}

impl TreePlace {
    /// Whether the department at the top of the way has an order of its own.
    pub(super) fn is_ordered(&self) -> bool {
        self.path.first().is_some_and(|(order, _)| *order != UNORDERED)
    }
}
