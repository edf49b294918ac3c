//! The caller of a request.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::permission::Permission;

/// The clocks of the issuer and of this server may differ by this much.
pub(super) const LEEWAY: TimeDelta = TimeDelta::seconds(30);

/// Who calls, after their token was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The token's `sub`.
    pub subject: String,
    /// What they may do.
    pub permissions: BTreeSet<Permission>,
    /// The token's `exp`. It is taken a little longer: [`Caller::refused_from`].
    pub expires_at: DateTime<Utc>,
}

impl Caller {
    /// Whether they may.
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }

    /// From when on the token is refused, and whatever runs under it ends: `exp` and the leeway, the same on every
    /// transport.
    pub fn refused_from(&self) -> DateTime<Utc> {
        self.expires_at + LEEWAY
    }
}
