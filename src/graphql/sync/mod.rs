//! Sync runs: starting them, their course and changes, and the removals that they hold.

pub(crate) mod change;
pub(crate) mod evidence;
pub(crate) mod held_removals;
pub(crate) mod mode;
pub(crate) mod run;
pub(crate) mod start;
