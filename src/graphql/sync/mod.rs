//! Sync runs: starting them, their course and changes, and the removals that they hold.

pub(super) mod change;
pub(super) mod event_channel;
pub(super) mod evidence;
pub(super) mod held_groups;
pub(super) mod held_removals;
pub(super) mod mode;
pub(super) mod phases;
pub(super) mod run;
pub(super) mod start;
