//! Behaviour, through real HTTP, real databases and the simulator.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod simulator;
mod tidy;
