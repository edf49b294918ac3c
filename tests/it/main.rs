//! Behaviour, through real HTTP, real databases and the simulator.

mod simulator;
mod tidy;
