//! The caller of a request.

use std::{collections::BTreeSet, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{permission::Permission, revocation::TokenMark};

/// The clocks of the issuer and of this server may differ by this much.
pub(super) const LEEWAY: TimeDelta = TimeDelta::seconds(30);

/// Who calls, after their token or key was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The token's `sub`; of a key `key:` and its name.
    pub subject: String,
    /// What they may do.
    pub permissions: BTreeSet<Permission>,
    /// The token's `exp`, which is taken a little longer, or the end of the key: [`Caller::refused_from`].
    pub expires_at: DateTime<Utc>,
    /// The id of the API key that they have shown; `None`: a token.
    pub key: Option<Uuid>,
    /// Who signed the token, where that was another issuer; `None`: this server, or it is a key.
    pub issuer: Option<Arc<str>>,
    /// By what their token is revoked; `None`: a key.
    pub token: Option<Arc<TokenMark>>,
    /// How much longer it is taken, because its issuer's clock may differ; of a key nothing.
    pub leeway: TimeDelta,
}

impl Caller {
    /// Whether they may.
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }

    /// From when on the token or the key is refused, and whatever runs under it ends, the same on every transport. Of a
    /// token `exp` and the leeway; a key's end was set by the clock that it is compared with.
    pub fn refused_from(&self) -> DateTime<Utc> {
        self.expires_at + self.leeway
    }
}
