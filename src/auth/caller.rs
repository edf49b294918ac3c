//! The caller of a request.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::permission::Permission;

/// Who calls, after his token was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The token's `sub`.
    pub subject: String,
    /// What he may do.
    pub permissions: BTreeSet<Permission>,
    /// When the token ends.
    pub expires_at: DateTime<Utc>,
}

impl Caller {
    /// Whether he may.
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }
}
