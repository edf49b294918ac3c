//! Full syncs from the simulator into the mirror.

mod convergence;
mod distrust;
mod rig;
mod runs;
