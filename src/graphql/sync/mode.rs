//! What a sync reads, and whether it writes.

use async_graphql::Enum;

use crate::directory;

/// What a sync reads, and whether it writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "directory::RunMode")]
pub enum SyncMode {
    /// Every department, everybody's list entry, and the record of whoever is new or changed (where a server starts it
    /// by itself, also those that were not verified for longest); where bulk reading is not available, everybody's
    /// record. In bulk reading what only a person's own record tells, the manager and the roles, is not read again of
    /// those whose list entry is as it was (`evidence { usersByListAlone }`): a change of those alone is found by its
    /// event or by the round of re-reading.
    Full,
    /// The whole structure, the records of whoever is new or differs, and those that were not verified for longest, as
    /// many as the budget of calls an hour allows. What the timer does.
    Reconcile,
    /// As FULL, but nothing is written: what would change is listed by the run's `changes`.
    DryRun,
}
