//! How many requests of a call may count against the monthly quota.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering::Relaxed},
};

use super::error::ErrorKind;

/// Counts the requests of one call, or of a few. Cheap to clone; clones count together.
#[derive(Debug, Clone, Default)]
pub struct Tally(Arc<AtomicU32>);

impl Tally {
    /// Requests so far that DingTalk may have counted: one that is cut short may have arrived.
    pub fn requests(&self) -> u32 {
        self.0.load(Relaxed)
    }

    /// A request leaves.
    pub(super) fn leaves(&self) {
        self.0.fetch_add(1, Relaxed);
    }

    /// It failed so.
    pub(super) fn failed(&self, kind: ErrorKind) {
        if !may_count(kind) {
            self.0.fetch_sub(1, Relaxed);
        }
    }
}

/// Throttled calls don't count (`docs/dingtalk.md#rate-limits-and-bans`), nor does what never reached DingTalk, or what
/// there was no call left for.
const fn may_count(kind: ErrorKind) -> bool {
    !matches!(
        kind,
        ErrorKind::NotSent
            | ErrorKind::Cancelled
            | ErrorKind::Throttled
            | ErrorKind::Banned
            | ErrorKind::QuotaExhausted
            | ErrorKind::BadToken
    )
}
