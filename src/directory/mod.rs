//! The directory: DingTalk's departments and users as plain values, the snapshot that answers questions about them,
//! and the pure rules that turn an observation into changes. No I/O.

mod change;
mod change_filter;
mod daily;
mod department;
mod epoch;
mod event;
mod facts;
mod field_group;
mod filter;
#[cfg(test)]
pub(crate) mod fixtures;
mod fold;
mod held;
mod held_group;
mod ids;
mod listing;
mod lookalike;
mod membership;
mod order;
mod past;
#[cfg(test)]
mod past_tests;
mod plan;
mod raw;
mod record;
mod record_id;
mod retention;
mod run;
pub mod search;
mod selection;
mod shared_text;
mod shown;
mod snapshot;
mod user;
mod verdict;
mod verification;

pub use change::{Cause, CauseKind, Change, ChangeKind, ChangeSet, FieldChange, LoggedChange};
pub use change_filter::ChangeFilter;
pub use daily::{DayFigure, DaySpan, Passage, Passages};
pub use department::DepartmentFacts;
pub use epoch::Epoch;
pub use event::{DirectoryEvent, EventChannel, EventKind, ReceivedEvent};
pub use field_group::FieldGroup;
pub use filter::{
    DEEPEST, DepartmentCondition, DepartmentFilter, Filter, FilterTooLarge, LeaderOf, MOST_CONDITIONS, TextTest,
    UserCondition, UserFilter,
};
pub use fold::{fold, fold_key, fold_mobile};
pub use held::{HeldRemoval, HeldState, Holds, LATELY, RemovalLimits, RemovedLately};
pub use held_group::{HeldGroup, HeldGroupKey, held_groups};
pub use ids::{DeptId, MOST_LEVELS, Revision, UserId};
pub use listing::{DepartmentList, DepartmentUserList, DepartmentUserPlace, ForestPlace, MemberList, UserList};
pub use lookalike::{looks_like, odd_character};
pub use membership::Membership;
pub use order::{DepartmentOrder, Place, SortKey, SortValue, UserOrder};
pub use past::{FormerEntry, Undo};
pub use plan::{
    AskTimes, AskedAt, Decision, DepartmentSource, Observation, Readings, Removals, Trace, UserSource, decide, plan,
    withheld,
};
pub use raw::Raw;
pub use record::{Department, GoneCause, RecordState, Standing, User};
pub use record_id::{ChangedEntity, EntityKind, RecordId};
pub use retention::Retention;
pub use run::{
    COMMAND_LINE, EntryError, PhaseTimes, RunCounts, RunEvidence, RunMode, RunPhase, RunProgress, RunState, RunTrigger,
    SyncRun, Verdict,
};
pub use selection::{DepartmentSelection, Fallout, fallout};
pub use shared_text::SharedText;
pub use shown::ShownChange;
#[cfg(test)]
pub(crate) use shown::{BIG_INTS, shown_fields};
pub use snapshot::{ManagementChain, MemberPlace, ReportCount, Snapshot, SnapshotHandle, TreePlace};
pub use user::UserFacts;
pub use verdict::{Absence, Evidence, Judgement, absence, judge};
pub use verification::{RoundTurn, Verification, Whole};
