//! Which history of the database a number belongs to.

use std::{fmt, sync::Arc};

/// One unbroken history of the database. A failover to a standby, a restored backup or another database begins the next
/// one: what was acknowledged last may be missing there, and its numbers (revisions, versions, places in the log) may
/// be given anew.
///
/// Opaque text, compared as a whole: `1-9f3c21ab07d4`, the number of the epoch and chance.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Epoch(Arc<str>);

impl Epoch {
    /// The epoch that this text names.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How many there were before in this database, and one.
    pub fn number(&self) -> u64 {
        let number = self.0.split('-').next().unwrap_or_default();
        number.parse().unwrap_or(0)
    }
}

/// Of no database yet.
impl Default for Epoch {
    fn default() -> Self {
        Self(Arc::from(""))
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
