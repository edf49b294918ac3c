//! Syncs from the simulator into the mirror.

mod again;
mod anything;
mod approved;
mod away;
mod barred;
mod company;
mod convergence;
mod distrust;
mod dry_run;
mod due;
mod forgetting;
mod moved_out;
mod one_flaw;
mod order;
mod real_time;
mod reconcile;
mod removals;
mod resume;
mod rig;
mod runs;
mod second_look;
mod selected;
mod untold;
