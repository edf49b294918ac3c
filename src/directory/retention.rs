//! How long the past is kept.

use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

/// How long what was done stays on record; `None`: for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Sync runs, with what they could not read. The newest run, the last that finished and the last COMPLETE one of
    /// each mode stay.
    pub runs: Option<Duration>,
    /// Entries of the change log. The newest stays.
    pub changes: Option<Duration>,
    /// Entries of the audit log.
    pub audit_log: Option<Duration>,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            runs: Some(90 * DAY),
            changes: Some(365 * DAY),
            audit_log: Some(400 * DAY),
        }
    }
}
