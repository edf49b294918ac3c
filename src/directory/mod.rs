//! The directory: DingTalk's departments and users as plain values, the snapshot that answers questions about them,
//! and the pure rules that turn an observation into changes. No I/O.

mod change;
mod department;
mod ids;
mod record;
mod run;
mod user;

pub use change::{Cause, Change, ChangeKind, ChangeSet, EntityKind, FieldChange, LoggedChange};
pub use department::DepartmentFacts;
pub use ids::{DeptId, Revision, UserId};
pub use record::{Department, GoneCause, RecordState, Standing, User};
pub use run::{EntryError, RunCounts, RunPhase, RunProgress, RunState, RunTrigger, SyncRun, Verdict};
pub use user::{Membership, UserFacts};
mod snapshot;
pub use snapshot::{Snapshot, SnapshotHandle};
